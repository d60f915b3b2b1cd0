import Glibc
import Storage

/// Everything that a simulated disk holds, and what the kernel has not written to it yet.
///
/// A value: a copy costs nothing until one of the two is changed, so a test takes one at every
/// call. The model is ALICE's (Pillai and others, OSDI 2014) with ext4's atomic rename:
/// - a sync of a file stores its data and size, not the names it has in directories;
/// - a sync of a directory stores the names made, renamed and removed in it;
/// - nothing else orders anything: a crash leaves any of the rest.
package struct SimulatedDisk: Sendable {
    typealias Inode = UInt64

    /// One call's work on directories, stored whole or not at all.
    struct EntryChange: Sendable {
        let sequence: Int
        var assignments: [Assignment]
    }

    struct Assignment: Sendable {
        let directory: Inode
        let name: String
        /// nil: the name is removed.
        let inode: Inode?
    }

    struct Directory: Sendable {
        var durable: [String: Inode] = [:]
        var current: [String: Inode] = [:]
    }

    static let root: Inode = 2

    var files: [Inode: SimulatedFile] = [:]
    var directories: [Inode: Directory] = [root: Directory()]
    var pendingEntries: [EntryChange] = []
    /// Inodes without a name, which a descriptor or the disk may still need.
    private var nameless: Set<Inode> = []
    /// Grows with every change, so that all of them have one order.
    private(set) var sequence = 0

    /// How many bytes all files may hold together; nil for no limit.
    package var capacity: Int?
    /// Rises with every crash.
    package internal(set) var boot = 1

    package init() {}

    /// Bytes of all files that have a name.
    package var used: Int {
        files.values.reduce(0) { $0 + ($1.links > 0 ? $1.current.count : 0) }
    }

    mutating func nextSequence() -> Int {
        sequence += 1
        return sequence
    }

    // MARK: - Names

    func inode(at path: String) throws(SystemError) -> Inode {
        var inode = Self.root
        for name in path.utf8.split(separator: UInt8(ascii: "/")) where !name.elementsEqual([0x2e])
        {
            guard let directory = directories[inode] else { throw SystemError(code: ENOTDIR) }
            guard let next = directory.current[String(name) ?? ""] else {
                throw SystemError(code: ENOENT)
            }
            inode = next
        }
        return inode
    }

    /// The directory that holds, or would hold, the last name of `path`.
    func place(of path: String) throws(SystemError) -> (directory: Inode, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            return (Self.root, path)
        }
        let directory = try inode(at: String(path[..<slash]))
        guard directories[directory] != nil else { throw SystemError(code: ENOTDIR) }
        return (directory, String(path[path.utf8.index(after: slash)...]))
    }

    private func named(_ name: String, in directory: Inode) -> Inode? {
        directories[directory]?.current[name]
    }

    private mutating func assign(_ assignments: [Assignment]) {
        for one in assignments {
            directories[one.directory]?.current[one.name] = one.inode
        }
        pendingEntries.append(EntryChange(sequence: nextSequence(), assignments: assignments))
    }

    private mutating func addLinks(_ count: Int, to inode: Inode) {
        files[inode]?.links += count
        if files[inode]?.links == 0 { nameless.insert(inode) }
    }

    /// The smallest free number: a file system gives numbers out again.
    private func freeInode() -> Inode {
        var inode = Self.root + 1
        while files[inode] != nil || directories[inode] != nil { inode += 1 }
        return inode
    }

    mutating func create(_ path: String) throws(SystemError) -> Inode {
        let (directory, name) = try place(of: path)
        guard !name.isEmpty, named(name, in: directory) == nil else {
            throw SystemError(code: EEXIST)
        }
        try checkRoom()
        let inode = freeInode()
        files[inode] = SimulatedFile(stored: [], links: 1)
        assign([Assignment(directory: directory, name: name, inode: inode)])
        return inode
    }

    mutating func makeDirectory(_ path: String) throws(SystemError) {
        let (directory, name) = try place(of: path)
        guard !name.isEmpty, named(name, in: directory) == nil else {
            throw SystemError(code: EEXIST)
        }
        try checkRoom()
        let inode = freeInode()
        directories[inode] = Directory()
        assign([Assignment(directory: directory, name: name, inode: inode)])
    }

    mutating func link(_ path: String, to newPath: String) throws(SystemError) {
        let inode = try inode(at: path)
        let (directory, name) = try place(of: newPath)
        guard !name.isEmpty, named(name, in: directory) == nil else {
            throw SystemError(code: EEXIST)
        }
        guard files[inode] != nil else { throw SystemError(code: EPERM) }
        try checkRoom()
        addLinks(1, to: inode)
        assign([Assignment(directory: directory, name: name, inode: inode)])
    }

    mutating func unlink(_ path: String) throws(SystemError) {
        let (directory, name) = try place(of: path)
        guard !name.isEmpty else { throw SystemError(code: EISDIR) }
        guard let inode = named(name, in: directory) else { throw SystemError(code: ENOENT) }
        guard files[inode] != nil else { throw SystemError(code: EISDIR) }
        addLinks(-1, to: inode)
        assign([Assignment(directory: directory, name: name, inode: nil)])
    }

    mutating func rename(_ path: String, to newPath: String) throws(SystemError) {
        let from = try place(of: path)
        let to = try place(of: newPath)
        guard let inode = named(from.name, in: from.directory) else {
            throw SystemError(code: ENOENT)
        }
        let isDirectory = directories[inode] != nil
        if isDirectory, contains(to.directory, under: inode) { throw SystemError(code: EINVAL) }
        if let old = named(to.name, in: to.directory) {
            if contains(from.directory, under: old) { throw SystemError(code: ENOTEMPTY) }
            // rename(2): two names of one file stay as they are.
            if old == inode { return }
            if let replaced = directories[old] {
                guard isDirectory else { throw SystemError(code: EISDIR) }
                guard replaced.current.isEmpty else { throw SystemError(code: ENOTEMPTY) }
            } else if isDirectory {
                throw SystemError(code: ENOTDIR)
            }
            addLinks(-1, to: old)
        }
        assign([
            Assignment(directory: from.directory, name: from.name, inode: nil),
            Assignment(directory: to.directory, name: to.name, inode: inode),
        ])
    }

    /// Whether `inode` is `ancestor` or lies below it.
    private func contains(_ inode: Inode, under ancestor: Inode) -> Bool {
        if inode == ancestor { return true }
        guard let directory = directories[ancestor] else { return false }
        return directory.current.values.contains { contains(inode, under: $0) }
    }

    func entries(_ path: String) throws(SystemError) -> [String] {
        guard let directory = directories[try inode(at: path)] else {
            throw SystemError(code: ENOTDIR)
        }
        return directory.current.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    // MARK: - Data

    /// How many of `count` bytes at `offset` fit on the disk.
    func room(for count: Int, at offset: Int, in inode: Inode) throws(SystemError) -> Int {
        guard let capacity, let file = files[inode] else { return count }
        let growth = max(0, offset + count - file.current.count)
        let fits = count - max(0, growth - max(0, capacity - used))
        guard fits > 0 || count == 0 else { throw SystemError(code: ENOSPC) }
        return fits
    }

    private func checkRoom() throws(SystemError) {
        if let capacity, used >= capacity { throw SystemError(code: ENOSPC) }
    }

    mutating func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, in inode: Inode
    ) {
        let sequence = nextSequence()
        files[inode]?.write(bytes, at: offset, sequence: sequence)
    }

    mutating func failToSynchronize(_ inode: Inode, _ outcome: FailedSync) {
        files[inode]?.failToSynchronize(outcome)
    }

    func status(of inode: Inode) -> FileStatus {
        let file = files[inode]
        return FileStatus(
            size: file?.current.count ?? 4_096, inode: inode, links: file?.links ?? 2,
            mode: file == nil ? 0o700 : 0o600, isDirectory: file == nil, owner: 1_000)
    }

    mutating func truncate(_ inode: Inode, to size: Int) throws(SystemError) {
        _ = try room(for: 0, at: size, in: inode)
        let sequence = nextSequence()
        files[inode]?.truncate(to: size, sequence: sequence)
    }

    // MARK: - Syncs

    /// Stores the entries of one directory.
    ///
    /// A rename between two directories is stored whole, and with it what was done before in the
    /// other directory: one change cannot overtake another of the same name.
    mutating func synchronizeDirectory(_ path: String) throws(SystemError) {
        let inode = try inode(at: path)
        guard directories[inode] != nil else { throw SystemError(code: ENOTDIR) }
        var stored: Set<Inode> = [inode]
        var left: [EntryChange] = []
        var done: [EntryChange] = []
        for change in pendingEntries.reversed() {
            if change.assignments.contains(where: { stored.contains($0.directory) }) {
                stored.formUnion(change.assignments.map(\.directory))
                done.append(change)
            } else {
                left.append(change)
            }
        }
        for change in done.reversed() { store(change) }
        pendingEntries = left.reversed()
    }

    mutating func store(_ change: EntryChange) {
        for one in change.assignments {
            directories[one.directory]?.durable[one.name] = one.inode
        }
    }

    /// Stores everything, as sync(2) does.
    package mutating func synchronizeAll() {
        for inode in files.keys { files[inode]?.synchronize() }
        for change in pendingEntries { store(change) }
        pendingEntries = []
    }

    /// Whether there is anything that a crash could take.
    package var isSettled: Bool {
        pendingEntries.isEmpty && files.values.allSatisfy(\.isSettled)
    }

    mutating func forgetNameless() { nameless = [] }

    /// Forgets files that have no name, now or after any crash, and that nobody has open.
    mutating func collectGarbage(open: Set<Inode>) {
        guard !nameless.isEmpty else { return }
        var needed = open
        for directory in directories.values { needed.formUnion(directory.durable.values) }
        for change in pendingEntries {
            for one in change.assignments { if let inode = one.inode { needed.insert(inode) } }
        }
        for inode in nameless where !needed.contains(inode) {
            files[inode] = nil
            nameless.remove(inode)
        }
    }
}
