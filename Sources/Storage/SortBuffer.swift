import Glibc
import Primitives

/// Records in memory on their way into sorted files: a bounded stretch of bytes, and one small
/// entry each that says where its record is.
///
/// Of one key the record that was added last counts; nil as a record is a removal.
final class SortBuffer {
    struct Entry {
        /// Eight bytes of the key, so that most comparisons touch no other memory: the first
        /// ones, and after sorting those that follow what all keys have in common.
        var prefix: UInt64
        let start: UInt32
        let keyCount: UInt32
        /// -1: the record is removed.
        let valueCount: Int32
    }

    private static let largePage = 2 * 1024 * 1024
    private let bytes: UnsafeMutableRawPointer
    let capacity: Int
    private var count = 0
    private var list: UnsafeMutablePointer<Entry>
    private var listCapacity = 64
    private var listCount = 0
    private var isSorted = true

    /// Valid until the next one is added.
    var entries: UnsafeBufferPointer<Entry> {
        UnsafeBufferPointer(start: list, count: listCount)
    }

    /// - Parameter capacity: bytes of keys and records; one larger record is taken all the same.
    init(capacity: Int) {
        self.capacity = capacity
        // A buffer is filled once from end to end: in pages of 2 MiB it takes the kernel few steps.
        let page = capacity >= Self.largePage ? Self.largePage : 16
        bytes = UnsafeMutableRawPointer.allocate(byteCount: max(1, capacity), alignment: page)
        if page > 16 { madvise(bytes, capacity / page * page, MADV_HUGEPAGE) }
        list = .allocate(capacity: listCapacity)
    }

    deinit {
        bytes.deallocate()
        list.deallocate()
    }

    var isEmpty: Bool { entries.isEmpty }

    /// - Returns: false when there is no room left for it.
    func add(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Bool {
        let size = key.count + (value?.count ?? 0)
        guard count + size <= capacity else { return false }
        let room = UnsafeMutableRawBufferPointer(start: bytes + count, count: size)
        room.copyMemory(from: key)
        if let value {
            UnsafeMutableRawBufferPointer(rebasing: room[key.count...]).copyMemory(from: value)
        }
        let entry = Entry(
            prefix: Self.prefix(of: key), start: UInt32(count), keyCount: UInt32(key.count),
            valueCount: value.map { Int32($0.count) } ?? -1)
        if isSorted, listCount > 0, !precedes(list[listCount - 1], entry) { isSorted = false }
        append(entry)
        count += size
        return true
    }

    private func append(_ entry: Entry) {
        if listCount == listCapacity {
            let larger = UnsafeMutablePointer<Entry>.allocate(capacity: listCapacity * 2)
            larger.moveInitialize(from: list, count: listCount)
            list.deallocate()
            list = larger
            listCapacity *= 2
        }
        (list + listCount).initialize(to: entry)
        listCount += 1
    }

    static func prefix(of key: UnsafeRawBufferPointer) -> UInt64 {
        if key.count >= 8 { return UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)) }
        var prefix: UInt64 = 0
        for position in 0..<8 {
            prefix = prefix << 8 | UInt64(position < key.count ? key[position] : 0)
        }
        return prefix
    }

    func key(of entry: Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + Int(entry.start), count: Int(entry.keyCount))
    }

    func value(of entry: Entry) -> UnsafeRawBufferPointer? {
        guard entry.valueCount >= 0 else { return nil }
        return UnsafeRawBufferPointer(
            start: bytes + Int(entry.start) + Int(entry.keyCount), count: Int(entry.valueCount))
    }

    /// By key; of one key, the one that was added first.
    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        let order = compareBytes(key(of: left), key(of: right))
        return order == 0 ? left.start < right.start : order < 0
    }

    /// Whether all keys of the sorted buffer are above `key`.
    func isAbove(_ key: UnsafeRawBufferPointer) -> Bool {
        guard let first = entries.first else { return true }
        return compareBytes(key, self.key(of: first)) < 0
    }

    /// What the entries from `start` on take.
    func bytes(from start: Int) -> Int {
        entries[start...].reduce(0) { $0 + Int($1.keyCount) + max(0, Int($1.valueCount)) }
    }

    /// Sorts the entries; none is added after that.
    func sort() {
        guard !isSorted else { return }
        let shared = sharedCount
        for index in 0..<listCount {
            let rest = UnsafeRawBufferPointer(rebasing: key(of: list[index])[shared...])
            list[index].prefix = Self.prefix(of: rest)
        }
        var sorted = UnsafeMutableBufferPointer(start: list, count: listCount)
        sorted.sort(by: precedes)
        isSorted = true
    }

    /// How many bytes all keys begin with alike: customers' keys may share their first eight.
    private var sharedCount: Int {
        guard let first = entries.first.map({ key(of: $0) }) else { return 0 }
        var shared = first.count
        for entry in entries {
            let key = key(of: entry)
            shared = min(shared, key.count)
            let (mine, theirs) = (
                UnsafeRawBufferPointer(rebasing: key[..<shared]),
                UnsafeRawBufferPointer(rebasing: first[..<shared])
            )
            guard compareBytes(mine, theirs) != 0 else { continue }
            shared = (0..<shared).first { key[$0] != first[$0] } ?? shared
        }
        return shared
    }

    /// Shows the records of the sorted entries from `start` to `end`, the last one of each key.
    func each(
        _ start: Int, _ end: Int,
        _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws(ShopError) -> Void
    ) throws(ShopError) {
        for index in start..<end {
            let entry = entries[index]
            if index + 1 < entries.count, entries[index + 1].prefix == entry.prefix,
                compareBytes(key(of: entry), key(of: entries[index + 1])) == 0
            {
                continue
            }
            try visit(key(of: entry), value(of: entry))
        }
    }

    /// Position after the last entry with the key of entry `index`.
    func endOfKey(at index: Int) -> Int {
        var end = index + 1
        let key = key(of: entries[index])
        while end < entries.count, compareBytes(key, self.key(of: entries[end])) == 0 { end += 1 }
        return end
    }

    /// Moves the entries from `start` on into an empty buffer.
    func moveRest(from start: Int, to other: SortBuffer) {
        for entry in entries[start...] { _ = other.add(key(of: entry), value(of: entry)) }
    }

    func removeAll() {
        listCount = 0
        count = 0
        isSorted = true
    }
}

/// Buffers that were written out, to be filled again: fresh memory costs as much as what is put
/// into it. Used by the thread that fills them and by the one that empties them.
final class SpareBuffers: @unchecked Sendable {
    private let capacity: Int
    private var spare: [SortBuffer] = []
    private var lock = pthread_mutex_t()

    /// - Parameter capacity: of each buffer.
    init(capacity: Int) {
        self.capacity = capacity
        pthread_mutex_init(&lock, nil)
    }

    deinit { pthread_mutex_destroy(&lock) }

    /// An empty buffer.
    func take() -> SortBuffer {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        return spare.popLast() ?? SortBuffer(capacity: capacity)
    }

    /// Takes back a buffer that nobody uses any longer.
    func give(_ buffer: SortBuffer) {
        guard buffer.capacity == capacity else { return }
        buffer.removeAll()
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        spare.append(buffer)
    }
}
