import Glibc
import Storage
import Synchronization

/// One computer from its start to its crash: a disk, the files that processes have open, their
/// locks, and what is planned to go wrong.
final class SimulatedMachine: Sendable {
    struct OpenFile: Sendable {
        let process: Int32
        let inode: SimulatedDisk.Inode
        let path: String
        /// nil for a file opened for reading.
        let mode: OpenMode?
        var lock: LockKind?
    }

    struct State: Sendable {
        var disk: SimulatedDisk
        var open: [Int32: OpenFile] = [:]
        private var lastDescriptor: Int32 = 2
        private var lastProcess: Int32 = 1_000
        var dead: Set<Int32> = []
        var isDown = false
        var isReadOnly = false
        var isNetwork = false
        var milliseconds = 1_000_000
        var faults: [Fault] = []
        /// The mutating calls so far.
        var calls: [SimulatedCall] = []
        /// How many of them were made before a fault first struck.
        var struckAfter: Int?
        /// The calls that only look, so far.
        var looks = 0
        var observer: (@Sendable (SimulatedCall) -> Void)?
        var whileWaiting: (@Sendable () -> Void)?

        init(disk: SimulatedDisk) { self.disk = disk }
    }

    private let state: Mutex<State>

    init(disk: SimulatedDisk) { state = Mutex(State(disk: disk)) }

    func withState<R: Sendable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> R
    ) throws(Failure) -> R {
        try state.withLock { (state) throws(Failure) -> R in try body(&state) }
    }

    /// Makes one call for `process`: tells the observer, counts it, and carries it out unless a
    /// fault says otherwise.
    func call<R: Sendable>(
        _ process: Int32, _ kind: SimulatedCall.Kind, _ path: String, count: Int = 0,
        _ body: (inout State, Fault.Effect?) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        let isMutating = Set.mutating.contains(kind)
        let call = SimulatedCall(kind: kind, path: path, count: count)
        if isMutating, let observer = withState({ $0.observer }) { observer(call) }
        return try withState { (state) throws(SystemError) -> R in
            try state.checkAlive(process)
            let effect = state.strike(kind)
            if effect != nil, state.struckAfter == nil { state.struckAfter = state.calls.count }
            if isMutating { state.calls.append(call) } else { state.looks += 1 }
            switch effect {
            case .powerCut:
                state.isDown = true
                throw .simulatedCrash
            case .kill:
                state.kill(process)
                throw .simulatedCrash
            case .error(let code, _):
                guard Set.syncs.contains(kind) else { throw SystemError(code: code) }
            case .short, nil:
                break
            }
            if isMutating, state.isReadOnly { throw SystemError(code: EROFS) }
            return try body(&state, effect)
        }
    }
}

extension SimulatedMachine.State {
    mutating func startProcess() -> Int32 {
        lastProcess += 1
        return lastProcess
    }

    /// The process is gone: its descriptors are closed, and so its locks are free.
    mutating func kill(_ process: Int32) {
        dead.insert(process)
        open = open.filter { $0.value.process != process }
        collectGarbage()
    }

    func checkAlive(_ process: Int32) throws(SystemError) {
        if isDown || dead.contains(process) { throw .simulatedCrash }
    }

    /// Counts a call for every fault; the first that strikes counts.
    mutating func strike(_ kind: SimulatedCall.Kind) -> Fault.Effect? {
        var effect: Fault.Effect?
        for index in faults.indices where faults[index].strikes(kind) {
            if effect == nil { effect = faults[index].effect }
        }
        return effect
    }

    mutating func openFile(_ file: SimulatedMachine.OpenFile) -> FileDescriptor {
        // Never given out twice: who uses a closed descriptor is found out.
        lastDescriptor += 1
        open[lastDescriptor] = file
        return FileDescriptor(rawValue: lastDescriptor)
    }

    /// What `descriptor` is of `process`; EBADF when it is closed, or not this process's.
    func file(_ descriptor: FileDescriptor, of process: Int32) throws(SystemError)
        -> SimulatedMachine.OpenFile
    {
        guard let file = open[descriptor.rawValue], file.process == process else {
            throw SystemError(code: EBADF)
        }
        return file
    }

    mutating func close(_ descriptor: FileDescriptor, of process: Int32) {
        guard open[descriptor.rawValue]?.process == process else { return }
        open[descriptor.rawValue] = nil
        collectGarbage()
    }

    mutating func collectGarbage() {
        disk.collectGarbage(open: Set(open.values.map(\.inode)))
    }

    /// flock(2): a lock belongs to the open file; another kind replaces the one held, and a
    /// refusal loses that one too.
    mutating func takeLock(_ descriptor: FileDescriptor, _ kind: LockKind) -> Bool {
        guard let own = open[descriptor.rawValue] else { return false }
        open[descriptor.rawValue]?.lock = nil
        let isFree = open.allSatisfy { number, other in
            guard number != descriptor.rawValue, other.inode == own.inode else { return true }
            guard let held = other.lock else { return true }
            return held == .shared && kind == .shared
        }
        if isFree { open[descriptor.rawValue]?.lock = kind }
        return isFree
    }
}
