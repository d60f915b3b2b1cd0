/// What a `CrashExplorer` tried and what it found.
package struct CrashReport: Sendable, CustomStringConvertible {
    package struct Failure: Sendable {
        /// Names the state for `SHOPCTL_CRASH_ONLY`.
        package let state: String
        /// The call before which it happened, or the fault that was planned.
        package let occasion: String
        package let problem: String
        /// The disk that the failed check was given.
        package let disk: SimulatedDisk
    }

    package let seed: UInt64
    /// Mutating calls of the workload.
    package internal(set) var calls = 0
    /// Checks made, by mode.
    package internal(set) var states: [CrashMode: Int] = [:]
    package internal(set) var failures: [Failure] = []

    /// Whether no check failed.
    package var holds: Bool { failures.isEmpty }

    /// States after a power cut, a kill, a failing call or a full disk.
    package var crashStates: Int { total - recoveryStates }

    /// States after a crash, or an error, while the store recovered from a crash.
    package var recoveryStates: Int { states[.recovery] ?? 0 }

    /// Checks made in all modes.
    package var total: Int { states.values.reduce(0, +) }

    package var description: String {
        let counts = CrashMode.allCases.compactMap { mode in
            states[mode].map { "\(mode.rawValue) \($0)" }
        }
        var text = "SHOPCTL_SEED=\(seed): \(calls) calls, states: \(counts.joined(separator: ", "))"
        for failure in failures {
            text += """
                \n✗ \(failure.problem)
                  \(failure.occasion)
                  repeat with SHOPCTL_SEED=\(seed) SHOPCTL_CRASH_ONLY='\(failure.state)'
                """
        }
        return text
    }
}

/// A way to make trouble.
package enum CrashMode: String, Sendable, CaseIterable {
    /// A power cut before every call and after the last one.
    case powerCut = "power cut"
    /// kill -9 at the same places.
    case kill
    /// Every call fails, or moves half of its bytes, once and for ever.
    case error
    /// The disk is full at every size.
    case fullDisk = "full disk"
    /// A power cut, then another one or an error while the store recovers.
    case recovery
}
