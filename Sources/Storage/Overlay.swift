import Primitives

/// Recent changes in memory: for every key the latest record, or that it was removed.
///
/// Holds the unfolded tail of the journal, and the changes of a transaction being made. An
/// open-addressing table over one byte buffer: no allocation per key, no hashing of Strings.
struct Overlay {
    struct Entry {
        var keyStart: Int
        var keyCount: Int
        var valueStart: Int
        /// -1: the record was removed.
        var valueCount: Int
        /// The transaction that made it; 0 while it is being made.
        var tx: Int
    }

    /// Keys and records; entries point into it.
    private(set) var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []
    /// Index into `entries` plus one, or 0; a power of two long, at most half full.
    private var slots: [Int32] = []
    /// How many keys have an entry; entries superseded by a later one are not counted.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    func find(_ key: UnsafeRawBufferPointer) -> Entry? {
        guard !slots.isEmpty else { return nil }
        let index = slots[slot(of: key)]
        return index == 0 ? nil : entries[Int(index) - 1]
    }

    func find(_ key: [UInt8]) -> Entry? {
        key.withUnsafeBytes { find($0) }
    }

    func value(of entry: Entry) -> [UInt8]? {
        guard entry.valueCount >= 0 else { return nil }
        return Array(bytes[entry.valueStart..<entry.valueStart + entry.valueCount])
    }

    func key(of entry: Entry) -> [UInt8] {
        Array(bytes[entry.keyStart..<entry.keyStart + entry.keyCount])
    }

    /// Shows the key and record of an entry; nil for a removal.
    func withBytes(
        of entry: Entry,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws(ShopError) -> Void
    ) throws(ShopError) {
        try bytes.withBytes { (text) throws(ShopError) in
            let key = UnsafeRawBufferPointer(
                rebasing: text[entry.keyStart..<entry.keyStart + entry.keyCount])
            let value =
                entry.valueCount < 0
                ? nil
                : UnsafeRawBufferPointer(
                    rebasing: text[entry.valueStart..<entry.valueStart + entry.valueCount])
            try body(key, value)
        }
    }

    /// Takes over bytes that entries will point into; returns where they begin.
    mutating func append(_ text: UnsafeRawBufferPointer) -> Int {
        let start = bytes.count
        bytes.append(contentsOf: text)
        return start
    }

    /// The same, which leaves the first text, mostly the only one, where it was read to.
    mutating func append(_ text: [UInt8]) -> Int {
        guard bytes.isEmpty else { return text.withUnsafeBytes { append($0) } }
        bytes = text
        return 0
    }

    /// Forgets the text after `count`, into which no entry points.
    mutating func dropText(after count: Int) {
        if count < bytes.count { bytes.removeSubrange(count...) }
    }

    /// Makes the table large enough for so many more keys.
    mutating func makeRoom(for more: Int) {
        if (count + more) * 2 > slots.count { grow(to: (count + more) * 2) }
        entries.reserveCapacity(entries.count + more)
    }

    /// Records a change whose key and value are already in `bytes`.
    mutating func insert(_ entry: Entry) {
        if (count + 1) * 2 > slots.count { grow(to: slots.count * 2) }
        entries.append(entry)
        let number = Int32(entries.count)
        let place = bytes.withUnsafeBytes {
            slot(
                of: UnsafeRawBufferPointer(
                    rebasing: $0[entry.keyStart..<entry.keyStart + entry.keyCount]))
        }
        if slots[place] == 0 { count += 1 }
        slots[place] = number
    }

    mutating func set(_ key: [UInt8], _ value: [UInt8]?, tx: Int) {
        let keyStart = bytes.count
        bytes.append(contentsOf: key)
        let valueStart = bytes.count
        if let value { bytes.append(contentsOf: value) }
        insert(
            Entry(
                keyStart: keyStart, keyCount: key.count, valueStart: valueStart,
                valueCount: value?.count ?? -1, tx: tx))
    }

    /// The live entries in key order, those of `range` only where one is given.
    func sorted(in range: KeyRange? = nil) -> [Entry] {
        bytes.withUnsafeBytes { text in
            func key(_ entry: Entry) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(
                    rebasing: text[entry.keyStart..<entry.keyStart + entry.keyCount])
            }
            var live: [Entry] = []
            for index in slots where index != 0 {
                let entry = entries[Int(index) - 1]
                if let range, !range.contains(key(entry)) { continue }
                live.append(entry)
            }
            live.sort { compareBytes(key($0), key($1)) < 0 }
            return live
        }
    }

    /// The latest entries in the order their keys were first set last.
    var liveInOrder: [Entry] {
        var live: [Entry] = []
        for (position, entry) in entries.enumerated() {
            let place = bytes.withUnsafeBytes {
                slot(
                    of: UnsafeRawBufferPointer(
                        rebasing: $0[entry.keyStart..<entry.keyStart + entry.keyCount]))
            }
            if Int(slots[place]) == position + 1 { live.append(entry) }
        }
        return live
    }

    // MARK: - The table

    private mutating func grow(to least: Int) {
        let live = slots.filter { $0 != 0 }
        var room = 64
        while room < least { room *= 2 }
        slots = [Int32](repeating: 0, count: room)
        for index in live {
            let entry = entries[Int(index) - 1]
            let place = bytes.withUnsafeBytes {
                slot(
                    of: UnsafeRawBufferPointer(
                        rebasing: $0[entry.keyStart..<entry.keyStart + entry.keyCount]))
            }
            slots[place] = index
        }
    }

    /// The slot that holds `key`, or the free one where it belongs.
    private func slot(of key: UnsafeRawBufferPointer) -> Int {
        let mask = slots.count - 1
        var place = Self.hash(key) & mask
        while true {
            let index = slots[place]
            if index == 0 { return place }
            let entry = entries[Int(index) - 1]
            let same = bytes.withUnsafeBytes { text in
                compareBytes(
                    UnsafeRawBufferPointer(
                        rebasing: text[entry.keyStart..<entry.keyStart + entry.keyCount]),
                    key) == 0
            }
            if same { return place }
            place = (place + 1) & mask
        }
    }

    /// FNV-1a, folded; the keys are our own, so there is nobody to defend the table against
    /// but customers who choose their e-mail address, and a probe costs them nothing.
    private static func hash(_ key: UnsafeRawBufferPointer) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7fff_ffff_ffff_ffff)
    }
}
