import Glibc
import Storage

/// One run of a `CrashExplorer` through its states.
struct Exploration<Entry: Hashable & Sendable> {
    let plan: CrashExplorer<Entry>
    private(set) var report: CrashReport
    /// What was promised before the workload began.
    private var claims = Claims<Entry>()

    init(plan: CrashExplorer<Entry>) {
        self.plan = plan
        report = CrashReport(seed: plan.seed)
    }

    private var isOver: Bool { report.failures.count >= plan.maximumFailures }

    mutating func run(_ modes: Set<CrashMode>) {
        let files = SimulatedFileSystem()
        let ledger = Ledger<Entry>()
        do { try plan.prepare(files, ledger) } catch {
            fail("prepare", "nothing went wrong", "preparing failed: \(error)", files.disk)
            return
        }
        var disk = files.disk
        disk.synchronizeAll()
        claims = ledger.claims
        let recording = plan.record(plan.workload, on: disk, claims)
        report.calls = recording.calls.count
        if let error = recording.error {
            fail("workload", "nothing went wrong", "the workload failed: \(error)", disk)
            return
        }
        for (index, point) in recording.points.enumerated() {
            if modes.contains(.kill) { kill(point, "kill \(index)", .kill) }
            if modes.contains(.powerCut) {
                crash(point, "crash \(index)", .powerCut, choices: plan.powerCutChoices)
            }
        }
        if modes.contains(.recovery) {
            for index in plan.points(recording.points.count) {
                interruptRecovery(recording.points[index], "again \(index)")
            }
        }
        if modes.contains(.error) { failCalls(disk, recording) }
        if modes.contains(.fullDisk), let last = recording.points.last {
            fillDisk(disk, upTo: last.disk.used)
        }
    }

    // MARK: - States

    /// Whether `state` is one to look at; with `only`, also those on the way to it.
    private func isWanted(_ state: String) -> Bool {
        guard !isOver else { return false }
        guard let only = plan.only else { return true }
        return only == state || only.hasPrefix(state + " ") || state.hasPrefix(only + " ")
    }

    private mutating func fail(
        _ state: String, _ occasion: String, _ problem: String, _ disk: SimulatedDisk
    ) {
        report.failures.append(
            CrashReport.Failure(state: state, occasion: occasion, problem: problem, disk: disk))
    }

    /// Checks one disk.
    private mutating func judge(
        _ disk: SimulatedDisk, _ claims: Claims<Entry>, _ state: String, _ occasion: String,
        _ mode: CrashMode
    ) {
        announce(state)
        report.states[mode, default: 0] += 1
        do { try plan.check(SimulatedFileSystem(disk: disk), Ledger(claims)) } catch {
            fail(state, occasion, "\(error)", disk)
        }
    }

    private func announce(_ state: String) {
        guard plan.isVerbose else { return }
        let line = Array("\(state)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    private mutating func kill(
        _ point: CrashPoint<Entry>, _ state: String, _ mode: CrashMode
    ) {
        guard isWanted(state) else { return }
        judge(point.disk, point.claims, state, "killed \(point.next)", mode)
    }

    /// Some of the states that a crash at `point` may leave.
    private mutating func crash(
        _ point: CrashPoint<Entry>, _ state: String, _ mode: CrashMode, choices: Int
    ) {
        // With nothing to lose there is one state.
        var policies: [(String, CrashPolicy)] = [("nothing", .nothing)]
        if !point.disk.isSettled {
            policies.append(("everything", .everything))
            policies += (0..<choices).map {
                ("#\($0)", CrashPolicy.random[$0 % CrashPolicy.random.count])
            }
        }
        for (name, policy) in policies {
            let state = "\(state) \(name)"
            guard isWanted(state) else { continue }
            var random = plan.random(for: state)
            judge(
                point.disk.crashed(choosing: &random, policy), point.claims, state,
                "power cut \(point.next), \(policy)", mode)
        }
    }

    // MARK: - Trouble while recovering

    /// Interrupts the check of one state after a crash at `point`, and of the one after a kill.
    private mutating func interruptRecovery(_ point: CrashPoint<Entry>, _ state: String) {
        guard isWanted(state) else { return }
        var random = plan.random(for: state)
        let disk = point.disk.crashed(choosing: &random, random.one(of: CrashPolicy.allCases))
        let occasion = "recovering from a power cut \(point.next)"
        interrupt(disk, point.claims, "\(state) crashed", occasion, .recovery, choices: 1)
        interrupt(
            point.disk, point.claims, "\(state) killed", "recovering from a kill \(point.next)",
            .recovery, choices: 0)
        let recovery = plan.record(plan.check, on: disk, point.claims)
        for number in 0..<max(1, plan.choices / 2) {
            let state = "\(state) fault \(number)"
            var random = plan.random(for: state)
            let kinds = random.one(of: [Set.mutating, .looking])
            let count = recovery.count(kinds)
            guard count > 0 else { continue }
            let fault = Fault(
                .error(EIO), on: kinds, at: Int(random.number(1...Int64(count))),
                forever: random.chance(1, in: 2))
            run(
                plan.check, on: disk, point.claims, state,
                "\(fault) of \(Self.words(kinds)), \(occasion)", .recovery
            ) { $0.faults = [fault] }
        }
    }

    /// Checks a disk, and the disks that this check leaves when it is cut short at some calls.
    private mutating func interrupt(
        _ disk: SimulatedDisk, _ claims: Claims<Entry>, _ state: String, _ occasion: String,
        _ mode: CrashMode, choices: Int
    ) {
        guard isWanted(state) else { return }
        announce(state)
        report.states[mode, default: 0] += 1
        let recovery = plan.record(plan.check, on: disk, claims)
        if let error = recovery.error {
            fail(state, occasion, "\(error)", disk)
            return
        }
        var few = plan
        few.maximumPoints = max(2, choices > 0 ? plan.choices : plan.choices / 2)
        for index in few.points(recovery.points.count, isWhole: false) {
            let point = CrashPoint(
                next: "\(recovery.points[index].next) of \(occasion)",
                disk: recovery.points[index].disk, claims: recovery.points[index].claims)
            crash(point, "\(state) \(index)", mode, choices: choices)
            if choices > 0 { kill(point, "\(state) \(index) killed", mode) }
        }
    }

    // MARK: - Errors

    /// Runs `step` with some trouble, which may make it fail, but not lie; then checks what is
    /// left when the trouble is over, with and without a power cut.
    private mutating func run(
        _ step: CrashExplorer<Entry>.Step, on disk: SimulatedDisk, _ claims: Claims<Entry>,
        _ state: String, _ occasion: String, _ mode: CrashMode,
        _ makeTrouble: (SimulatedFileSystem) -> Void
    ) {
        guard isWanted(state) else { return }
        announce(state)
        report.states[mode, default: 0] += 1
        let recording = plan.record(step, on: disk, claims, makeTrouble)
        if let contradiction = recording.error as? Contradiction {
            fail(state, occasion, "\(contradiction)", disk)
            return
        }
        var points = recording.points.map { point in
            var left = point.disk
            left.capacity = nil
            return CrashPoint(
                next: "\(point.next), with \(occasion)", disk: left, claims: point.claims)
        }
        guard let last = points.popLast() else { return }
        interrupt(last.disk, last.claims, "\(state) killed", occasion, mode, choices: 0)
        crash(last, state, mode, choices: max(1, plan.choices / 4))
        // Soon after the fault, before later calls happen to make up for it.
        guard let struck = recording.struckAfter else { return }
        for index in struck + 1..<struck + 4 where index < points.count {
            crash(points[index], "\(state) \(index)", mode, choices: 0)
        }
    }

    private mutating func failCalls(_ disk: SimulatedDisk, _ recording: Recording<Entry>) {
        let seed = plan.seed
        let troubles: [(Fault.Effect, Set<SimulatedCall.Kind>, once: Bool, forever: Bool)] = [
            (.error(EIO), .mutating, true, true),
            (.error(EIO, .everythingWritten), .syncs, true, false),
            (.error(EIO, .someWritten(seed: seed)), .syncs, true, false),
            (.error(EINTR), .mutating, true, true),
            (.error(ENOSPC), .allocating, true, true),
            (.short, .writes, true, true),
            (.error(EIO), .looking, true, true),
        ]
        for (effect, kinds, once, forever) in troubles {
            let count = recording.count(kinds)
            for index in plan.points(count) {
                for isForever in [once ? [false] : [], forever ? [true] : []].joined() {
                    let fault = Fault(effect, on: kinds, at: index + 1, forever: isForever)
                    let words = "\(fault) of \(Self.words(kinds))"
                    run(plan.workload, on: disk, claims, words, words, .error) {
                        $0.faults = [fault]
                    }
                }
            }
        }
    }

    private static func words(_ kinds: Set<SimulatedCall.Kind>) -> String {
        switch kinds {
        case .mutating: "all that change something"
        case .looking: "all that look"
        case .syncs: "the syncs"
        case .writes: "the writes"
        default: "all that need room"
        }
    }

    // MARK: - A full disk

    private mutating func fillDisk(_ disk: SimulatedDisk, upTo used: Int) {
        let room = max(0, used - disk.used)
        let levels = min(64, room / SimulatedFile.block + 1)
        for level in 0..<levels {
            let capacity = disk.used + level * room / levels
            let words = "full at \(capacity)"
            run(plan.workload, on: disk, claims, words, words, .fullDisk) {
                $0.disk.capacity = capacity
            }
        }
    }
}
