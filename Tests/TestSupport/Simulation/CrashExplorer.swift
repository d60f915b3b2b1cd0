import Glibc
import Synchronization

/// Runs a workload into every kind of trouble and checks what is left each time.
///
/// ```
/// let report = CrashExplorer<Int>(
///     prepare: { files, _ in try makeStore(files) },
///     workload: { files, ledger in
///         let store = try open(files)
///         for number in 1...5 {
///             ledger.begin(number)
///             try store.add(number)
///             ledger.acknowledge(number)
///         }
///     },
///     check: { files, ledger in
///         let store = try open(files)                  // recovery is part of what is checked
///         try ledger.compare(found: store.numbers())
///     }
/// ).explore()
/// #expect(report.holds && report.total > 1_000, "\(report)")
/// ```
/// The same seed explores the same states. `SHOPCTL_SEED` sets it, `SHOPCTL_LONG=1` asks for all
/// points, `SHOPCTL_CRASH_STATES` says how many random states follow from each crash,
/// `SHOPCTL_CRASH_ONLY` the one state to look at again, and `SHOPCTL_CRASH_VERBOSE` names every
/// state before it is checked (for checks that trap).
package struct CrashExplorer<Entry: Hashable & Sendable> {
    package typealias Step = (SimulatedFileSystem, Ledger<Entry>) throws -> Void

    /// Makes what stands on the disk before the workload begins, all of it synced.
    let prepare: Step
    /// What is interrupted. Must not throw when nothing goes wrong; when a call fails it may.
    let workload: Step
    /// Opens what is left and compares it with the ledger; throws what it finds wrong.
    ///
    /// May write, and enter that in the ledger: it is interrupted in its turn.
    let check: Step

    package var seed = standardSeed
    package static var standardSeed: UInt64 {
        environment("SHOPCTL_SEED").flatMap { UInt64($0) } ?? 1
    }
    /// Random states tried for each crash.
    package var choices = environment("SHOPCTL_CRASH_STATES").flatMap { Int($0) } ?? 8
    /// The same for a power cut after a call of the undisturbed workload.
    var powerCutChoices: Int { Self.isLong ? choices * 16 : choices }
    /// Makes calls fail, and interrupts recovery, at only so many of a longer workload's calls,
    /// spread evenly. Power cuts and kills come at every one.
    package var maximumPoints = Int.max
    /// The long form, which has no such limit.
    package static var isLong: Bool { environment("SHOPCTL_LONG") == "1" }
    package var only = environment("SHOPCTL_CRASH_ONLY")
    let isVerbose = environment("SHOPCTL_CRASH_VERBOSE") != nil
    /// Stops after so many failures.
    package var maximumFailures = 5

    package init(
        prepare: @escaping Step = { _, _ in },
        workload: @escaping Step, check: @escaping Step
    ) {
        self.prepare = prepare
        self.workload = workload
        self.check = check
    }

    /// Tries everything that belongs to `modes`, and says what failed.
    package func explore(_ modes: Set<CrashMode> = Set(CrashMode.allCases)) -> CrashReport {
        var exploration = Exploration(plan: self)
        exploration.run(modes)
        return exploration.report
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Of `0..<count`, all or `maximumPoints` spread evenly.
    func points(_ count: Int, isWhole: Bool = isLong) -> [Int] {
        guard !isWhole, count > maximumPoints else { return Array(0..<count) }
        guard maximumPoints > 1 else { return [count - 1] }
        return (0..<maximumPoints).map { $0 * (count - 1) / (maximumPoints - 1) }
    }

    /// A generator for one state, whatever was tried before it.
    func random(for state: String) -> SeededRandom {
        // FNV-1a over the state's name.
        var hash = seed ^ 0xcbf2_9ce4_8422_2325
        for byte in state.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return SeededRandom(seed: hash)
    }
}

/// The disk and the claims between two calls of a program.
struct CrashPoint<Entry: Hashable & Sendable>: Sendable {
    /// The call that comes next.
    let next: String
    let disk: SimulatedDisk
    let claims: Claims<Entry>
}

/// A run of a program, and every moment at which it could have been stopped.
struct Recording<Entry: Hashable & Sendable> {
    /// Before each mutating call, and after the last.
    let points: [CrashPoint<Entry>]
    let calls: [SimulatedCall]
    let looks: Int
    /// How many of the calls came before a fault first struck.
    let struckAfter: Int?
    let error: (any Error)?

    /// How many of the calls are of `kinds`, which either all look or all do not.
    func count(_ kinds: Set<SimulatedCall.Kind>) -> Int {
        kinds.isSubset(of: .looking) ? looks : calls.count { kinds.contains($0.kind) }
    }
}

extension CrashExplorer {
    /// Runs `step` on a machine with `disk`, which `makeTrouble` may prepare.
    func record(
        _ step: Step, on disk: SimulatedDisk, _ claims: Claims<Entry>,
        _ makeTrouble: (SimulatedFileSystem) -> Void = { _ in }
    ) -> Recording<Entry> {
        let files = SimulatedFileSystem(disk: disk)
        let ledger = Ledger(claims)
        let kept = Kept<CrashPoint<Entry>>()
        makeTrouble(files)
        files.observe { call in
            // Whatever was acknowledged before this call was promised: the state of before it is
            // held to that.
            kept.add(
                CrashPoint(next: "before \(call)", disk: files.disk, claims: ledger.claims))
        }
        var failure: (any Error)?
        do { try step(files, ledger) } catch { failure = error }
        files.observe(nil)
        kept.add(CrashPoint(next: "after the last call", disk: files.disk, claims: ledger.claims))
        return Recording(
            points: kept.all, calls: files.calls, looks: files.looks,
            struckAfter: files.struckAfter, error: failure)
    }
}

/// A list that the observer of a file system can add to.
private final class Kept<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func add(_ element: Element) { elements.withLock { $0.append(element) } }

    var all: [Element] { elements.withLock { $0 } }
}
