import Formats
package import Primitives

/// Where a bulk load came from, as its journal line states it.
package struct BulkSource: Sendable, Equatable {
    package var name: String
    package var bytes: Int
    package var crc: UInt32
    package var records: Int

    package init(name: String, bytes: Int, crc: UInt32, records: Int) {
        self.name = name
        self.bytes = bytes
        self.crc = crc
        self.records = records
    }

    func write(to writer: inout JSONWriter) {
        writer.name("source")
        writer.beginObject()
        writer.member("name", name)
        writer.member("bytes", Int64(bytes))
        writer.member("crc", CRC32.hex(crc))
        writer.member("records", Int64(records))
        writer.endObject()
    }
}

extension Store {
    /// Makes the changes of `body` durable as new segments instead of a journal line each: an
    /// import of any size is one transaction, all or nothing.
    ///
    /// The segments that hold the changed keys are merged with them into new ones; the journal
    /// gets one line that names those files with their checksums, and is the commit point. A
    /// crash after it is finished by the next writer, who publishes what the line names.
    ///
    /// - Throws: as `transact`; `data-directory-locked` when another process merges or imports.
    package func load<R>(
        _ stamp: Stamp, from source: (R) -> BulkSource,
        _ body: (Transaction) throws(ShopError) -> R
    ) throws(ShopError) -> R {
        let result = try holdingCompaction { () throws(ShopError) -> R in
            try acquire()
            defer { release() }
            // From here on the tail is empty, so no change of it can hide the new segments.
            try fold()
            guard let generation else { throw .notAShop(paths.root) }
            let time = max(stamp.at, Timestamp(rfc3339: generation.tail.at) ?? stamp.at)
            let transaction = Transaction(generation, time: time)
            let result = try body(transaction)
            var stamp = stamp
            stamp.at = time
            try commitLoad(transaction, stamp, source(result), generation)
            return result
        }
        guard let result else { throw .dataDirectoryLocked(paths.root, try watermark(), 0) }
        return result
    }

    private func commitLoad(
        _ transaction: Transaction, _ stamp: Stamp, _ source: BulkSource, _ generation: Generation
    ) throws(ShopError) {
        var manifest = generation.manifest
        let tx = generation.tail.tx + 1
        var loaded: [Manifest.Collection] = []
        for collection in layout.collections {
            let range = KeyRange(collection: collection.name)
            guard transaction.hasChanges(in: range) else { continue }
            let segments = try loadSegments(transaction, collection, tx, &manifest)
            loaded.append(Manifest.Collection(name: collection.name, segments: segments))
            try files.synchronizeDirectory("\(paths.root)/\(collection.directory)")
        }
        guard !loaded.isEmpty else { return }
        let line = JournalLine.encode(
            tx: tx, stamp: stamp, ids: transaction.ids, changes: [], loaded: loaded,
            source: source, prev: generation.tail.crc)
        try commit(line.bytes, to: generation)
        // The load is stored: what fails from here on is done by the next writer.
        do throws(ShopError) {
            _ = try publishLoaded(generation)
        } catch {
            self.generation = nil
            warn("the import is stored; the next command publishes it: \(error.message)")
        }
    }

    /// The collection's segments with the changes merged in; those without changes stay.
    private func loadSegments(
        _ transaction: Transaction, _ collection: Layout.Collection, _ tx: Int,
        _ manifest: inout Manifest
    ) throws(ShopError) -> [Manifest.TableFile] {
        let old = transaction.generation.segments(of: collection.name)
        guard !old.isEmpty else {
            let cursor = try transaction.mergedCursor(
                KeyRange(collection: collection.name), .ascending)
            return try writeSegments(
                from: cursor, of: collection, covering: [], upTo: tx, &manifest)
        }
        var segments: [Manifest.TableFile] = []
        for (index, segment) in old.enumerated() {
            let range = Self.range(of: index, in: old, collection.name)
            if transaction.hasChanges(in: range) {
                let cursor = try transaction.mergedCursor(range, .ascending)
                segments += try writeSegments(
                    from: cursor, of: collection, covering: segment.first, upTo: tx, &manifest)
            } else {
                segments.append(segment)
            }
        }
        return segments
    }
}
