import Glibc
package import Storage

/// A process's view of a simulated machine: everything in memory, deterministic, able to crash,
/// to tear writes and to fail calls as a disk may.
///
/// ```
/// let files = SimulatedFileSystem()
/// try files.makeDirectory("/shop")
/// …
/// var random = SeededRandom(seed: 7)
/// let after = files.crash(choosing: &random, .scattered)      // another boot, what survived
/// ```
/// What a crash may leave is said at `SimulatedDisk`, what a fault does at `Fault`.
package final class SimulatedFileSystem: FileSystem {
    let machine: SimulatedMachine
    package let processID: Int32

    /// A machine with `disk`, just started, and its first process.
    package convenience init(disk: SimulatedDisk = SimulatedDisk()) {
        self.init(SimulatedMachine(disk: disk))
    }

    private init(_ machine: SimulatedMachine) {
        self.machine = machine
        processID = machine.withState { $0.startProcess() }
    }

    // MARK: - The machine

    /// Another process on the same machine.
    package func anotherProcess() -> SimulatedFileSystem { SimulatedFileSystem(machine) }

    /// kill -9: the descriptors and locks of this process are gone, and every later call of it
    /// fails; all that it wrote can be read.
    ///
    /// - Returns: a new process on the same machine.
    @discardableResult
    package func kill() -> SimulatedFileSystem {
        machine.withState { $0.kill(processID) }
        return anotherProcess()
    }

    /// A power cut: the machine is gone, and another boot begins with what the disk held.
    package func crash(
        choosing random: inout SeededRandom, _ policy: CrashPolicy
    ) -> SimulatedFileSystem {
        machine.withState { $0.isDown = true }
        return SimulatedFileSystem(disk: disk.crashed(choosing: &random, policy))
    }

    /// The disk with all that the kernel has not written yet. A copy of it is free, and so is
    /// starting a machine with one: `SimulatedFileSystem(disk: files.disk)` is this machine
    /// after all its processes were killed.
    package var disk: SimulatedDisk {
        get { machine.withState { $0.disk } }
        set { machine.withState { $0.disk = newValue } }
    }

    /// What is to go wrong from here on.
    package var faults: [Fault] {
        get { machine.withState { $0.faults } }
        set { machine.withState { $0.faults = newValue } }
    }

    /// The mutating calls of all processes so far, in order.
    package var calls: [SimulatedCall] { machine.withState { $0.calls } }

    /// How many mutating calls were made before a fault first struck; nil when none has.
    package var struckAfter: Int? { machine.withState { $0.struckAfter } }

    /// How many calls so far only looked at something.
    package var looks: Int { machine.withState { $0.looks } }

    /// Is told of every mutating call before it is carried out.
    package func observe(_ observer: (@Sendable (SimulatedCall) -> Void)?) {
        machine.withState { $0.observer = observer }
    }

    /// Whether a fault has stopped this process or its machine.
    package var isDead: Bool {
        machine.withState { $0.isDown || $0.dead.contains(processID) }
    }

    /// The paths of the files that processes have open, in byte order.
    package var openFiles: [String] {
        machine.withState { $0.open.values.map(\.path).sorted() }
    }

    /// Whether the disk is mounted for reading only.
    package var isReadOnly: Bool {
        get { machine.withState { $0.isReadOnly } }
        set { machine.withState { $0.isReadOnly = newValue } }
    }

    /// Whether every directory claims to be on a network.
    package var isNetwork: Bool {
        get { machine.withState { $0.isNetwork } }
        set { machine.withState { $0.isNetwork = newValue } }
    }

    /// Runs while a process waits for a lock, so that a test can let the holder go on. Without
    /// it nobody can free the lock, and the wait ends at once.
    package func whileWaiting(_ body: (@Sendable () -> Void)?) {
        machine.withState { $0.whileWaiting = body }
    }

    /// Lets time pass.
    package func advance(milliseconds: Int) {
        machine.withState { $0.milliseconds += milliseconds }
    }

    // MARK: - What the machine says of itself

    package var bootID: String { "simulated-boot-\(machine.withState { $0.disk.boot })" }

    package var monotonicMilliseconds: Int { machine.withState { $0.milliseconds } }

    /// Every simulated file is its owner's alone.
    package func changeMode(_ path: String, to mode: UInt32) throws(SystemError) {
        try look(.status, path) { (state, _) throws(SystemError) in
            _ = try state.disk.inode(at: path)
        }
    }

    package func freeBytes(at path: String) throws(SystemError) -> Int {
        try look(.status, path) { (state, _) throws(SystemError) in
            _ = try state.disk.inode(at: path)
            return state.disk.capacity.map { max(0, $0 - state.disk.used) } ?? 1 << 40
        }
    }

    package func isNetworkFileSystem(_ path: String) throws(SystemError) -> Bool {
        try look(.status, path) { (state, _) throws(SystemError) in
            _ = try state.disk.inode(at: path)
            return state.isNetwork
        }
    }

    // MARK: - Descriptors

    package func open(_ path: String, _ mode: OpenMode) throws(SystemError) -> FileDescriptor {
        let creates: Bool =
            switch mode {
            case .createNew: true
            case .update: !exists(path)
            case .read, .append: false
            }
        return try machine.call(processID, creates ? .create : .open, path) {
            (state, _) throws(SystemError) in
            let inode = creates ? try state.disk.create(path) : try state.disk.inode(at: path)
            if mode != .read {
                guard state.disk.files[inode] != nil else { throw SystemError(code: EISDIR) }
                if state.isReadOnly { throw SystemError(code: EROFS) }
            }
            return state.openFile(
                SimulatedMachine.OpenFile(
                    process: processID, inode: inode, path: path, mode: mode == .read ? nil : mode))
        }
    }

    private func exists(_ path: String) -> Bool {
        machine.withState { state in (try? state.disk.inode(at: path)) != nil }
    }

    package func close(_ file: FileDescriptor) {
        machine.withState { $0.close(file, of: processID) }
    }

    private func path(of file: FileDescriptor) -> String {
        machine.withState { $0.open[file.rawValue]?.path ?? "descriptor \(file.rawValue)" }
    }

    private func look<R: Sendable>(
        _ kind: SimulatedCall.Kind, _ path: String,
        _ body: (inout SimulatedMachine.State, Fault.Effect?) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        try machine.call(processID, kind, path, body)
    }

    /// A call on an open file of this process.
    private func onFile<R: Sendable>(
        _ kind: SimulatedCall.Kind, _ descriptor: FileDescriptor, count: Int = 0,
        _ body: (
            inout SimulatedMachine.State, SimulatedMachine.OpenFile, Fault.Effect?
        ) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        try machine.call(processID, kind, path(of: descriptor), count: count) {
            (state, effect) throws(SystemError) in
            try body(&state, try state.file(descriptor, of: processID), effect)
        }
    }

    // MARK: - Data

    package func read(
        _ file: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        try onFile(.read, file, count: buffer.count) {
            (state, open, effect) throws(SystemError) in
            guard let data = state.disk.files[open.inode] else { throw SystemError(code: EISDIR) }
            var count = max(0, min(buffer.count, data.current.count - offset))
            if effect == .short, count > 1 { count /= 2 }
            data.current.withUnsafeBytes { bytes in
                guard count > 0, let source = bytes.baseAddress, let target = buffer.baseAddress
                else { return }
                memcpy(target, source + offset, count)
            }
            return count
        }
    }

    package func append(
        _ file: FileDescriptor, _ bytes: UnsafeRawBufferPointer
    ) throws(SystemError) -> Int {
        try onFile(.append, file, count: bytes.count) { (state, open, effect) throws(SystemError) in
            guard open.mode == .append || open.mode == .createNew else {
                throw SystemError(code: EBADF)
            }
            let end = state.disk.files[open.inode]?.current.count ?? 0
            return try state.write(bytes, at: end, to: open.inode, effect)
        }
    }

    package func write(
        _ file: FileDescriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        try onFile(.write, file, count: bytes.count) { (state, open, effect) throws(SystemError) in
            guard open.mode == .update else { throw SystemError(code: EBADF) }
            if leavesOut(.write, open.path) { return bytes.count }
            return try state.write(bytes, at: offset, to: open.inode, effect)
        }
    }

    package func truncate(_ file: FileDescriptor, to size: Int) throws(SystemError) {
        try onFile(.truncate, file, count: size) { (state, open, _) throws(SystemError) in
            guard open.mode != nil, size >= 0 else { throw SystemError(code: EINVAL) }
            if leavesOut(.truncate, open.path) { return }
            try state.disk.truncate(open.inode, to: size)
        }
    }

    package func synchronizeData(_ file: FileDescriptor) throws(SystemError) {
        try onFile(.synchronizeData, file) { (state, open, effect) throws(SystemError) in
            if leavesOut(.synchronizeData, open.path) { return }
            try state.synchronize(open.inode, effect)
        }
    }

    /// As `synchronizeData`: no file here has metadata that changes besides its size.
    package func synchronize(_ file: FileDescriptor) throws(SystemError) {
        try onFile(.synchronize, file) { (state, open, effect) throws(SystemError) in
            if leavesOut(.synchronize, open.path) { return }
            try state.synchronize(open.inode, effect)
        }
    }

    // MARK: - Names

    package func synchronizeDirectory(_ path: String) throws(SystemError) {
        try machine.call(processID, .synchronizeDirectory, path) {
            (state, effect) throws(SystemError) in
            if leavesOut(.synchronizeDirectory, path) { return }
            if isLateForManifest(path),
                let inode = try? state.disk.inode(at: path + "/MANIFEST.json")
            {
                state.disk.files[inode]?.synchronize()
            }
            if case .error(let code, let outcome) = effect {
                // Metadata stays in the file system's journal: it may be stored later, or never.
                if outcome == .everythingWritten { try state.disk.synchronizeDirectory(path) }
                throw SystemError(code: code)
            }
            try state.disk.synchronizeDirectory(path)
            state.collectGarbage()
        }
    }

    package func rename(_ path: String, to newPath: String) throws(SystemError) {
        try machine.call(processID, .rename, newPath) { (state, _) throws(SystemError) in
            try state.disk.rename(path, to: newPath)
        }
    }

    package func link(_ path: String, to newPath: String) throws(SystemError) {
        try machine.call(processID, .link, newPath) { (state, _) throws(SystemError) in
            try state.disk.link(path, to: newPath)
        }
    }

    package func unlink(_ path: String) throws(SystemError) {
        try machine.call(processID, .unlink, path) { (state, _) throws(SystemError) in
            try state.disk.unlink(path)
        }
    }

    package func makeDirectory(_ path: String) throws(SystemError) {
        try machine.call(processID, .makeDirectory, path) { (state, _) throws(SystemError) in
            try state.disk.makeDirectory(path)
        }
    }

    package func entries(_ path: String) throws(SystemError) -> [String] {
        try look(.entries, path) { (state, _) throws(SystemError) in
            try state.disk.entries(path)
        }
    }

    package func status(_ file: FileDescriptor) throws(SystemError) -> FileStatus {
        try onFile(.status, file) { (state, open, _) in state.disk.status(of: open.inode) }
    }

    package func status(of path: String) throws(SystemError) -> FileStatus {
        try look(.status, path) { (state, _) throws(SystemError) in
            state.disk.status(of: try state.disk.inode(at: path))
        }
    }

    // MARK: - Locks

    package func lock(
        _ file: FileDescriptor, _ kind: LockKind, waiting milliseconds: Int
    ) throws(SystemError) -> Bool {
        let deadline = monotonicMilliseconds + milliseconds
        while true {
            let isTaken = try onFile(.lock, file) { (state, open, _) in
                leavesOut(.lock, open.path) || state.takeLock(file, kind)
            }
            if isTaken { return true }
            guard let body = machine.withState({ $0.whileWaiting }),
                monotonicMilliseconds < deadline
            else { break }
            // Not again for a lock that is waited for in there.
            whileWaiting(nil)
            body()
            whileWaiting(body)
            advance(milliseconds: 1)
        }
        machine.withState { $0.milliseconds = max($0.milliseconds, deadline) }
        return false
    }

    package func unlock(_ file: FileDescriptor) {
        machine.withState { state in
            if state.open[file.rawValue]?.process == processID {
                state.open[file.rawValue]?.lock = nil
            }
        }
    }
}

extension SimulatedMachine.State {
    mutating func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, to inode: SimulatedDisk.Inode,
        _ effect: Fault.Effect?
    ) throws(SystemError) -> Int {
        var count = try disk.room(for: bytes.count, at: offset, in: inode)
        if effect == .short, count > 1 { count /= 2 }
        disk.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset, in: inode)
        return count
    }

    mutating func synchronize(
        _ inode: SimulatedDisk.Inode, _ effect: Fault.Effect?
    ) throws(SystemError) {
        guard case .error(let code, let outcome) = effect else {
            disk.files[inode]?.synchronize()
            return
        }
        disk.failToSynchronize(inode, outcome)
        throw SystemError(code: code)
    }
}
