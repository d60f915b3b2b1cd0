import Glibc

/// A file of the simulated disk: what is surely stored, what readers see, and the writes between.
struct SimulatedFile: Sendable {
    /// What a disk writes whole or not at all.
    static let block = 512
    /// What the kernel keeps, dirties and forgets as one.
    static let page = 4_096

    /// What is left when nothing of `pending` reaches the disk.
    private(set) var durable: [UInt8] = []
    /// What `read` shows.
    private(set) var current: [UInt8] = []
    /// The writes and size changes since the last sync, in order.
    private(set) var pending: [Change] = []
    /// Pages that a failed sync marked clean: readers see bytes which no later sync will write,
    /// unless the page is written to again.
    private var lostPages: Set<Int> = []
    /// Names the file has in the directories as they are seen now.
    var links = 0

    struct Change: Sendable {
        /// Place in the order of all calls to the disk.
        let sequence: Int
        var offset: Int
        /// Empty for a truncation, and for a size whose data a failed sync lost.
        var bytes: [UInt8]
        /// The bytes that the caller wrote; `bytes` may reach to the ends of their pages.
        let written: Range<Int>
        /// The file's size from here on; nil where it stays.
        var size: Int?
    }

    init() {}

    /// A file that is stored already.
    init(stored bytes: [UInt8], links: Int) {
        durable = bytes
        current = bytes
        self.links = links
    }

    /// Whether a crash leaves just what readers see.
    var isSettled: Bool { pending.isEmpty && lostPages.isEmpty }

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, sequence: Int) {
        guard !bytes.isEmpty else { return }
        let end = offset + bytes.count
        let grows = end > current.count
        if grows { current.setSize(end) }
        current.put(bytes, at: offset)
        var range = offset..<end
        if !lostPages.isEmpty {
            // A page is written back whole: what a failed sync left in it comes along.
            let first = offset / Self.page
            let last = (end - 1) / Self.page
            if lostPages.contains(first) { range = first * Self.page..<end }
            if lostPages.contains(last) {
                range = range.lowerBound..<min(current.count, (last + 1) * Self.page)
            }
            lostPages.subtract(first...last)
        }
        pending.append(
            Change(
                sequence: sequence, offset: range.lowerBound, bytes: current.part(range),
                written: offset..<end, size: grows ? end : nil))
    }

    mutating func truncate(to size: Int, sequence: Int) {
        guard size != current.count else { return }
        current.setSize(size)
        pending.append(
            Change(
                sequence: sequence, offset: size, bytes: [], written: size..<size, size: size))
    }

    mutating func synchronize() {
        if lostPages.isEmpty {
            durable = current
        } else {
            for change in pending { durable.apply(change) }
        }
        pending.removeAll()
    }

    /// What ext4, XFS and Btrfs do when a write-back fails: the pages count as clean from now on
    /// and no later sync writes them (Rebello and others, ATC 2020). Sizes are metadata and stay
    /// pending.
    mutating func failToSynchronize(_ outcome: FailedSync) {
        switch outcome {
        case .everythingWritten:
            synchronize()
            return
        case .someWritten(let seed):
            var random = SeededRandom(seed: seed)
            durable = image(.someBlocks, &random, StaleBlocks())
        case .nothingWritten:
            break
        }
        for change in pending where !change.bytes.isEmpty {
            let last = (change.offset + change.bytes.count - 1) / Self.page
            lostPages.formUnion(change.offset / Self.page...last)
        }
        pending = pending.compactMap { change in
            guard change.size != nil else { return nil }
            var left = change
            left.bytes = []
            return left
        }
    }

    /// Changes the stored bytes behind the back of whoever has the file open.
    mutating func replace(with bytes: [UInt8]) {
        durable = bytes
        current = bytes
        pending = []
        lostPages = []
    }
}

/// What a sync that reported an error had written by then.
package enum FailedSync: Sendable, Equatable {
    case nothingWritten
    /// The data is safe, only nobody knows: the answer was lost.
    case everythingWritten
    /// Some blocks, chosen by the seed.
    case someWritten(seed: UInt64)
}

extension [UInt8] {
    /// Cuts the end off, or appends zeros.
    mutating func setSize(_ size: Int) {
        if size < count {
            removeLast(count - size)
        } else if size > count {
            self += Self.zeros(size - count)
        }
    }

    static func zeros(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let base = buffer.baseAddress { memset(base, 0, count) }
            filled = count
        }
    }

    /// Overwrites what stands at `offset`; the array is long enough.
    mutating func put(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard let source = bytes.baseAddress else { return }
        withUnsafeMutableBytes { all in
            guard let base = all.baseAddress else { return }
            memcpy(base + offset, source, bytes.count)
        }
    }

    func part(_ range: Range<Int>) -> [UInt8] {
        guard !range.isEmpty else { return [] }
        return withUnsafeBytes { all in
            [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
                if let target = buffer.baseAddress, let base = all.baseAddress {
                    memcpy(target, base + range.lowerBound, range.count)
                }
                filled = range.count
            }
        }
    }

    /// Carries out a change whole. Bytes beyond the size it leaves are not seen.
    mutating func apply(_ change: SimulatedFile.Change) {
        if let size = change.size { setSize(size) }
        let seen = Swift.min(change.bytes.count, count - change.offset)
        guard seen > 0 else { return }
        change.bytes.withUnsafeBytes { bytes in
            put(UnsafeRawBufferPointer(rebasing: bytes[..<seen]), at: change.offset)
        }
    }
}
