import Glibc

/// Which un-synced changes of a file, or of the directories, a crash leaves.
enum Survival: Sendable {
    case everything
    case nothing
    /// All up to a call, in order; the change of the next call torn, when it is a write.
    case through(sequence: Int, torn: Int?)
    /// The file's own first changes, how many is chosen; the next one perhaps torn.
    case ownPrefix
    /// Any blocks of all changes.
    case someBlocks
    /// Each change by itself, with these chances in eighths.
    case scattered(keep: Int, garble: Int)
}

/// Blocks of other files, to be found where a file grew and its data was not written.
struct StaleBlocks: Sendable {
    var files: [[UInt8]] = []

    /// `count` bytes, from `offset` of a block on, as they may stand where nothing was written, or
    /// only half.
    func garbage(_ count: Int, at offset: Int, _ random: inout SeededRandom) -> [UInt8] {
        switch Int(random.next() % 6) {
        case 0: return [UInt8].zeros(count)
        case 1: return [UInt8](repeating: 0xff, count: count)
        case 2: return Self.noise(count, &random)
        case 3, 4: return Self.repeated(Self.records, count, &random)
        default:
            let candidates = files.filter { $0.count > SimulatedFile.block }
            guard !candidates.isEmpty else { return [UInt8].zeros(count) }
            let file = candidates[Int(random.next() % UInt64(candidates.count))]
            let blocks = file.count / SimulatedFile.block
            let start = Int(random.next() % UInt64(blocks)) * SimulatedFile.block + offset
            var bytes = file.part(start..<min(file.count, start + count))
            bytes.setSize(count)
            return bytes
        }
    }

    private static func noise(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = [UInt8].zeros(count)
        var offset = 0
        while offset < count {
            var word = random.next()
            withUnsafeBytes(of: &word) { source in
                let part = min(8, count - offset)
                bytes.put(UnsafeRawBufferPointer(rebasing: source[..<part]), at: offset)
            }
            offset += 8
        }
        return bytes
    }

    /// Printable, with whole lines in it: what a reader that only looks for newlines would take.
    private static let records = Array(
        """
        {"key":"k1","n":1}
        {"tx":2,"at":"2026-11-23T18:31:07.123Z","prev":"00000000","crc":"00000000"}
        null
        {}

        7 12,"x
        """.utf8)

    private static func repeated(
        _ text: [UInt8], _ count: Int, _ random: inout SeededRandom
    ) -> [UInt8] {
        let start = Int(random.next() % UInt64(text.count))
        var bytes = text.part(start..<text.count)
        while bytes.count < count { bytes += text }
        bytes.setSize(count)
        return bytes
    }
}

extension SimulatedFile {
    /// What becomes of one un-synced change.
    private enum Fate {
        case kept
        case dropped
        /// The size without the data: zeros to read.
        case sizeOnly
        /// The first blocks of it, and one of the sizes on the way.
        case torn
        /// Any of its blocks; the size as it comes.
        case mixed
        /// The new size, and something else in some of its blocks.
        case garbled
    }

    /// The file as a crash leaves it.
    ///
    /// A block holds one of the versions that memory held of it since the last sync; the size is
    /// one of the sizes. Only bytes that an un-synced change wrote are ever garbled: a disk does
    /// not spoil the bytes beside them (SQLite's "powersafe overwrite").
    func image(
        _ survival: Survival, _ random: inout SeededRandom, _ stale: StaleBlocks
    ) -> [UInt8] {
        guard !pending.isEmpty else { return durable }
        if case .nothing = survival { return durable }
        var own = 0
        if case .ownPrefix = survival { own = Int(random.next() % UInt64(pending.count + 1)) }
        var image = CrashImage(durable: durable)
        for (index, change) in pending.enumerated() {
            let fate: Fate
            switch survival {
            case .everything: fate = .kept
            case .nothing: fate = .dropped
            case .through(let sequence, let torn):
                fate =
                    change.sequence <= sequence
                    ? .kept : change.sequence == torn ? Self.tear(&random) : .dropped
            case .ownPrefix:
                fate = index < own ? .kept : index == own ? Self.tear(&random) : .dropped
            case .someBlocks: fate = .mixed
            case .scattered(let keep, let garble):
                fate = Self.scatter(keep, garble, &random)
            }
            image.take(change, fate, &random, stale)
        }
        return image.result
    }

    private static func tear(_ random: inout SeededRandom) -> Fate {
        switch Int(random.next() % 4) {
        case 0: .garbled
        case 1: random.next() % 2 == 0 ? .mixed : .sizeOnly
        default: .torn
        }
    }

    private static func scatter(_ keep: Int, _ garble: Int, _ random: inout SeededRandom) -> Fate {
        if Int(random.next() % 8) < garble { return .garbled }
        if keep > 0, keep < 8 {
            switch random.next() % 12 {
            case 0: return .torn
            case 1: return .mixed
            case 2: return .sizeOnly
            default: break
            }
        }
        return Int(random.next() % 8) < keep ? .kept : .dropped
    }

    /// A file's blocks on their way to the disk.
    private struct CrashImage {
        /// What memory held after the change being looked at.
        private var memory: [UInt8]
        /// The blocks that got to the disk, whatever the size there.
        private var disk: [UInt8]
        private var size: Int

        init(durable: [UInt8]) {
            memory = durable
            disk = durable
            size = durable.count
        }

        var result: [UInt8] {
            var bytes = disk
            bytes.setSize(size)
            return bytes
        }

        mutating func take(
            _ change: Change, _ fate: Fate, _ random: inout SeededRandom, _ stale: StaleBlocks
        ) {
            let before = memory.count
            memory.apply(change)
            guard !change.bytes.isEmpty else {
                if fate != .dropped, let after = change.size { size = after }
                return
            }
            let end = min(change.offset + change.bytes.count, memory.count)
            let first = change.offset / SimulatedFile.block
            let blocks = (end + SimulatedFile.block - 1) / SimulatedFile.block - first
            switch fate {
            case .kept:
                copy(first..<first + blocks)
                if let after = change.size { size = after }
            case .dropped:
                break
            case .sizeOnly:
                if let after = change.size { size = after }
            case .torn:
                let kept = Int(random.next() % UInt64(blocks + 1))
                copy(first..<first + kept)
                guard let after = change.size else { break }
                let boundary = max(before, (first + kept) * SimulatedFile.block)
                switch random.next() % 3 {
                case 0: size = after
                case 1: size = min(after, boundary)
                default: break
                }
            case .mixed:
                for block in first..<first + blocks where random.next() % 2 == 0 {
                    copy(block..<block + 1)
                }
                if let after = change.size, random.next() % 4 != 0 { size = after }
            case .garbled:
                for block in first..<first + blocks {
                    copy(block..<block + 1)
                    guard random.next() % 2 == 0 else { continue }
                    let range = (block * SimulatedFile.block..<(block + 1) * SimulatedFile.block)
                        .clamped(to: change.written)
                    let bytes = stale.garbage(
                        range.count, at: range.lowerBound % SimulatedFile.block, &random)
                    bytes.withUnsafeBytes { disk.put($0, at: range.lowerBound) }
                }
                if let after = change.size { size = after }
            }
        }

        /// Brings blocks to the disk as memory holds them now.
        private mutating func copy(_ blocks: Range<Int>) {
            let range =
                blocks.lowerBound
                * SimulatedFile.block..<min(
                    blocks.upperBound * SimulatedFile.block, memory.count)
            guard !range.isEmpty else { return }
            if disk.count < range.upperBound { disk.setSize(range.upperBound) }
            memory.withUnsafeBytes { bytes in
                disk.put(UnsafeRawBufferPointer(rebasing: bytes[range]), at: range.lowerBound)
            }
        }
    }
}
