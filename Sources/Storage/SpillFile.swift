import Glibc
import Primitives

/// Sorted records that did not fit in memory, in a file without a name: gone with the process.
final class SpillFile {
    private let files: Files
    private let path: String
    private let file: FileDescriptor
    private var size = 0
    private static let chunk = 256 * 1024

    /// - Parameter path: a name for the moment between making the file and unlinking it.
    init(_ files: Files, _ path: String, _ buffer: SortBuffer) throws(ShopError) {
        self.files = files
        self.path = path
        file = try files.createNew(path)
        try files.at(path, "remove") { () throws(SystemError) in try files.system.unlink(path) }
        var pending: [UInt8] = []
        pending.reserveCapacity(Self.chunk * 2)
        try buffer.each(0, buffer.entries.count) { (key, value) throws(ShopError) in
            withUnsafeBytes(of: Int32(key.count)) { pending.append(contentsOf: $0) }
            withUnsafeBytes(of: Int32(value?.count ?? -1)) { pending.append(contentsOf: $0) }
            pending.append(contentsOf: key)
            if let value { pending.append(contentsOf: value) }
            if pending.count >= Self.chunk {
                try files.append(file, path, pending)
                size += pending.count
                pending.removeAll(keepingCapacity: true)
            }
        }
        try files.append(file, path, pending)
        size += pending.count
        window.reserveCapacity(Self.chunk)
    }

    deinit { files.close(file) }

    // MARK: - Reading back, once and in order

    private var window: [UInt8] = []
    /// Where in `window` the record shown begins and the next one does.
    private var position = 0
    private var next = 0
    private var read = 0
    private var keyCount = 0
    private var valueCount = 0
    private(set) var isAtEnd = false

    /// Goes to the next record; the first call goes to the first.
    func advance() throws(ShopError) {
        position = next
        guard try fill(8) else {
            isAtEnd = true
            return
        }
        window.withUnsafeBytes {
            keyCount = Int($0.loadUnaligned(fromByteOffset: position, as: Int32.self))
            valueCount = Int($0.loadUnaligned(fromByteOffset: position + 4, as: Int32.self))
        }
        let count = 8 + keyCount + max(0, valueCount)
        guard try fill(count) else {
            throw ShopError.systemCall("read", path, SystemError(code: EIO))
        }
        next = position + count
    }

    /// Makes `count` bytes from `position` on be in the window; false at the file's end.
    private func fill(_ count: Int) throws(ShopError) -> Bool {
        guard window.count - position < count else { return true }
        window.removeSubrange(..<position)
        next -= position
        position = 0
        let wanted = max(count, Self.chunk) - window.count
        let more = try files.read(file, path, at: read, count: min(wanted, size - read))
        read += more.count
        window += more
        return window.count >= count
    }

    /// Shows the record to `visit`.
    func show<R>(
        _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws(ShopError) -> R
    ) throws(ShopError) -> R {
        try window.withBytes { (all) throws(ShopError) in
            let start = position + 8
            let key = UnsafeRawBufferPointer(rebasing: all[start..<start + keyCount])
            let value =
                valueCount < 0
                ? nil
                : UnsafeRawBufferPointer(
                    rebasing: all[start + keyCount..<start + keyCount + valueCount])
            return try visit(key, value)
        }
    }

    /// Whether this record's key is below that of `other`, or the same.
    func order(_ other: SpillFile) -> Int {
        window.withUnsafeBytes { mine in
            other.window.withUnsafeBytes { theirs in
                let left = position + 8
                let right = other.position + 8
                return compareBytes(
                    UnsafeRawBufferPointer(rebasing: mine[left..<left + keyCount]),
                    UnsafeRawBufferPointer(rebasing: theirs[right..<right + other.keyCount]))
            }
        }
    }
}

/// Reads several spill files as one in key order. Of one key the file made last counts.
struct SpillMerge {
    /// A binary heap: the lowest key on top, the latest file first among equals.
    private var heap: [(file: SpillFile, age: Int)] = []

    init(_ files: [SpillFile]) throws(ShopError) {
        for (age, file) in files.enumerated() {
            try file.advance()
            if !file.isAtEnd {
                heap.append((file, age))
                raise(heap.count - 1)
            }
        }
    }

    /// Shows every key once, in order.
    mutating func each(
        _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws(ShopError) -> Void
    ) throws(ShopError) {
        var last: [UInt8] = []
        var isFirst = true
        while let top = heap.first?.file {
            try top.show { (key, value) throws(ShopError) in
                // The same key in an older file.
                let isOld = !isFirst && last.withUnsafeBytes { compareBytes($0, key) == 0 }
                guard !isOld else { return }
                isFirst = false
                last.removeAll(keepingCapacity: true)
                last.append(contentsOf: key)
                try visit(key, value)
            }
            try top.advance()
            if top.isAtEnd {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
            }
            sink(0)
        }
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let order = heap[left].file.order(heap[right].file)
        return order == 0 ? heap[left].age > heap[right].age : order < 0
    }

    private mutating func raise(_ start: Int) {
        var index = start
        while index > 0, precedes(index, (index - 1) / 2) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [index * 2 + 1, index * 2 + 2] where child < heap.count {
                if precedes(child, least) { least = child }
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
