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
    /// ```
    ///   fold ─▶ body: new segments beside the old ones ─▶ sync them ─▶ one journal line ─▶ publish
    ///    LOCK    (others read and write meanwhile)            LOCK    (the commit point)
    /// ```
    /// The line names the new files with their checksums; a crash after it is finished by the
    /// next writer, who publishes what the line names. The new segments hold the state of the
    /// moment the load began; what others commit meanwhile is newer and shows over them.
    ///
    /// - Parameter excludingOthers: keep the writer's lock all the time, for loads that change
    ///   what every command changes, such as the last numbers given.
    /// - Throws: as `transact`; `data-directory-locked` when another process merges or imports;
    ///   `overtaken` (75) when others changed the same records meanwhile.
    package func load<R>(
        _ stamp: Stamp, from source: (R) -> BulkSource, excludingOthers: Bool = false,
        _ body: (Load) throws(ShopError) -> R
    ) throws(ShopError) -> R {
        try settle()
        let result = try holdingCompaction { () throws(ShopError) -> R in
            try acquire()
            var isHeld = true
            defer { if isHeld { release() } }
            // From here on the tail is empty: all that it will hold is newer than the load.
            try fold()
            guard let generation else { throw .notAShop(paths.root) }
            let time = max(stamp.at, Timestamp(rfc3339: generation.tail.at) ?? stamp.at)
            let load = Load(self, generation, time: time)
            if !excludingOthers {
                release()
                isHeld = false
            }
            do throws(ShopError) {
                let result = try body(load)
                let loaded = try load.finish()
                guard !loaded.isEmpty else { return result }
                if !isHeld {
                    try acquire()
                    isHeld = true
                }
                try commit(load, loaded, stamp, source(result))
                return result
            } catch {
                load.abandon()
                removeLeftovers()
                throw error
            }
        }
        guard let result else { throw .dataDirectoryLocked(paths.root, try watermark(), 0) }
        return result
    }

    private func commit(
        _ load: Load, _ loaded: [Manifest.Collection], _ stamp: Stamp, _ source: BulkSource
    ) throws(ShopError) {
        guard let newest = generation else { throw .notAShop(paths.root) }
        let began = load.generation.manifest
        // Only a journal that had to move makes a generation while a load goes on.
        guard newest.manifest.runs == began.runs, newest.collections == began.collections else {
            throw .overtaken(nil)
        }
        try checkForConflicts(load, loaded, newest)
        var stamp = stamp
        stamp.at = max(load.time, Timestamp(rfc3339: newest.tail.at) ?? load.time)
        let line = JournalLine.encode(
            tx: newest.tail.tx + 1, stamp: stamp, ids: [], changes: [], loaded: loaded,
            source: source, prev: newest.tail.crc)
        try commit(line, to: newest)
        // The load is stored: what fails from here on is done by the next writer.
        do throws(ShopError) {
            try sweep(keeping: try publishLoaded(newest).manifest)
        } catch {
            self.generation = nil
            warn("the import is stored; the next command publishes it: \(error.message)")
        }
    }

    /// Takes away what a load that failed has written; what cannot be, the next step sweeps.
    private func removeLeftovers() {
        guard let generation, !isPoisoned else { return }
        do throws(ShopError) { try sweep(keeping: generation.manifest, thoroughly: true) } catch {}
    }

    /// Refuses a load when a record that it changed was changed by somebody else meanwhile.
    private func checkForConflicts(
        _ load: Load, _ loaded: [Manifest.Collection], _ newest: Generation
    ) throws(ShopError) {
        let tail = newest.tail.overlay
        for collection in loaded {
            for entry in tail.sorted(in: KeyRange(collection: collection.name)) {
                let key = tail.key(of: entry)
                let inner = Array(key.dropFirst(collection.name.utf8.count + 1))
                let isSame = try key.withBytes { (key) throws(ShopError) in
                    try inner.withBytes { (inner) throws(ShopError) in
                        func record(_ segments: Segments) throws(ShopError) -> [UInt8]? {
                            try load.settled(key, inner, try segments.covering(inner))
                        }
                        return try record(Segments(collection, of: load.generation))
                            == record(load.generation.segments(of: collection.name))
                    }
                }
                if !isSame { throw .overtaken(String(decoding: key, as: UTF8.self)) }
            }
        }
    }
}

extension ShopError {
    static func overtaken(_ key: String?) -> ShopError {
        ShopError(
            .locked, "overtaken",
            "the shop changed while the import ran"
                + (key.map { ", and the import would change \($0) as well" } ?? ""),
            at: key, why: "nothing was imported", try: ["again in a moment"])
    }
}
