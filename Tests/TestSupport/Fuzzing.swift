import Glibc

/// A reader that was given mutations of real inputs for a while.
package struct Fuzzing: CustomStringConvertible {
    package private(set) var count = 0
    /// The most of this thread's own time that one input took, in seconds: a hang shows here.
    package private(set) var slowest = 0.0
    private let seed: String

    package var description: String { "\(count) inputs, \(seed), the slowest took \(slowest) s" }

    /// For each reader so long in the ordinary run; a minute with SHOPCTL_LONG=1.
    package static var seconds: Double { CrashExplorer<Int>.isLong ? 60 : 0.5 }

    package init(
        _ corpus: [[UInt8]], changing change: ([UInt8], Int) -> [UInt8] = { bytes, _ in bytes },
        _ body: ([UInt8]) throws -> Void
    ) rethrows {
        var mutation = ByteMutation(corpus, seed: CrashExplorer<Int>.standardSeed)
        seed = mutation.seed
        let end = Self.time(CLOCK_MONOTONIC) + Self.seconds
        // At least some, however busy the machine is.
        while count < 300 || Self.time(CLOCK_MONOTONIC) < end {
            let bytes = change(mutation.next(), count)
            let start = Self.time(CLOCK_THREAD_CPUTIME_ID)
            try body(bytes)
            slowest = max(slowest, Self.time(CLOCK_THREAD_CPUTIME_ID) - start)
            count += 1
        }
    }

    private static func time(_ clock: clockid_t) -> Double {
        var spec = timespec()
        clock_gettime(clock, &spec)
        return Double(spec.tv_sec) + Double(spec.tv_nsec) / 1e9
    }
}
