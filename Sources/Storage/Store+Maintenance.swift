import Glibc
package import Primitives

/// How large things may grow before a step makes them smaller; smaller ones in tests.
package struct Thresholds: Sendable {
    /// A tail of so many bytes, or lines, is folded.
    package var foldBytes = 128 * 1024
    package var foldLines = 512
    /// While a batch holds the lock, it folds so many times as much at once.
    package var batchFolds = 8
    /// While the base is smaller than this, a fold goes straight into its segments.
    package var smallBase = 1024 * 1024
    /// So many runs of one size are merged into one of the next.
    package var runsPerSize = 4
    /// Runs from this size on are not merged but moved into the base.
    package var largestRun = 8 * 1024 * 1024
    /// The runs' bytes that the base has caught up with, at the latest, when it is large: more
    /// runs are looked through by every lookup, fewer make the base be rewritten more often.
    package var mostRunBytes = 128 * 1024 * 1024
    package var segmentBytes = 4 * 1024 * 1024
    package var journalBytes = 64 * 1024 * 1024
    /// So many segments of one collection stand in the manifest; more stand in a list.
    package var inlineSegments = 16
    /// Memory for the records of one collection in a bulk load, before they are written.
    package var loadBufferBytes = 16 * 1024 * 1024
    /// Up to so many rows an import is an ordinary transaction, with every change in its
    /// journal line; larger ones go straight into segments.
    package var rowsInJournal = 200

    package init() {}
}

extension Store {
    /// At most one bounded step that keeps later commands fast, to be taken after the answer.
    ///
    /// Does nothing while another process is at it. What fails here fails no command: the debt
    /// stays for the next one.
    ///
    /// - Returns: whether there was a step to take.
    @discardableResult
    package func maintain() -> Bool {
        guard let generation, hasDebt(generation) else { return false }
        do throws(ShopError) {
            // What a group holds is no part of the journal yet.
            try settle()
            return try holdingCompaction { () throws(ShopError) in try step() } ?? false
        } catch {
            return false
        }
    }

    /// Takes every step there is to take, for tests and for `doctor`.
    package func maintainFully() throws(ShopError) {
        try settle()
        while try holdingCompaction({ () throws(ShopError) in try step() }) == true {}
    }

    /// Runs `body` as the one process that merges or imports; nil when another one is.
    func holdingCompaction<R>(_ body: () throws(ShopError) -> R) throws(ShopError) -> R? {
        let file = try files.open(paths.compact, .update, to: "open")
        defer { files.close(file) }
        let taken = try files.at(paths.compact, "lock") { () throws(SystemError) in
            try files.system.lock(file, .exclusive, waiting: 0)
        }
        return taken ? try body() : nil
    }

    private func hasDebt(_ generation: Generation) -> Bool {
        isFoldDue(generation) || runsToMerge(generation.manifest.runs) != nil
            || isRebaseDue(generation)
    }

    private func isFoldDue(_ generation: Generation) -> Bool {
        // A batch has its tail in memory already, and larger folds save merging their runs later.
        let most = lockDepth > 0 ? thresholds.batchFolds : 1
        return generation.tail.bytes >= thresholds.foldBytes * most
            || generation.tail.lines >= thresholds.foldLines * most
    }

    private func step() throws(ShopError) -> Bool {
        guard let generation, !isPoisoned, try isNewest(generation) else { return false }
        try checkWriting(generation)
        if isFoldDue(generation) {
            try fold()
            return true
        }
        if let runs = runsToMerge(generation.manifest.runs) {
            try merge(runs, of: generation)
            return true
        }
        guard isRebaseDue(generation) else { return false }
        try rebase(generation)
        return true
    }

    // MARK: - Fold

    /// Moves the journal's tail into the sorted files.
    ///
    /// Under LOCK: the tail is at most a few hundred lines, and nobody can append to a journal
    /// that is being rotated.
    func fold() throws(ShopError) {
        try acquire()
        defer { release() }
        guard let generation, generation.tail.tx > generation.manifest.folded.tx else { return }
        var manifest = generation.manifest
        manifest.generation += 1
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
        if tail.end >= thresholds.journalBytes { try rotate(&manifest) }
        try publish(manifest)
        try adoptPublished(manifest)
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

    /// Opens the generation just published, moves the watermark, and sweeps what it replaced.
    func adoptPublished(_ manifest: Manifest) throws(ShopError) {
        generation = nil
        let newest = try newestGeneration()
        if lockDepth > 0 {
            _ = try newest.extendTail(upTo: nil)
            writeWatermark(newest)
        } else {
            _ = try refreshForReading()
        }
        try sweep(keeping: manifest)
    }

    // MARK: - Merge

    private func runName(_ first: Int, _ last: Int) -> String {
        "recent/R-\(zeroPadded(first, 16))-\(zeroPadded(last, 16)).jsonl"
    }

    /// The oldest neighbouring runs of one size, when there are enough of them to merge.
    private func runsToMerge(_ runs: [Manifest.TableFile]) -> Range<Int>? {
        func size(_ run: Manifest.TableFile) -> Int {
            var size = 0
            var limit = thresholds.foldBytes * 2
            while run.bytes >= limit, limit < thresholds.largestRun {
                size += 1
                limit *= 4
            }
            return size
        }
        let count = thresholds.runsPerSize
        guard runs.count >= count else { return nil }
        for start in (0...(runs.count - count)).reversed() {
            let group = runs[start..<start + count]
            let largest = size(runs[start])
            if group.allSatisfy({ size($0) == largest && $0.bytes < thresholds.largestRun }) {
                return start..<start + count
            }
        }
        return nil
    }

    /// Merges neighbouring runs into one; what the base already holds is left out.
    private func merge(_ range: Range<Int>, of generation: Generation) throws(ShopError) {
        var manifest = generation.manifest
        manifest.generation += 1
        let runs = Array(manifest.runs[range])
        guard let first = runs.first, let last = runs.last else { return }
        let writer = try TableWriter(files, paths, name: runName(first.fromTx, last.upTo))
        for collection in layout.collections {
            let keys = KeyRange(collection: collection.name)
            var sources: [Cursor] = []
            for run in runs.reversed() where run.holds(collection.name.utf8) {
                sources.append(
                    try TableCursor(
                        run, isRun: true, from: keys.from, to: keys.to, .ascending, of: generation))
            }
            let merged = try MergedCursor(
                newestFirst: sources, base: nil,
                covering: generation.segments(of: collection.name),
                collection: collection.name.utf8.count, .ascending)
            while !merged.isAtEnd {
                try writer.add(line: merged.change.line, key: merged.change.key)
                try merged.advance()
            }
        }
        if writer.isEmpty {
            manifest.runs.removeSubrange(range)
        } else {
            let run = try writer.finish(fromTx: first.fromTx, upTo: last.upTo)
            manifest.runs.replaceSubrange(range, with: [run])
            try files.synchronizeDirectory(paths.recent)
        }
        try publishUnderLock(manifest, replacing: generation)
    }

    /// Publishes under LOCK, if the generation it was made from is still the newest.
    func publishUnderLock(
        _ manifest: Manifest, replacing generation: Generation
    ) throws(ShopError) {
        try acquire()
        defer { release() }
        guard try isNewest(generation) else { return }
        try publish(manifest)
        try adoptPublished(manifest)
    }

    // MARK: - Bulk loads

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
