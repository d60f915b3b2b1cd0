import CLinux
import Glibc

/// A line in which processes wait for a flock, first come, first served.
///
/// flock knows no order: who unlocks and locks again at once has it again, and of sixteen that
/// poll one may never hit the moment. So a waiting process marks a byte of the file far behind its
/// contents, at the offset that the monotonic clock says in nanoseconds: a ticket, whose place in
/// the line is the time it was drawn. Whoever sees a mark below his own waits. The marks are locks
/// of the open file description (fcntl(2), F_OFD_SETLK): nothing is written, and the kernel takes
/// away those of a process that dies.
///
/// The line is a courtesy and the flock is the law: who finds the flock free although others
/// stand before him takes it after `courtesy`, so that a stopped process in the line costs the
/// others that long, and not all their patience.
extension PosixFileSystem {
    /// The first offset that can be a ticket: behind what LOCK holds.
    private static let firstTicket: Int64 = 4096

    package func lockInTurn(
        _ file: FileDescriptor, waiting milliseconds: Int
    ) throws(SystemError) -> Bool {
        if !isAwaited(file), try lock(file, .exclusive, waiting: 0) { return true }
        let start = monotonicMilliseconds
        guard let ticket = drawTicket(file) else {
            return try lock(file, .exclusive, waiting: milliseconds)
        }
        defer { _ = shopctl_mark_byte(file.rawValue, ticket, 0) }
        var outOfTurn = start + courtesy
        var nap: UInt32 = 50
        while true {
            let isNext =
                shopctl_bytes_marked(file.rawValue, Self.firstTicket, ticket) != 1
            let now = monotonicMilliseconds
            let isLate = now >= start + milliseconds
            if isNext || isLate || now >= outOfTurn {
                if try lock(file, .exclusive, waiting: 0) { return true }
                outOfTurn = now + courtesy
            }
            guard !isLate else { return false }
            // The next one looks often, for commits are short; the others need not.
            nap = min(nap * 2, isNext ? 100 : 500)
            usleep(nap)
        }
    }

    package func isAwaited(_ file: FileDescriptor) -> Bool {
        shopctl_bytes_marked(file.rawValue, Self.firstTicket, 0) == 1
    }

    /// The place in the line of who comes now; nil where the file system has no such locks.
    private func drawTicket(_ file: FileDescriptor) -> Int64? {
        while true {
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            let ticket =
                max(Self.firstTicket, Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
            if shopctl_mark_byte(file.rawValue, ticket, 1) == 0 { return ticket }
            // Two came in the same nanosecond.
            guard errno == EAGAIN || errno == EACCES || errno == EINTR else { return nil }
        }
    }

    /// Read from /proc/locks: `1: FLOCK  ADVISORY  WRITE 4711 fe:00:131 0 EOF`.
    package func lockHolder(_ file: FileDescriptor) -> Int32? {
        guard let inode = try? status(file).inode, let text = Self.heldLocks() else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 8, words[1] == "FLOCK", words[3] == "WRITE",
                words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode
            else { continue }
            // 0 or less: a process that this one cannot see.
            return Int32(words[4]).flatMap { $0 > 0 ? $0 : nil }
        }
        return nil
    }

    private static func heldLocks() -> String? {
        let file = Glibc.open("/proc/locks", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { _ = Glibc.close(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
