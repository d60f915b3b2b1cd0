import Formats
import Glibc
package import Primitives

extension Store {
    /// Reads every file of the data directory and says what is not as it should be.
    ///
    /// Changes nothing. Commands that run meanwhile are not disturbed and do not disturb it: the
    /// files of one generation are pinned.
    ///
    /// - Parameters:
    ///   - keysLive: for how many seconds an idempotency key stands for one transaction.
    ///   - seals: what the journal must agree with, oldest first.
    package func examine(
        at now: Timestamp, keysLive: Int64, seals: [JournalSeal] = []
    ) throws(ShopError) -> [Finding] {
        try settle()
        var findings: [Finding] = []
        examineAccess(&findings)
        let generation: Generation
        do throws(ShopError) {
            generation = try refreshForReading()
        } catch {
            findings.append(try manifestFinding(error))
            return findings
        }
        let journals = examineJournals(of: generation, keysLive, SealCheck(seals), &findings)
        try examineTables(of: generation, journals, &findings)
        try examineTail(of: generation, &findings)
        try examineLeftovers(&findings)
        examineSurroundings(of: generation, at: now, &findings)
        return findings
    }

    /// A directory that was a shop once: MANIFEST.json is gone, and other files of it are there.
    package func isDamagedShop() throws(ShopError) -> Bool {
        guard try files.exists(paths.shop) else { return false }
        return try !list(paths.manifests).isEmpty
    }

    /// The path as findings name it.
    func relative(_ path: String) -> String {
        path.hasPrefix(paths.root + "/") ? String(path.dropFirst(paths.root.utf8.count + 1)) : path
    }

    // MARK: - Permissions

    /// Files are for their owner only, 0600 and 0700, whatever the umask was.
    private func examineAccess(_ findings: inout [Finding]) {
        guard let root = status(paths.root) else { return }
        check(paths.root, root, owner: root.owner, &findings)
        let directories =
            [paths.manifests, paths.journals, paths.recent, paths.quarantine]
            + layout.directories.map { "\(paths.root)/\($0)" }
        for name in [paths.shop, paths.manifest, paths.lock, paths.compact] + directories {
            guard let found = status(name) else { continue }
            check(name, found, owner: root.owner, &findings)
            guard found.isDirectory else { continue }
            for entry in (try? list(name)) ?? [] {
                let path = "\(name)/\(entry)"
                if let found = status(path) { check(path, found, owner: root.owner, &findings) }
            }
        }
    }

    private func status(_ path: String) -> FileStatus? {
        do throws(SystemError) { return try files.system.status(of: path) } catch { return nil }
    }

    private func check(
        _ path: String, _ found: FileStatus, owner: UInt32, _ findings: inout [Finding]
    ) {
        let mode: UInt32 = found.isDirectory ? 0o700 : 0o600
        if found.mode & 0o077 != 0 {
            let shown = String(found.mode & 0o777, radix: 8)
            findings.append(
                Finding(
                    "open-to-others", in: relative(path), "others may use it: its mode is \(shown)",
                    .repair(.mode(path, mode))))
        }
        if found.owner != owner {
            findings.append(
                Finding(
                    "other-owner", in: relative(path),
                    "it belongs to user \(found.owner), the directory to user \(owner)",
                    .advice("chown -R --reference=\(paths.root) \(paths.root)")))
        }
    }

    // MARK: - The manifest

    /// Why the published generation cannot be read.
    private func manifestFinding(_ error: ShopError) throws(ShopError) -> Finding {
        guard try !files.exists(paths.manifest) else {
            return Finding(error, in: relative(error.location ?? paths.manifest))
        }
        guard let path = try publishedManifest() else {
            return Finding(
                "manifest-missing", in: "MANIFEST.json", "it is not there", .restoreBackup)
        }
        return Finding(
            "manifest-missing", in: "MANIFEST.json",
            "it is not there; \(relative(path)) is the same", .repair(.republish(path)))
    }

    /// The newest file in manifests/ that is whole and whose journal is the one that LOCK claims:
    /// what MANIFEST.json was a second name of.
    private func publishedManifest() throws(ShopError) -> String? {
        guard let mark = try watermark() else { return nil }
        for name in try list(paths.manifests).reversed() {
            let path = "\(paths.manifests)/\(name)"
            guard let bytes = try? files.contents(of: path),
                let manifest = try? Manifest(decoding: bytes, path: path)
            else { continue }
            return manifest.openJournal?.file == mark.file && manifest.folded.tx <= mark.tx
                ? path : nil
        }
        return nil
    }

    // MARK: - Journals

    /// What the journals are good for.
    private struct JournalsFound {
        /// All transactions from the first on are there and whole.
        var isComplete = false
        /// Collections that a bulk load changed: their records are not in the journal.
        var loaded: Set<String> = []
    }

    private func examineJournals(
        of generation: Generation, _ keysLive: Int64, _ seals: SealCheck,
        _ findings: inout [Finding]
    ) -> JournalsFound {
        let manifest = generation.manifest
        var found = JournalsFound()
        var keys = KeyUses(seconds: keysLive)
        var used: [Finding] = []
        var sealed = seals
        var last = JournalPlace(file: "", tx: 0, line: 0)
        let isWhole = walkJournals(manifest, upTo: generation.tail.end, &findings) {
            place, line, bytes in
            sealed.add(place, bytes)
            last = place
            found.loaded.formUnion(line.loaded)
            guard let key = line.idempotencyKey,
                let first = keys.use(of: key, place.tx, at: line.at)
            else { return }
            used.append(
                Finding(
                    "I7", in: place.file, at: "transaction \(place.tx)",
                    "idempotency key \"\(key)\" was used by transaction \(first) already",
                    .advice("shopctl audit list")))
        }
        // Where a line is missing or bad, no seal after it can be compared.
        if isWhole { sealed.finish(at: last) }
        findings += used + (isWhole ? sealed.findings : [])
        found.isComplete = isWhole && manifest.journals.first?.first == 1
        return found
    }

    /// The bytes behind the last transaction: looked at under LOCK, so that no line that is being
    /// appended is taken for a torn one.
    private func examineTail(
        of generation: Generation, _ findings: inout [Finding]
    ) throws(ShopError) {
        let lock = try files.open(paths.lock, .read, to: "open")
        defer { files.close(lock) }
        let taken = try files.at(paths.lock, "lock") { () throws(SystemError) in
            try files.system.lock(lock, .shared, waiting: 5_000)
        }
        guard taken, try isNewest(generation) else { return }
        let path = relative(generation.journalPath)
        let rest = try generation.extendTail(upTo: nil)
        let mark = try watermark()
        if let mark, mark.file == generation.manifest.openJournal?.file,
            generation.tail.end < mark.bytes
        {
            findings.append(Finding(.acknowledgedDataMissing(generation.journalPath), in: path))
            return
        }
        switch rest {
        case .nothing: return
        case .corrupt(let line):
            findings.append(Finding(.journalCorrupt(generation.journalPath, line), in: path))
        case .torn(let count):
            findings.append(
                Finding(
                    "torn-tail", in: path, at: "byte \(generation.tail.end)",
                    "\(count) bytes of an interrupted command that nobody was told is stored",
                    .repair(.cutTail)))
        }
    }

    // MARK: - Runs and segments

    private func examineTables(
        of generation: Generation, _ journals: JournalsFound, _ findings: inout [Finding]
    ) throws(ShopError) {
        for run in generation.manifest.runs {
            do throws(ShopError) {
                try TableCheck(files, paths, run).check()
            } catch {
                let repair = Finding.Mend.repair(.rebuild(run.file))
                findings.append(
                    Finding(error, in: run.file, journals.isComplete ? repair : .restoreBackup))
            }
        }
        for collection in layout.collections {
            let segments = segments(of: collection, generation, &findings)
            for (index, segment) in segments.enumerated() {
                do throws(ShopError) {
                    let next = index + 1 < segments.count ? segments[index + 1].first : nil
                    try TableCheck(files, paths, segment, before: next).check()
                } catch {
                    let canRebuild =
                        journals.isComplete && !journals.loaded.contains(collection.name)
                    let mend: Finding.Mend =
                        collection.isDerived
                        ? .repair(.empty(collection.name))
                        : canRebuild ? .repair(.rebuild(segment.file)) : .restoreBackup
                    findings.append(Finding(error, in: segment.file, mend))
                }
            }
        }
    }

    private func segments(
        of collection: Layout.Collection, _ generation: Generation, _ findings: inout [Finding]
    ) -> [Manifest.TableFile] {
        let segments = generation.segments(of: collection.name)
        do throws(ShopError) {
            if let list = segments.collection.list {
                try TableCheck(files, paths, list.table).check()
            }
            return try segments.all()
        } catch {
            let mend: Finding.Mend =
                collection.isDerived ? .repair(.empty(collection.name)) : .restoreBackup
            findings.append(Finding(error, in: segments.collection.list?.table.file ?? "", mend))
            return []
        }
    }

    // MARK: - Leftovers

    /// Files of interrupted steps: of no harm, swept by the next step, and in the way of nobody
    /// but the disk.
    private func examineLeftovers(_ findings: inout [Finding]) throws(ShopError) {
        // A step under way has files that no manifest names yet.
        let found: [String]? = try holdingCompaction { () throws(ShopError) in
            let generation = try refreshForReading()
            var named = Set(try allFileNames(of: generation.manifest))
            named.formUnion(try allFileNames(of: generation.collections))
            for name in try list(paths.manifests) {
                let path = "\(paths.manifests)/\(name)"
                if let bytes = try? files.contents(of: path),
                    let manifest = try? Manifest(decoding: bytes, path: path),
                    let names = try? allFileNames(of: manifest)
                {
                    named.formUnion(names)
                }
            }
            var leftovers = try leftoverJournals(keeping: generation.manifest).map {
                "journal/\($0)"
            }
            for directory in ["recent"] + layout.directories {
                for name in try list("\(paths.root)/\(directory)")
                where !named.contains("\(directory)/\(name)") {
                    leftovers.append("\(directory)/\(name)")
                }
            }
            return leftovers
        }
        for file in found ?? [] {
            // Copies of journals are not kept: what they are for is to be gone.
            let mend: Finding.Mend =
                file.hasPrefix("journal/")
                ? .advice("shopctl user purge") : .repair(.setAside(paths.table(file)))
            findings.append(
                Finding(
                    "leftover-file", in: file, "an interrupted step left it; nothing names it",
                    mend))
        }
    }

    // MARK: - Clock and disk

    /// Free space below which the next fold or import may fail.
    private static let leastFree = 128 * 1024 * 1024

    private func examineSurroundings(
        of generation: Generation, at now: Timestamp, _ findings: inout [Finding]
    ) {
        if let last = Timestamp(rfc3339: generation.tail.at), now < last.adding(seconds: -2) {
            findings.append(
                Finding(
                    "clock-behind", in: relative(generation.journalPath),
                    "the clock says \(now.rfc3339), and the last transaction was at "
                        + last.rfc3339,
                    .advice("timedatectl set-ntp true")))
        }
        var free: Int?
        do throws(SystemError) { free = try files.system.freeBytes(at: paths.root) } catch {}
        if let free, free < Self.leastFree {
            findings.append(
                Finding(
                    "disk-nearly-full", in: paths.root,
                    "\(free / 1_048_576) MiB are free; folding the journal may need more",
                    .advice("df -h \(paths.root)")))
        }
    }
}

/// Reads one run or segment from end to end.
private struct TableCheck {
    private let files: Files
    private let paths: Paths
    private let file: Manifest.TableFile
    /// The first key that the next segment covers.
    private let limit: [UInt8]?

    init(
        _ files: Files, _ paths: Paths, _ file: Manifest.TableFile, before limit: [UInt8]? = nil
    ) {
        self.files = files
        self.paths = paths
        self.file = file
        self.limit = limit
    }

    /// - Throws: `stored-file-damaged` (65), or why the file cannot be read.
    func check() throws(ShopError) {
        let path = paths.table(file.file)
        let table = try Table(files, paths, file, BlockBudget())
        var last: [UInt8] = []
        var records = 0
        var place = try table.firstPlace
        var window = Table.Window()
        var end = 0
        while let here = place {
            guard here.extent.at == end else {
                throw .tableDamaged(path, "its index leaves out bytes from \(end) on")
            }
            end = here.extent.end
            let block = try table.load(here, .ascending, through: &window)
            place = try table.place(after: here)
            var position = 0
            while let line = block.line(at: position) {
                position = line.end + 1
                records += 1
                guard let key = line.key(in: block.bytes), isJSON(line, block),
                    records == 1 || last.withUnsafeBytes({ compareBytes($0, key) }) < 0
                else { throw .tableDamaged(path, "record \(records) is not what it should be") }
                if file.fromTx > 0, line.change(in: block.bytes) == nil {
                    throw .tableDamaged(path, "record \(records) is no change")
                }
                last.removeAll(keepingCapacity: true)
                last.append(contentsOf: key)
            }
            guard position == block.bytes.count else {
                throw .tableDamaged(path, "its last line is cut")
            }
        }
        guard records == file.records else {
            throw .tableDamaged(path, "it has \(records) records, and should have \(file.records)")
        }
        guard records == 0 || last == file.last, limit.map({ compareBytes(last, $0) < 0 }) ?? true
        else { throw .tableDamaged(path, "its keys are not those that the manifest says") }
    }

    private func isJSON(_ line: Line, _ block: LoadedBlock) -> Bool {
        do throws(JSONError) {
            var reader = JSONReader(line.whole(in: block.bytes))
            try reader.skip()
            return true
        } catch {
            return false
        }
    }
}
