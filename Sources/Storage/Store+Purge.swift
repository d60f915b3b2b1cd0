package import Primitives

/// What is stored of somebody besides the records as they are now.
package struct PurgeFound: Sendable, Equatable {
    /// Journal files, from the first that has a line about them on, and their bytes.
    package var journals = 0
    package var bytes = 0
    /// The lines themselves.
    package var transactions = 0
    /// Runs and segments.
    package var tables: [String] = []
    /// Files of `quarantine/` and `outbox/`.
    package var others: [String] = []
    /// Position of the first journal file among those of the manifest.
    var firstJournal: Int?

    package var isEmpty: Bool { transactions == 0 && tables.isEmpty && others.isEmpty }
}

/// What a purge has done, for the record of it.
package struct PurgeFacts: Sendable {
    package let found: PurgeFound
    /// The last transaction before that of the purge.
    package let upTo: Int
    /// The seals as they have to be from now on.
    package let seals: [JournalSeal]
    /// A seal of the journal up to `upTo`, before and after.
    package let was: String
    package let now: String
}

extension Store {
    /// What a purge would take away.
    package func examinePurge(
        of redacting: any Redacting, in view: View
    ) throws(ShopError) -> PurgeFound {
        let generation = view.generation
        var found = PurgeFound()
        var walk = JournalWalk(files, paths, generation.manifest)
        for (index, journal) in generation.manifest.journals.enumerated() {
            let end = end(of: index, generation)
            try walk.walk(journal, upTo: end) { (tx, line) throws(ShopError) in
                guard redacting.concerns(line, tx: tx) else { return }
                found.transactions += 1
                found.firstJournal = found.firstJournal ?? index
            }
            guard found.firstJournal != nil else { continue }
            found.journals += 1
            found.bytes += end
        }
        found.tables = try tables(concerning: redacting, generation)
        for directory in [paths.quarantine, paths.outbox] {
            for name in try list(directory) {
                let path = "\(directory)/\(name)"
                if try holds(path, redacting) { found.others.append(relative(path)) }
            }
        }
        return found
    }

    /// Shows the transactions that a view shows and whose line is wanted, oldest first.
    package func eachEntry(
        of view: View, where isWanted: (UnsafeRawBufferPointer) -> Bool,
        _ visit: (HistoryEntry) throws(ShopError) -> Void
    ) throws(ShopError) {
        let generation = view.generation
        var walk = JournalWalk(files, paths, generation.manifest)
        for (index, journal) in generation.manifest.journals.enumerated() {
            let path = paths.journal(journal.file)
            try walk.walk(journal, upTo: end(of: index, generation)) {
                (_, line) throws(ShopError) in
                guard isWanted(line), let entry = try Self.entry(Array(line), path) else { return }
                try visit(entry)
            }
        }
    }

    /// Where the good part of a journal file ends, as far as a generation shows it.
    private func end(of journal: Int, _ generation: Generation) -> Int {
        let journals = generation.manifest.journals
        return journal == journals.count - 1
            ? generation.tail.end : journals[journal].acknowledged
    }

    /// Whether a file concerns somebody, read piece by piece, each of whole lines.
    func holds(_ path: String, _ redacting: any Redacting) throws(ShopError) -> Bool {
        let file = try files.open(path, .read, to: "open")
        defer { files.close(file) }
        var rest: [UInt8] = []
        var offset = 0
        while true {
            let piece = try files.read(file, path, at: offset, count: 1024 * 1024)
            offset += piece.count
            rest += piece
            let isLast = piece.isEmpty
            let end = isLast ? rest.count : (rest.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
            if rest[..<end].withUnsafeBytes({ redacting.concerns($0, tx: nil) }) { return true }
            rest.removeSubrange(..<end)
            if isLast { return false }
        }
    }

    /// Takes somebody out of the journal and of all older files, and says so in a transaction.
    ///
    /// What takes long happens without LOCK; whoever writes meanwhile has their lines taken over
    /// under it. Everything becomes valid by one manifest. See docs/purge.md.
    ///
    /// - Parameters:
    ///   - plan: shows the state with an empty journal tail; says what is to go, and the seals that
    ///     the journal must agree with, oldest first. nil: there is nothing to do.
    ///   - finish: adds the records of the purge to its transaction.
    /// - Returns: what `finish` does; nil where nothing was found.
    /// - Throws: `overtaken`, `data-directory-locked` (75), `seal-broken`, `journal-damaged` (65).
    package func purge<R>(
        plan: (View) throws(ShopError) -> (redacting: any Redacting, seals: [JournalSeal])?,
        finish: (Transaction, PurgeFacts) throws(ShopError) -> (stamp: Stamp, result: R),
        at now: Timestamp
    ) throws(ShopError) -> R? {
        try settle()
        let result = try holdingCompaction { () throws(ShopError) -> R? in
            guard let (result, found) = try purgeAlone(plan, finish, now) else { return nil }
            removeAfterPurge(found)
            return result
        }
        guard let result else { throw .dataDirectoryLocked(paths.root, try watermark(), 0) }
        return result
    }

    private func purgeAlone<R>(
        _ plan: (View) throws(ShopError) -> (redacting: any Redacting, seals: [JournalSeal])?,
        _ finish: (Transaction, PurgeFacts) throws(ShopError) -> (stamp: Stamp, result: R),
        _ now: Timestamp
    ) throws(ShopError) -> (R, PurgeFound)? {
        let generation = try holdingLock { () throws(ShopError) in
            try fold()
            let generation = try current()
            // What an earlier purge had no time to remove goes first.
            try sweep(keeping: generation.manifest, thoroughly: true)
            for name in try leftoverJournals(keeping: generation.manifest) {
                try removeStored("journal/\(name)")
            }
            // What is read from here on is what was folded, whatever others add meanwhile.
            return generation.twin()
        }
        guard let plan = try plan(View(generation)) else { return nil }
        let found = try examinePurge(of: plan.redacting, in: View(generation))
        guard !found.isEmpty else { return nil }
        let purge = Purge(self, generation, plan.redacting, plan.seals, found)
        do throws(ShopError) {
            try purge.prepare()
            return try holdingLock { () throws(ShopError) in
                (try purge.commit(at: now, finish), found)
            }
        } catch {
            if error.kind != .unknown { purge.abandon() }
            throw error
        }
    }

    /// Removes what a purge has replaced, once its own eyes are off it. The purge is stored: what
    /// fails here is said, and done by the next one.
    private func removeAfterPurge(_ found: PurgeFound) {
        do throws(ShopError) {
            let purged = try holdingLock { () throws(ShopError) in
                let manifest = try current().manifest
                try sweep(keeping: manifest, thoroughly: true)
                return manifest.purged
            }
            for file in found.others { try removeStored(file) }
            let touched = ["journal", "recent", "manifests"] + layout.directories
            let others = found.others.compactMap { $0.split(separator: "/").first.map(String.init) }
            for directory in Set(touched + others).sorted() {
                try files.synchronizeDirectory("\(paths.root)/\(directory)")
            }
            if try !Set(purged).isDisjoint(with: list(paths.journals)) {
                warn("a command at work still reads older files; the next step removes them")
            }
        } catch {
            warn("the purge is stored; older files are still there: \(error.message)")
        }
    }

    /// Journal files that no manifest names: those that an interrupted purge has made, and those
    /// that one has replaced.
    func leftoverJournals(keeping current: Manifest) throws(ShopError) -> [String] {
        let known = try list(paths.journals).filter {
            JournalHeader.isOfPurge($0) || current.purged.contains($0)
        }
        guard !known.isEmpty else { return [] }
        var named = Set(current.journals.map(\.file))
        for name in try list(paths.manifests) {
            let path = "\(paths.manifests)/\(name)"
            let manifest = try Manifest(decoding: try files.contents(of: path), path: path)
            named.formUnion(manifest.journals.map(\.file))
        }
        return known.filter { !named.contains($0) }
    }
}

/// One purge under way: new files beside the old, until a manifest names them.
private final class Purge {
    private let store: Store
    private let began: Generation
    private let redacting: any Redacting
    private let found: PurgeFound
    private let seals: [JournalSeal]
    private let rewrite: JournalRewrite
    private var manifest: Manifest

    init(
        _ store: Store, _ generation: Generation, _ redacting: any Redacting,
        _ seals: [JournalSeal], _ found: PurgeFound
    ) {
        self.store = store
        self.redacting = redacting
        self.found = found
        self.seals = seals
        began = generation
        manifest = generation.manifest
        manifest.generation += 1
        rewrite = JournalRewrite(
            store.files, store.paths, redacting, shop: manifest.shop,
            generation: manifest.generation, seals: seals)
    }

    private var firstJournal: Int { found.firstJournal ?? began.manifest.journals.count - 1 }

    /// Writes all that can be written without LOCK. The last journal file stays open.
    func prepare() throws(ShopError) {
        var walk = JournalWalk(store.files, store.paths, began.manifest)
        let journals = began.manifest.journals
        for (index, journal) in journals.enumerated() {
            let isOpen = index == journals.count - 1
            if index >= firstJournal {
                try rewrite.begin(journal, after: try header(of: journal).prev)
            }
            let end = isOpen ? began.tail.end : journal.acknowledged
            try walk.walk(journal, upTo: end) { (tx, line) throws(ShopError) in
                try rewrite.add(tx, line)
            }
            if index >= firstJournal, !isOpen { try rewrite.end() }
        }
        manifest.folded.bytes = rewrite.bytes
        manifest.folded.crc = rewrite.crc
        try store.purgeTables(of: began, redacting, found.tables, &manifest)
    }

    private func header(of journal: Manifest.JournalFile) throws(ShopError) -> JournalHeader {
        let path = store.paths.journal(journal.file)
        let file = try store.files.open(path, .read, to: "open")
        defer { store.files.close(file) }
        let start = try store.files.read(file, path, at: 0, count: 4_096)
        guard let line = JournalTail.line(in: start, from: 0),
            let header = start[line].withUnsafeBytes({ JournalHeader(decoding: $0) })
        else { throw .journalDamaged(path, 1) }
        return header
    }

    /// Takes over what was written meanwhile, adds the purge's own transaction, and publishes.
    func commit<R>(
        at now: Timestamp,
        _ finish: (Transaction, PurgeFacts) throws(ShopError) -> (stamp: Stamp, result: R)
    ) throws(ShopError) -> R {
        guard let newest = store.generation, newest.manifest == began.manifest else {
            throw .purgeOvertaken
        }
        let tail = newest.tail
        let text = tail.text(upTo: tail.end)
        var position = 0
        var tx = manifest.folded.tx
        while let range = JournalTail.line(in: text, from: position) {
            tx += 1
            try text.withBytes { (all) throws(ShopError) in
                try rewrite.add(tx, UnsafeRawBufferPointer(rebasing: all[range]))
            }
            position = range.upperBound + 1
        }
        guard rewrite.seals.made.count == seals.count else { throw .purgeOvertaken }
        let time = max(now, Timestamp(rfc3339: tail.at) ?? now)
        let transaction = Transaction(newest, time: time)
        let last = rewrite.seals.last
        var facts = found
        facts.transactions = rewrite.redacted
        let (stamp, result) = try finish(
            transaction,
            PurgeFacts(
                found: facts, upTo: tx, seals: rewrite.seals.made, was: last.was, now: last.now))
        var stamped = stamp
        stamped.at = time
        let line = JournalLine.encode(
            tx: tx + 1, stamp: stamped, ids: transaction.ids,
            changes: try transaction.changes(), loaded: [], source: nil, prev: rewrite.crc)
        try rewrite.append(line.bytes)
        try rewrite.end()
        try store.files.synchronizeDirectory(store.paths.journals)
        try publish()
        return result
    }

    private func publish() throws(ShopError) {
        let replaced = manifest.journals[firstJournal...].map(\.file)
        let there = Set(try store.list(store.paths.journals))
        manifest.purged = manifest.purged.filter(there.contains) + replaced
        manifest.journals.replaceSubrange(firstJournal..., with: rewrite.journals)
        do throws(ShopError) {
            try store.publish(manifest)
        } catch {
            // Where the rename was done, it may be durable or not: both are a whole shop.
            store.generation = nil
            let published = try? store.newestGeneration().manifest.generation
            guard published == began.manifest.generation else {
                throw .outcomeUnknown(store.paths.manifest)
            }
            throw error
        }
        do throws(ShopError) {
            try store.adoptPublished(manifest)
        } catch {
            store.generation = nil
            store.warn("the purge is stored; older files are still there: \(error.message)")
        }
    }

    /// Removes what nothing names. Where something cannot be removed, the next purge or step does.
    func abandon() {
        rewrite.discard()
        do throws(ShopError) {
            try store.holdingLock { () throws(ShopError) in
                try store.sweep(keeping: try store.current().manifest, thoroughly: true)
            }
        } catch {}
    }
}

extension ShopError {
    static var purgeOvertaken: ShopError {
        ShopError(
            .locked, "overtaken", "the journal was moved, or a day closed, while the purge ran",
            why: "nothing was changed", try: ["again in a moment"])
    }
}
