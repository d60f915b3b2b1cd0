import Glibc
package import Primitives

/// Sorts any number of records by key in bounded memory: those that do not fit wait in temporary
/// files without a name. For what an import must bring together before it can be stored.
package final class Sorter {
    private let files: Files
    private let path: String
    private let buffer: SortBuffer
    private var spills: [SpillFile] = []

    fileprivate init(_ files: Files, _ path: String, capacity: Int) {
        self.files = files
        self.path = path
        buffer = SortBuffer(capacity: capacity)
    }

    /// Adds a record; of one key the last one counts.
    ///
    /// - Parameter key: any bytes, in whose order the records come back.
    package func add(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(ShopError) {
        guard !buffer.add(key, value) else { return }
        try spill()
        // What an import brings together is far smaller than the buffer.
        guard buffer.add(key, value) else { preconditionFailure("a record too large") }
    }

    private func spill() throws(ShopError) {
        buffer.sort()
        spills.append(try SpillFile(files, "\(path)-\(spills.count)", buffer))
        buffer.removeAll()
    }

    /// Shows all records in key order, once.
    package func each(
        _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(ShopError) -> Void
    ) throws(ShopError) {
        let show = {
            (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)
                throws(ShopError) in
            if let value { try visit(key, value) }
        }
        guard !spills.isEmpty else {
            buffer.sort()
            try buffer.each(0, buffer.entries.count, show)
            return
        }
        try spill()
        var merge = try SpillMerge(spills)
        try merge.each(show)
    }
}

extension Store {
    /// - Parameter name: tells the temporary files of this process apart.
    package func sorter(_ name: String) -> Sorter {
        let path = "\(paths.root)/index/\(name)-\(getpid()).spill"
        return Sorter(files, path, capacity: max(thresholds.loadBufferBytes, 64 * 1024))
    }
}

/// Looks up keys of one collection that come in rising order, reading each block once at most.
package final class RisingLookup {
    private let view: View
    package let collection: String
    private var cursor: MergedCursor?
    /// So many records are passed over one by one; what lies farther away is searched for.
    private static let stride = 64

    package init(_ view: View, _ collection: String) {
        self.view = view
        self.collection = collection
    }

    /// The record of a key, nil where there is none; valid until the next call.
    ///
    /// - Parameter key: inside the collection, not below the one before.
    package func find(
        _ key: UnsafeRawBufferPointer
    ) throws(ShopError) -> UnsafeRawBufferPointer? {
        let cursor = try seek(key)
        guard !cursor.isAtEnd, compareBytes(cursor.key, key) == 0 else { return nil }
        return cursor.record
    }
    /// Shows the keys that begin with `prefix`, which is not below the key before.
    package func each(
        under prefix: UnsafeRawBufferPointer,
        _ visit: (UnsafeRawBufferPointer) throws(ShopError) -> Void
    ) throws(ShopError) {
        let cursor = try seek(prefix)
        while !cursor.isAtEnd, cursor.key.count >= prefix.count,
            compareBytes(UnsafeRawBufferPointer(rebasing: cursor.key[..<prefix.count]), prefix) == 0
        {
            try visit(cursor.key)
            try cursor.advance()
        }
    }

    /// Goes to the first record whose key is not below `key`.
    private func seek(_ key: UnsafeRawBufferPointer) throws(ShopError) -> MergedCursor {
        var passed = 0
        while let cursor, !cursor.isAtEnd, passed < Self.stride, compareBytes(cursor.key, key) < 0 {
            try cursor.advance()
            passed += 1
        }
        guard let cursor, passed < Self.stride else {
            let prefix = Array("\(collection)/".utf8)
            let range = KeyRange(from: prefix + key, to: KeyRange(collection: collection).to)
            let found = try view.mergedCursor(range, .ascending)
            cursor = found
            return found
        }
        return cursor
    }
}
