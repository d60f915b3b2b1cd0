import Glibc

/// Where the time comes from; tests hand in their own.
package struct Clock: Sendable {
    package let now: @Sendable () -> Timestamp

    package init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    package static let system = Clock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            millisecondsSinceEpoch: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package static func fixed(_ time: Timestamp) -> Clock { Clock { time } }
}

/// Where unguessable bytes come from; tests hand in their own.
package struct RandomBytes: Sendable {
    /// So many bytes.
    package let next: @Sendable (Int) -> [UInt8]

    package init(next: @escaping @Sendable (Int) -> [UInt8]) {
        self.next = next
    }

    /// The kernel's generator: SystemRandomNumberGenerator is getrandom(2) on Linux.
    package static let system = RandomBytes { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
