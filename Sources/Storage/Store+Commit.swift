import Glibc
package import Primitives

extension Store {
    /// Runs `body` over the newest state and makes its changes durable, all or none.
    ///
    /// When this returns, the changes are on stable storage (S1). When `body` throws, nothing
    /// was written. A body without changes commits nothing.
    ///
    /// - Throws: what `body` throws; `data-directory-locked` (75); `disk-full`, `io-error` (74:
    ///   nothing of this transaction is stored); `outcome-unknown` (71); `journal-corrupt`,
    ///   `acknowledged-data-missing` (65).
    package func transact<R>(
        _ stamp: Stamp, _ body: (Transaction) throws(ShopError) -> R
    ) throws(ShopError) -> R {
        try yieldLock()
        try acquire()
        defer { release() }
        if let failure = group?.failure { throw failure }
        let generation = try current()
        let time = max(stamp.at, Timestamp(rfc3339: generation.tail.at) ?? stamp.at)
        let transaction = Transaction(generation, time: time)
        let result = try body(transaction)
        let changes = try transaction.changes()
        guard !changes.isEmpty else { return result }
        var stamp = stamp
        stamp.at = time
        if let by = transaction.by { stamp.by = by }
        let line = JournalLine.encode(
            tx: generation.tail.tx + 1, group: group?.first, stamp: stamp, ids: transaction.ids,
            changes: changes,
            loaded: [], source: nil, prev: generation.tail.crc)
        if group == nil {
            try commit(line, to: generation)
        } else {
            try hold(line, of: generation)
        }
        return result
    }

    /// Appends one line and makes it durable: the commit point.
    func commit(_ line: JournalLine.Encoded, to generation: Generation) throws(ShopError) {
        try write(line.bytes, at: generation.tail.end, of: generation)
        generation.adopt(line)
        writeWatermark(generation)
    }

    /// Appends whole lines to the journal, which ends at `start`, and waits for the disk.
    func write(_ lines: [UInt8], at start: Int, of generation: Generation) throws(ShopError) {
        try append(lines, at: start, of: generation)
        do throws(ShopError) {
            try files.at(generation.journalPath, "sync") { () throws(SystemError) in
                try files.system.synchronizeData(generation.journal)
            }
        } catch {
            if isPlanted("failed-sync-retried") { return }
            try relocate(generation, upTo: start, after: error)
        }
    }

    /// Appends whole lines to the journal, which ends at `start`, or leaves it as it was.
    func append(_ lines: [UInt8], at start: Int, of generation: Generation) throws(ShopError) {
        guard !isPoisoned else { throw .outcomeUnknown(generation.journalPath) }
        do throws(ShopError) {
            try files.append(generation.journal, generation.journalPath, lines)
        } catch {
            try takeBack(to: start, in: generation)
            throw error.nothingStored
        }
    }

    /// Cuts off what a failed write left behind.
    ///
    /// Of one line only a part can have been written, which the next writer cuts off if this does
    /// not. Of a group whole lines may stand there, which it would adopt: the cut must last.
    private func takeBack(to size: Int, in generation: Generation) throws(ShopError) {
        do throws(SystemError) {
            try files.system.truncate(generation.journal, to: size)
            if group?.count ?? 0 > 1 { try files.system.synchronizeData(generation.journal) }
        } catch {
            isPoisoned = true
            if group?.count ?? 0 > 1 { throw .outcomeUnknown(generation.journalPath) }
        }
    }

    /// Claims in LOCK what is now durable. Never synced: a claim that is lost claims less.
    ///
    /// - Parameters:
    ///   - tx: the last durable transaction, where that is not the last one known.
    ///   - end: where its line ends.
    func writeWatermark(_ generation: Generation, tx: Int? = nil, end: Int? = nil) {
        // The transaction is durable whatever becomes of the claim, but readers of this boot do
        // not see it before somebody claims it: worth a second try.
        for _ in 0..<2 {
            do throws(SystemError) { return try claim(generation, tx, end) } catch {}
        }
    }

    private func claim(
        _ generation: Generation, _ tx: Int? = nil, _ end: Int? = nil
    ) throws(SystemError) {
        guard let lockFile, let open = generation.manifest.openJournal else { return }
        let mark = Watermark(
            tx: tx ?? generation.tail.tx, bytes: end ?? generation.tail.end, file: open.file,
            boot: files.system.bootID, pid: files.system.processID)
        try mark.encoded.span.withUnsafeBytes { (bytes) throws(SystemError) in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = try files.system.write(lockFile, rest, at: written)
                guard count > 0 else { throw SystemError(code: EIO) }
                written += count
            }
        }
    }

    // MARK: - Refreshing under the lock

    /// The newest state to its true end, with a torn tail of a dead writer cut off.
    func refreshForWriting() throws(ShopError) -> Generation {
        let generation = try newestGeneration()
        guard let open = generation.manifest.openJournal else {
            throw .manifestDamaged(paths.manifest)
        }
        try checkWriting(generation)
        let rest = try generation.extendTail(upTo: nil)
        let mark = try watermark()
        // Nobody claimed anything in this journal yet: who published it may have died before the
        // rename was durable, and what is written under a manifest that is lost is lost with it.
        if mark?.file != open.file { try files.synchronizeDirectory(paths.root) }
        // Whatever boot wrote it, the mark was written after a successful sync.
        let claimed = mark?.file == open.file ? mark?.bytes ?? 0 : open.acknowledged
        if case .corrupt(let line) = rest { throw .journalCorrupt(generation.journalPath, line) }
        guard generation.tail.end >= claimed || isPlanted("watermark-not-honoured") else {
            throw .acknowledgedDataMissing(generation.journalPath)
        }
        if case .torn(let count) = rest, !isPlanted("torn-tail-left") {
            try cutTornTail(count, of: generation)
        }
        if generation.tail.end > claimed {
            // Whole lines that nobody acknowledged: an order that made it, and is adopted. What
            // another boot finds is on the disk. In this boot, and where no claim tells which it
            // was, their writer may have died of a failed sync, after which a second one succeeds
            // without writing anything (S7): they are adopted by writing them to a fresh journal.
            guard let mark, mark.boot != files.system.bootID || isPlanted("strangers-lines-trusted")
            else {
                try moveTail(of: generation, upTo: generation.tail.end)
                return try newestGeneration()
            }
        }
        // The first writer of a boot says so before it appends: from then on, what stands beyond
        // the mark was written in this boot, and is no proof of a restart that it survived.
        if mark?.boot != files.system.bootID || generation.tail.end > claimed {
            try files.at(paths.lock, "write") { () throws(SystemError) in try claim(generation) }
        }
        if !generation.tail.loaded.isEmpty { return try publishLoaded(generation) }
        return generation
    }

    /// - Throws: `format-read-only` (65).
    func checkWriting(_ generation: Generation) throws(ShopError) {
        try settingsNeeds.checkWriting(paths.shop)
        try generation.manifest.needs.checkWriting(paths.manifest)
    }

    /// Keeps a copy of the bytes nobody acknowledged, then cuts them off (S5).
    private func cutTornTail(_ count: Int, of generation: Generation) throws(ShopError) {
        let start = generation.tail.end
        let bytes = try files.read(
            generation.journal, generation.journalPath, at: start, count: count)
        try quarantine(
            bytes, named: "torn-\(zeroPadded(generation.tail.tx + 1, 16))",
            why: "bytes after transaction \(generation.tail.tx) of \(generation.journalPath) "
                + "that are no whole line and were never acknowledged")
        try files.at(generation.journalPath, "truncate") { () throws(SystemError) in
            try files.system.truncate(generation.journal, to: start)
            try files.system.synchronizeData(generation.journal)
        }
    }

    // MARK: - A failed sync

    /// After a failed fdatasync nothing in the file's cache is believed (S7): the acknowledged
    /// tail moves to a fresh journal, whose publication settles that the failed transaction is
    /// not committed.
    func relocate(
        _ generation: Generation, upTo end: Int, after failure: ShopError
    ) throws(ShopError) {
        do throws(ShopError) {
            try moveTail(of: generation, upTo: end)
        } catch {
            isPoisoned = true
            throw .outcomeUnknown(generation.journalPath)
        }
        throw failure.nothingStored
    }

    private func moveTail(of generation: Generation, upTo end: Int) throws(ShopError) {
        awaitPublication()
        // What a step beside has published holds as much.
        let generation = self.generation ?? generation
        var manifest = generation.manifest
        manifest.generation += 1
        let folded = manifest.folded
        let name = "J-\(zeroPadded(folded.tx + 1, 16))-\(manifest.generation).jsonl"
        let header = JournalHeader(shop: manifest.shop, first: folded.tx + 1, prev: folded.crc)
        let tail = generation.tail.text(upTo: end)
        let start = header.encoded
        try files.create(paths.journal(name), start + tail)
        try files.synchronizeDirectory(paths.journals)
        // What of the old file is folded stays its own; the rest now stands in the new one.
        let last = manifest.journals.count - 1
        manifest.journals[last].acknowledged = folded.bytes
        manifest.folded.bytes = start.count
        manifest.journals.append(
            Manifest.JournalFile(
                file: name, first: folded.tx + 1, acknowledged: start.count + tail.count))
        try publish(manifest)
        self.generation = nil
        let moved = try refreshForWriting()
        writeWatermark(moved)
    }
}

extension ShopError {
    /// The same error, with the promise that goes with exit code 74.
    fileprivate var nothingStored: ShopError {
        var copy = self
        copy.reason = "nothing of this command is stored"
        return copy
    }

    static func outcomeUnknown(_ path: String) -> ShopError {
        ShopError(
            .unknown, "outcome-unknown",
            "syncing \(path) failed and so did its repair: it is not known whether this command "
                + "is stored", at: path,
            try: ["shopctl doctor", "retry with the same --idempotency-key"])
    }
}
