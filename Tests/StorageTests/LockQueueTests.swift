import Foundation
import Glibc
import Primitives
import Storage
import Synchronization
import TestSupport
import Testing

/// The line before LOCK, on the real file system: each opening of the file stands for a process.
@Suite struct LockQueueTests {
    let directory: TemporaryDirectory
    let files = PosixFileSystem()
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("LOCK")
    }

    func opened() throws -> FileDescriptor { try files.open(path, .update) }

    @Test("a lock that nobody has is taken at once, and nobody awaits it")
    func free() throws {
        let file = try opened()
        #expect(!files.isAwaited(file))
        #expect(try files.lockInTurn(file, waiting: 0))
        #expect(!files.isAwaited(try opened()))
        #expect(files.lockHolder(try opened()) == getpid())
        files.unlock(file)
        #expect(files.lockHolder(file) == nil)
    }

    @Test("those who wait are served in the order they came, and who unlocks comes last")
    func order() throws {
        // Nobody out of turn, however slow the machine is.
        let files = PosixFileSystem(courtesy: 60_000)
        let holder = try opened()
        #expect(try files.lockInTurn(holder, waiting: 0))
        let served = Mutex<[Int]>([])
        let group = DispatchGroup()
        for number in 1...6 {
            let file = try opened()
            group.enter()
            Thread.detachNewThread { [group] in
                do {
                    if try files.lockInTurn(file, waiting: 60_000) {
                        served.withLock { $0.append(number) }
                        files.unlock(file)
                    }
                } catch { Issue.record(error) }
                group.leave()
            }
            // The next one comes when this one stands in line.
            try waitUntil { try countOfTickets() == number }
        }
        #expect(files.isAwaited(holder))
        files.unlock(holder)
        #expect(try files.lockInTurn(holder, waiting: 60_000))
        served.withLock { $0.append(0) }
        files.unlock(holder)
        group.wait()
        #expect(served.withLock { $0 } == [1, 2, 3, 4, 5, 6, 0])
    }

    @Test("who waits in vain leaves the line")
    func patience() throws {
        let holder = try opened()
        #expect(try files.lockInTurn(holder, waiting: 0))
        let other = try opened()
        #expect(try files.lockInTurn(other, waiting: 30) == false)
        #expect(!files.isAwaited(holder))
    }

    @Test("a place in line whose owner does not take the lock holds nobody up for long")
    func stoppedInLine() throws {
        // What a stopped process leaves: a mark, and nobody who acts on it.
        let stopped = try opened()
        var range = Glibc.flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        range.l_start = 5_000
        range.l_len = 1
        #expect(fcntl(stopped.rawValue, 37, &range) == 0)
        let file = try opened()
        #expect(files.isAwaited(file))
        #expect(try files.lockInTurn(file, waiting: 60_000))
        files.unlock(file)
        files.close(stopped)
        #expect(!files.isAwaited(file))
    }

    /// Tickets on the file, as the system lists them.
    private func countOfTickets() throws -> Int {
        let inode = try files.status(of: path).inode
        return try String(contentsOfFile: "/proc/locks", encoding: .utf8)
            .split(separator: "\n")
            .filter { $0.contains("OFDLCK") && $0.contains(":\(inode) ") }.count
    }

    private func waitUntil(_ condition: () throws -> Bool) throws {
        var looks = 0
        while try !condition(), looks < 20_000 {
            usleep(500)
            looks += 1
        }
        #expect(looks < 20_000)
    }
}
