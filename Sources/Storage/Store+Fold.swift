import Primitives

/// Moving the journal's tail into the sorted files.
extension Store {
    func fold(_ generation: Generation, _ manifest: inout Manifest) throws(ShopError) {
        let tail = generation.tail
        if manifest.collections.reduce(0, { $0 + $1.bytes }) + tail.bytes <= thresholds.smallBase,
            manifest.runs.isEmpty
        {
            try foldIntoSegments(generation, &manifest)
        } else {
            try foldIntoRun(generation, &manifest)
        }
        manifest.folded = Manifest.Folded(
            tx: tail.tx, bytes: tail.end, crc: tail.crc, at: tail.at)
        manifest.journals[manifest.journals.count - 1].acknowledged = tail.end
        if isRotationDue(generation) { try rotate(&manifest) }
    }

    /// Whether the journal file is long enough for another one to begin with the next fold.
    func isRotationDue(_ generation: Generation) -> Bool {
        generation.tail.end >= thresholds.journalBytes
    }

    private func foldIntoRun(
        _ generation: Generation, _ manifest: inout Manifest
    ) throws(ShopError) {
        let tail = generation.tail
        let first = manifest.folded.tx + 1
        let writer = try TableWriter(files, paths, name: runName(first, tail.tx))
        for entry in tail.overlay.sorted() {
            try tail.overlay.withBytes(of: entry) { (key, value) throws(ShopError) in
                if value == nil, isPlanted("fold-loses-removals") { return }
                try writer.add(key: key, tx: entry.tx, now: value)
            }
        }
        manifest.runs.append(try writer.finish(fromTx: first, upTo: tail.tx))
        try files.synchronizeDirectory(paths.recent)
    }

    /// A small shop's fold: every collection that changed gets new segments at once, so that its
    /// files show the current state.
    private func foldIntoSegments(
        _ generation: Generation, _ manifest: inout Manifest
    ) throws(ShopError) {
        let view = View(generation)
        var directories: Set<String> = []
        for collection in layout.collections {
            let range = KeyRange(collection: collection.name)
            guard !generation.tail.overlay.sorted(in: range).isEmpty else { continue }
            let cursor = try view.mergedCursor(range, .ascending)
            let segments = try writeSegments(
                from: cursor, of: collection, covering: [], upTo: generation.tail.tx, &manifest)
            manifest.set(try self.collection(collection, of: segments, &manifest.nextFile))
            directories.insert(collection.directory)
        }
        for directory in directories.sorted() {
            try files.synchronizeDirectory("\(paths.root)/\(directory)")
        }
    }

    /// Writes what `cursor` shows, removals left out, into segments of bounded size.
    ///
    /// The first of them covers the keys from `bound` on, whatever its first record is: a range
    /// that changed hands would fall under another segment's `upTo`, and a change that is still in
    /// an old run would come back. For the same reason an empty range gets an empty segment.
    func writeSegments(
        from cursor: MergedCursor, of collection: Layout.Collection, covering bound: [UInt8],
        upTo tx: Int, _ manifest: inout Manifest
    ) throws(ShopError) -> [Manifest.TableFile] {
        var segments: [Manifest.TableFile] = []
        repeat {
            let name =
                "\(collection.directory)/\(collection.name)-"
                + "\(zeroPadded(manifest.nextFile, 6)).jsonl"
            manifest.nextFile += 1
            let writer = try TableWriter(files, paths, name: name)
            while !cursor.isAtEnd, writer.bytes < thresholds.segmentBytes {
                if let lines = cursor.unchangedLines() {
                    try writer.add(lines: lines)
                    try cursor.advance(past: lines)
                    continue
                }
                if let record = cursor.record { try writer.add(key: cursor.key, record: record) }
                try cursor.advance()
            }
            // Removals at the end of the range may leave nothing for one more file; what was
            // begun is then a leftover to sweep.
            if !segments.isEmpty, writer.isEmpty { break }
            segments.append(try writer.finish(fromTx: 0, upTo: tx))
        } while !cursor.isAtEnd
        segments[0].first = bound
        if segments[0].records == 0 { segments[0].last = bound }
        return segments
    }

    /// Starts a new journal file; the tail is folded, so it begins empty.
    private func rotate(_ manifest: inout Manifest) throws(ShopError) {
        let folded = manifest.folded
        let name = JournalHeader.fileName(first: folded.tx + 1)
        let header = JournalHeader(shop: manifest.shop, first: folded.tx + 1, prev: folded.crc)
        let bytes = header.encoded
        try files.create(paths.journal(name), bytes)
        try files.synchronizeDirectory(paths.journals)
        manifest.folded.bytes = bytes.count
        manifest.journals.append(
            Manifest.JournalFile(file: name, first: folded.tx + 1, acknowledged: bytes.count))
    }

    /// Publishes segments that a bulk load committed in the journal before it could publish.
    ///
    /// The tail may hold other lines than the load's: after it, where its publication was lost
    /// with the power, and before it, where that of the fold before it was. They become a run,
    /// whose changes count where they are newer than the segment that covers them.
    func publishLoaded(_ generation: Generation) throws(ShopError) -> Generation {
        var manifest = generation.manifest
        manifest.generation += 1
        manifest.collections = generation.collections
        // The load named its files by numbers that this manifest has not counted yet.
        let numbers = generation.collections.flatMap { collection in
            collection.segments.map(\.number) + [collection.list?.table.number ?? 0]
        }
        manifest.nextFile = max(manifest.nextFile, (numbers.max() ?? 0) + 1)
        let tail = generation.tail
        if !tail.overlay.isEmpty { try foldIntoRun(generation, &manifest) }
        manifest.folded = Manifest.Folded(tx: tail.tx, bytes: tail.end, crc: tail.crc, at: tail.at)
        manifest.journals[manifest.journals.count - 1].acknowledged = tail.end
        try publish(manifest)
        self.generation = nil
        let newest = try newestGeneration()
        _ = try newest.extendTail(upTo: nil)
        writeWatermark(newest)
        return newest
    }
}
