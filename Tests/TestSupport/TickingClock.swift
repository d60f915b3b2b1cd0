package import Primitives
import Synchronization

extension Clock {
    /// Starts at `start` and is one second later each time it is asked.
    package static func ticking(
        from start: Timestamp = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)
    ) -> Clock {
        let ticks = Ticks()
        return Clock { start.adding(seconds: ticks.next()) }
    }

    private final class Ticks: Sendable {
        private let count = Mutex<Int64>(0)

        func next() -> Int64 {
            count.withLock { count in
                defer { count += 1 }
                return count
            }
        }
    }
}

extension RandomBytes {
    /// Bytes that are the same for the same seed; for tests only.
    package static func seeded(_ seed: UInt64) -> RandomBytes {
        let source = Source(seed)
        return RandomBytes { count in source.bytes(count) }
    }

    private final class Source: Sendable {
        private let random: Mutex<SeededRandom>

        init(_ seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

        func bytes(_ count: Int) -> [UInt8] { random.withLock { $0.bytes(count) } }
    }
}
