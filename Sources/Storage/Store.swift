import Glibc
package import Primitives

/// A data directory: a journal of transactions and the sorted files it is folded into.
///
/// The invariants, cited by number in the code and tests (docs/durability.md):
/// - S1 a command that reported success is in the journal on stable storage before it reports
/// - S2 a transaction is visible whole or not at all, in every collection, to every process
/// - S3 nothing that a published manifest names is modified in place; names are never reused
/// - S4 a manifest is published only after all it names, and their directories, are durable
/// - S5 journal lines are numbered without gaps and chained; only an unacknowledged tail is cut
/// - S6 replay has absolute effects; fold, merge and base step are pure functions of their inputs
/// - S7 after a failed sync nothing in memory or cache is believed
/// - S8 ENOSPC and EIO leave the last published state readable
/// - S9 local file systems only
///
/// ```
///           transact                                              maintain
///   lock ─▶ refresh ─▶ use case ─▶ append ─▶ fdatasync ─▶ answer ─▶ fold │ merge │ rebase
///    │         └ cut a torn tail               │ fails                    └▶ publish ─▶ sweep
///    └ 75 after the wait                       └▶ relocate (74) ─ fails ─▶ 71
/// ```
package final class Store {
    let files: Files
    let paths: Paths
    let layout: Layout
    package let thresholds: Thresholds
    private let budget = BlockBudget()
    /// The newest generation this process has seen, and the journal as far as it was read.
    var generation: Generation? {
        didSet { if generation == nil { replaced = oldValue ?? replaced } }
    }
    /// The one before, until the next is open: much of what it has open lives on.
    private var replaced: Generation?
    /// LOCK, open for as long as the store is.
    var lockFile: FileDescriptor?
    var lockDepth = 0
    /// Transactions that wait to be made durable together.
    var group: Group?
    private var lockTaken = 0
    /// How long to wait for another writer, in milliseconds.
    private let patience: Int
    /// What is shown as if it had happened, while many commands are tried one after another.
    package var rehearsal: Rehearsal?
    /// What shop.json says a program must know, once it was read.
    package var settingsNeeds = FormatNeeds()
    /// Set when this process is to leave files alone: a sync failed in a way not understood.
    var isPoisoned = false
    /// What a reader should know although the answer stands; shown on stderr.
    private var warnings: [String] = []

    package func takeWarnings() -> [String] {
        defer { warnings = [] }
        return warnings
    }

    /// Opens the data directory at `path`. Reads and locks nothing yet.
    ///
    /// - Parameters:
    ///   - patience: how long to wait for another writer, in milliseconds.
    package init(
        path: String, layout: Layout, files: any FileSystem, patience: Int = 5_000,
        thresholds: Thresholds = Thresholds()
    ) {
        self.files = Files(system: files)
        self.layout = layout
        self.thresholds = thresholds
        self.patience = patience
        paths = Paths(root: path)
    }

    deinit {
        if let lockFile { files.close(lockFile) }
    }

    /// Where the data directory is.
    package var path: String { paths.root }

    /// The text of shop.json.
    package func settings() throws(ShopError) -> [UInt8] {
        try files.contents(of: paths.shop)
    }

    // MARK: - Reading

    /// Shows `body` the newest durable state. Waits for nobody and writes nothing.
    package func read<R>(_ body: (View) throws(ShopError) -> R) throws(ShopError) -> R {
        let generation = lockDepth > 0 ? try current() : try refreshForReading()
        guard let rehearsal else { return try body(View(generation)) }
        return try body(OverlaidView(generation, rehearsal.changes))
    }

    func current() throws(ShopError) -> Generation {
        if let generation { return generation }
        return try refreshForWriting()
    }

    /// The newest generation with the journal as far as it is known to be durable.
    func refreshForReading() throws(ShopError) -> Generation {
        for attempt in 0..<5 {
            let generation = try newestGeneration()
            let mark = try watermark()
            guard let open = generation.manifest.openJournal else {
                throw .manifestDamaged(paths.manifest)
            }
            // A mark of another journal file: a newer generation was published meanwhile.
            if let mark, mark.file != open.file, attempt < 4 {
                self.generation = nil
                continue
            }
            let claimed = mark?.file == open.file ? mark?.bytes ?? 0 : open.acknowledged
            let sameBoot = mark?.boot == files.system.bootID
            let rest = try generation.extendTail(
                upTo: sameBoot ? max(claimed, generation.tail.end) : nil)
            if case .corrupt(let line) = rest {
                throw .journalCorrupt(generation.journalPath, line)
            }
            if generation.tail.end < claimed, !isPlanted("watermark-not-honoured") {
                warn(ShopError.acknowledgedDataMissing(generation.journalPath).message)
            }
            return generation
        }
        return try newestGeneration()
    }

    /// The published generation: the one already open where it is still the newest.
    func newestGeneration() throws(ShopError) -> Generation {
        if let generation, try isNewest(generation) { return generation }
        let earlier = generation ?? replaced
        generation = nil
        replaced = nil
        do throws(ShopError) {
            let newest = try Generation.newest(files, paths, budget)
            if let earlier { newest.inherit(from: earlier) }
            generation = newest
            return newest
        } catch  where error.code == "file-missing" {
            throw .notAShop(paths.root)
        }
    }

    /// The published generation, with the transactions that the one at hand knows besides.
    func newestGeneration(after earlier: Generation) throws(ShopError) -> Generation {
        let newest = try Generation.newest(files, paths, budget)
        newest.inherit(from: earlier)
        newest.tail = JournalTail(earlier.tail, after: newest.manifest.folded)
        return newest
    }

    func isNewest(_ generation: Generation) throws(ShopError) -> Bool {
        do throws(SystemError) {
            return try files.system.status(of: paths.manifest).inode == generation.inode
        } catch  where error.code == ENOENT {
            return false
        } catch {
            throw ShopError.systemCall("examine", paths.manifest, error)
        }
    }

    /// What LOCK claims; nil when it claims nothing that can be read.
    func watermark() throws(ShopError) -> Watermark? {
        // A writer may be in the middle of its 256 bytes: look again before believing nothing.
        for attempt in 0..<3 {
            let file = try files.open(paths.lock, .read, to: "open")
            let bytes: [UInt8]
            do throws(ShopError) {
                bytes = try files.read(file, paths.lock, at: 0, count: Watermark.size)
            } catch {
                files.close(file)
                throw error
            }
            files.close(file)
            if let mark = Watermark(decoding: bytes) { return mark }
            if bytes.isEmpty { return nil }
            if attempt < 2 { usleep(200) }
        }
        return nil
    }

    func warn(_ message: String) {
        if !warnings.contains(message) { warnings.append(message) }
    }

    // MARK: - The writer's lock

    /// Holds the writer's lock over several transactions, letting those in who wait for it,
    /// between two of them, when it was held for 20 ms.
    package func holdingLock<R>(_ body: () throws(ShopError) -> R) throws(ShopError) -> R {
        try acquire()
        defer { release() }
        return try body()
    }

    /// Gives the lock back while `body` runs, which changes nothing, and then takes it again.
    package func releasingLock<R>(_ body: () throws(ShopError) -> R) throws(ShopError) -> R {
        guard lockDepth == 1 else { return try body() }
        try settle()
        release()
        let result: R
        do throws(ShopError) {
            result = try body()
        } catch {
            try acquire()
            throw error
        }
        try acquire()
        return result
    }

    /// Lets waiting writers in when the lock was held for long; between transactions only.
    func yieldLock() throws(ShopError) {
        let now = files.system.monotonicMilliseconds
        guard lockDepth == 1, now - lockTaken >= 20, let lockFile else { return }
        lockTaken = now
        guard files.system.isAwaited(lockFile) else { return try launchNext() }
        try settle()
        release()
        // Behind those who wait: at least one of them comes before.
        try acquire()
    }

    func acquire() throws(ShopError) {
        if lockDepth > 0 {
            lockDepth += 1
            return
        }
        if lockFile == nil { lockFile = try openLock() }
        guard let lockFile else { return }
        let taken = try files.at(paths.lock, "lock") { () throws(SystemError) in
            try files.system.lockInTurn(lockFile, waiting: patience)
        }
        guard taken else {
            throw .dataDirectoryLocked(
                paths.root, holder: files.system.lockHolder(lockFile), try watermark(), patience)
        }
        lockDepth = 1
        lockTaken = files.system.monotonicMilliseconds
        do throws(ShopError) {
            _ = try refreshForWriting()
        } catch {
            release()
            throw error
        }
    }

    func release() {
        // Nothing is held where taking it again failed.
        guard lockDepth > 0 else { return }
        if lockDepth == 1 { awaitPublication() }
        lockDepth -= 1
        if lockDepth == 0, let lockFile { files.system.unlock(lockFile) }
    }

    private func openLock() throws(ShopError) -> FileDescriptor {
        do throws(SystemError) {
            // Never makes it: a directory without LOCK is no shop, and a new inode no lock.
            _ = try files.system.status(of: paths.lock)
            return try files.system.open(paths.lock, .update)
        } catch  where error.code == ENOENT {
            throw .notAShop(paths.root)
        } catch {
            throw ShopError.systemCall("open", paths.lock, error)
        }
    }
}

extension ShopError {
    package static func notAShop(_ path: String) -> ShopError {
        ShopError(
            .config, "not-a-shop", "\(path) is not a shop's data directory", at: path,
            try: ["shopctl --data-dir DIR …"])
    }

    static func dataDirectoryLocked(
        _ path: String, holder: Int32? = nil, _ mark: Watermark?, _ patience: Int
    ) -> ShopError {
        let who =
            holder.map { "process \($0)" }
            ?? "another shopctl" + (mark.map { ", last written by process \($0.pid)" } ?? "")
        return ShopError(
            .locked, "data-directory-locked", "the shop's data is in use by \(who)", at: path,
            why: "waited \(patience / 1_000) s for it",
            try: ["again in a moment", "--wait-lock 60"])
    }

    static func journalCorrupt(_ path: String, _ line: Int) -> ShopError {
        ShopError(
            .data, "journal-corrupt",
            "\(path): line \(line) after the folded part is damaged, and good lines follow it",
            at: path, why: "the file was changed or the disk failed; nothing was changed",
            try: ["shopctl doctor"])
    }

    static func acknowledgedDataMissing(_ path: String) -> ShopError {
        ShopError(
            .data, "acknowledged-data-missing",
            "\(path) ends before transactions that were reported as stored", at: path,
            why: "the file was cut or the disk lost data; nothing was changed",
            try: ["shopctl doctor", "restore a backup of the directory"])
    }
}
