import Primitives

/// One published manifest, pinned, with what was read through it.
///
/// The pin is a shared flock on the manifest's inode: the kernel drops it when the process dies,
/// and taking it exclusively proves that nobody is left who needs the files it names.
final class Generation {
    let manifest: Manifest
    let inode: UInt64
    let journalPath: String
    let journal: FileDescriptor
    var tail: JournalTail
    /// Segments by collection: the manifest's, or what a bulk load put in their place.
    private(set) var collections: [Manifest.Collection]
    /// The manifest's runs, newest first.
    private(set) var newestRuns: [Run] = []
    /// Those that somebody looked into.
    private var directory: [Segments] = []

    let files: Files
    private let paths: Paths
    private let budget: BlockBudget
    private let pin: FileDescriptor
    /// The generation this one is a twin of, whose pin and journal it uses.
    private let original: Generation?
    /// Open files by name; those that live on are handed to the next generation.
    private var tables = OpenTables()

    /// Opens the newest published generation and pins it.
    ///
    /// - Throws: `manifest-missing`, `manifest-damaged`, `format-too-new` (65), or the error of a
    ///   file that cannot be opened.
    static func newest(
        _ files: Files, _ paths: Paths, _ budget: BlockBudget
    ) throws(ShopError) -> Generation {
        for _ in 0..<100 {
            let pin = try files.open(paths.manifest, .read, to: "open")
            do throws(ShopError) {
                let locked = try files.at(paths.manifest, "lock") { () throws(SystemError) in
                    try files.system.lock(pin, .shared, waiting: 0)
                }
                let status = try files.status(pin, paths.manifest)
                // Unlinked between open and lock: another one has taken its place.
                if locked, status.links > 0 {
                    return try Generation(files, paths, budget, pin, status)
                }
            } catch {
                files.close(pin)
                throw error
            }
            files.close(pin)
        }
        throw ShopError(
            .locked, "manifest-busy", "\(paths.manifest) keeps being replaced", at: paths.manifest,
            try: ["again in a moment"])
    }

    private init(
        _ files: Files, _ paths: Paths, _ budget: BlockBudget, _ pin: FileDescriptor,
        _ status: FileStatus
    ) throws(ShopError) {
        let bytes = try files.read(pin, paths.manifest, at: 0, count: status.size)
        let manifest = try Manifest(decoding: bytes, path: paths.manifest)
        guard let open = manifest.openJournal else { throw .manifestDamaged(paths.manifest) }
        journalPath = paths.journal(open.file)
        journal = try files.open(journalPath, .append, orReadOnly: "open")
        self.manifest = manifest
        self.files = files
        self.paths = paths
        self.budget = budget
        self.pin = pin
        original = nil
        inode = status.inode
        tail = JournalTail(manifest.folded)
        collections = manifest.collections
        newestRuns = manifest.runs.reversed().map { Run($0, of: self) }
    }

    /// The same for another thread, with open files of its own; to be read only.
    func twin() -> Generation { Generation(twinOf: self) }

    private init(twinOf other: Generation) {
        manifest = other.manifest
        inode = other.inode
        journalPath = other.journalPath
        journal = other.journal
        tail = other.tail
        collections = other.collections
        files = other.files
        paths = other.paths
        budget = BlockBudget()
        pin = other.pin
        original = other
        newestRuns = manifest.runs.reversed().map { Run($0, of: self) }
    }

    deinit {
        guard original == nil else { return }
        files.close(pin)
        files.close(journal)
    }

    /// Reads the journal on to `limit`, or to its end.
    func extendTail(upTo limit: Int?) throws(ShopError) -> JournalTail.Rest {
        let rest = try tail.extend(files, journal, journalPath, upTo: limit)
        applyLoads()
        return rest
    }

    func adopt(_ line: JournalLine.Encoded) {
        tail.adopt(line)
        applyLoads()
    }

    private func applyLoads() {
        guard !tail.loaded.isEmpty else { return }
        directory = []
        for loaded in tail.loaded {
            if let index = collections.firstIndex(where: { $0.name == loaded.name }) {
                collections[index] = loaded
            } else {
                collections.append(loaded)
            }
        }
    }

    /// The segments of a collection.
    func segments(of collection: some Sequence<UInt8>) -> Segments {
        for known in directory where known.collection.name.utf8.elementsEqual(collection) {
            return known
        }
        let found = collections.first { $0.name.utf8.elementsEqual(collection) }
        let segments = Segments(
            found
                ?? Manifest.Collection(
                    name: String(decoding: Array(collection), as: UTF8.self), segments: []),
            of: self)
        directory.append(segments)
        return segments
    }

    func segments(of collection: String) -> Segments { segments(of: collection.utf8) }

    /// Takes over what an earlier generation has open of the files this one names too.
    func inherit(from earlier: Generation) {
        let names = Set(
            manifest.runs.map(\.file)
                + manifest.collections.flatMap { collection in
                    collection.list.map { [$0.table.file] } ?? collection.segments.map(\.file)
                })
        // Where a list is the same, so is all that it names.
        let unchanged = manifest.collections.filter { collection in
            collection.list != nil && earlier.manifest.collections.contains(collection)
        }
        let segments = unchanged.compactMap { collection in
            collection.list?.table.file.split(separator: "-list-").first.map { "\($0)-" }
        }
        tables = earlier.tables.filter { name in
            names.contains(name) || segments.contains { name.hasPrefix($0) }
        }
    }

    /// The open table of a file, kept for later lookups.
    func table(_ file: Manifest.TableFile) throws(ShopError) -> Table {
        if let table = tables.find(file.file) { return table }
        let table = try Table(files, paths, file, budget)
        tables.insert(table)
        return table
    }

    /// A table for one walk over it: kept open only while it is walked, however many there are.
    func passingTable(_ file: Manifest.TableFile) throws(ShopError) -> Table {
        if let table = tables.find(file.file) { return table }
        return try Table(files, paths, file, budget)
    }
}

/// Tables by the names of their files, in order of these. A process mostly has a handful, and a
/// Dictionary's type takes the runtime longer to make than the whole lookup.
private struct OpenTables {
    private var tables: [Table] = []

    func find(_ name: String) -> Table? {
        let position = place(of: name)
        guard position < tables.count, tables[position].file.file == name else { return nil }
        return tables[position]
    }

    mutating func insert(_ table: Table) {
        tables.insert(table, at: place(of: table.file.file))
    }

    func filter(_ isWanted: (String) -> Bool) -> OpenTables {
        var some = OpenTables()
        for table in tables where isWanted(table.file.file) { some.tables.append(table) }
        return some
    }

    /// Where the table of that name is, or would be.
    private func place(of name: String) -> Int {
        var low = 0
        var high = tables.count
        while low < high {
            let middle = (low + high) / 2
            if tables[middle].file.file < name { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A run of a generation, to be looked into by every lookup that its keys may concern.
final class Run {
    let file: Manifest.TableFile
    private unowned let generation: Generation
    private var opened: Table?

    init(_ file: Manifest.TableFile, of generation: Generation) {
        self.file = file
        self.generation = generation
    }

    /// Its file, opened when it is first asked for.
    var table: Table {
        get throws(ShopError) {
            if let opened { return opened }
            let table = try generation.table(file)
            opened = table
            return table
        }
    }

    func mayHold(_ key: UnsafeRawBufferPointer, of collection: UnsafeRawBufferPointer) -> Bool {
        file.first.withUnsafeBytes { compareBytes($0, key) <= 0 }
            && file.last.withUnsafeBytes { compareBytes($0, key) >= 0 } && file.holds(collection)
    }
}

extension Files {
    /// Opens for appending, or only for reading where the medium or the mode forbids writing:
    /// readers work on a read-only mount.
    func open(_ path: String, _ mode: OpenMode, orReadOnly step: String) throws(ShopError)
        -> FileDescriptor
    {
        do throws(SystemError) {
            return try system.open(path, mode)
        } catch  where error.isReadOnly {
            return try open(path, .read, to: step)
        } catch {
            throw ShopError.systemCall(step, path, error)
        }
    }
}
