import Glibc
import Storage
import TestSupport
import Testing

/// Names, links, locks, processes and planned faults on the simulated file system.
@Suite struct SimulatedNamesTests {
    typealias Simulated = SimulatedFileSystemTests

    /// The names that crashes leave in /d, over many choices.
    func names(_ files: SimulatedFileSystem, _ policy: CrashPolicy) -> Set<[String]> {
        Set(
            (1...200).map { seed in
                var random = SeededRandom(seed: UInt64(seed))
                return files.disk.crashed(choosing: &random, policy).paths
                    .filter { $0.hasPrefix("/d/") }
            })
    }

    // MARK: - Names and crashes

    @Test("a new file's name is lost without its directory's sync, however often it is synced")
    func nameIsLostWithoutDirectorySync() throws {
        let files = try Simulated.machine()
        let file = try files.make("/d/a", "data")
        try files.synchronize(file)
        #expect(names(files, .nothing) == [[]])
        #expect(names(files, .scattered) == [[], ["/d/a"]])
        try files.synchronizeDirectory("/d")
        #expect(names(files, .scattered) == [["/d/a"]])
    }

    @Test("a name that is stored before its data is an empty file")
    func nameWithoutData() throws {
        let files = try Simulated.machine()
        _ = try files.make("/d/a", "data")
        try files.synchronizeDirectory("/d")
        #expect(Simulated.outcomes(files, .nothing) == [[]])
    }

    @Test("a directory's sync stores its own names only")
    func directorySyncIsItsOwn() throws {
        let files = SimulatedFileSystem()
        try files.makeDirectory("/d")
        let file = try files.make("/d/a", "data")
        try files.synchronize(file)
        try files.synchronizeDirectory("/d")
        // The root does not know of /d yet: all that is below is lost.
        #expect(names(files, .nothing) == [[]])
        try files.synchronizeDirectory("/")
        #expect(names(files, .nothing) == [["/d/a"]])
    }

    @Test("rename is atomic: the old file or the new one, and never neither")
    func renameIsAtomic() throws {
        let files = try Simulated.machine()
        try files.synchronize(try files.make("/d/a", "old"))
        try files.synchronizeDirectory("/d")
        try files.synchronize(try files.make("/d/next", "new"))
        try files.rename("/d/next", to: "/d/a")
        let old: [UInt8]? = Simulated.text("old")
        let new: [UInt8]? = Simulated.text("new")
        #expect(Simulated.outcomes(files, .scattered) == [old, new])
        #expect(Simulated.outcomes(files, .nothing) == [old])
        try files.synchronizeDirectory("/d")
        #expect(Simulated.outcomes(files, .scattered) == [new])
    }

    @Test("a rename may be stored before the data of the file it names")
    func renameOvertakesData() throws {
        let files = try Simulated.machine()
        try files.synchronize(try files.make("/d/a", "old"))
        try files.synchronizeDirectory("/d")
        _ = try files.make("/d/next", "new")
        try files.rename("/d/next", to: "/d/a")
        #expect(Simulated.outcomes(files, .scattered).contains([]))
    }

    @Test("a rename between directories is stored whole by a sync of either")
    func renameBetweenDirectories() throws {
        let files = try Simulated.machine()
        try files.makeDirectory("/e")
        try files.synchronizeDirectory("/")
        try files.synchronize(try files.make("/e/b", "older"))
        try files.synchronize(try files.make("/d/a", "data"))
        try files.synchronizeDirectory("/d")
        try files.rename("/d/a", to: "/e/b")
        try files.synchronizeDirectory("/d")
        for policy in CrashPolicy.allCases {
            #expect(names(files, policy) == [[]])
            #expect(
                Simulated.outcomes(files, policy, of: "/e/b") == [Simulated.text("data")],
                "\(policy)")
        }
    }

    @Test("an unlinked file may come back with its data")
    func unlinkedFileMayComeBack() throws {
        let files = try Simulated.machine()
        let file = try files.make("/d/a", "data")
        try files.synchronize(file)
        files.close(file)
        try files.synchronizeDirectory("/d")
        try files.unlink("/d/a")
        #expect(Simulated.outcomes(files, .scattered) == [nil, Simulated.text("data")])
        try files.synchronizeDirectory("/d")
        #expect(Simulated.outcomes(files, .scattered) == [nil])
    }

    // MARK: - Links and open files

    @Test("links count the names, and an unlinked file lives while it is open")
    func linksCountNames() throws {
        let files = try Simulated.machine()
        let file = try files.make("/d/a", "data")
        #expect(try files.status(file).links == 1)
        try files.link("/d/a", to: "/d/b")
        #expect(try files.status(of: "/d/b").links == 2)
        #expect(try files.status(of: "/d/b").inode == files.status(file).inode)
        _ = try files.make("/d/c", "")
        try files.rename("/d/c", to: "/d/a")
        #expect(try files.status(file).links == 1)
        try files.unlink("/d/b")
        #expect(try files.status(file).links == 0)
        #expect(try files.contents(file) == Simulated.text("data"))
        files.close(file)
        #expect(throws: SystemError(code: EBADF)) { try files.status(file) }
    }

    @Test("a closed file's inode number is given out again only when no crash brings it back")
    func inodesAreReused() throws {
        let files = try Simulated.machine()
        let file = try files.make("/d/a", "data")
        let inode = try files.status(file).inode
        try files.synchronizeDirectory("/d")
        try files.unlink("/d/a")
        files.close(file)
        #expect(try files.status(try files.make("/d/b", "")).inode != inode)
        try files.synchronizeDirectory("/d")
        #expect(try files.status(try files.make("/d/c", "")).inode == inode)
    }

    // MARK: - Processes and locks

    @Test("an exclusive lock shuts out other descriptors, shared ones share")
    func locksShutOut() throws {
        let files = try Simulated.machine()
        let one = try files.open("/d/LOCK", .update)
        let other = files.anotherProcess()
        let two = try other.open("/d/LOCK", .read)
        #expect(try files.lock(one, .exclusive, waiting: 0))
        #expect(try files.lock(one, .exclusive, waiting: 0), "its own lock is no hindrance")
        #expect(try !other.lock(two, .shared, waiting: 30))
        files.unlock(one)
        #expect(try other.lock(two, .shared, waiting: 0))
        #expect(try files.lock(one, .shared, waiting: 0))
        #expect(try !files.lock(one, .exclusive, waiting: 0))
        // flock(2): what asked for more in vain has lost what it had.
        #expect(try other.lock(two, .exclusive, waiting: 0))
        // Two descriptors of one process are as strange to each other as two processes.
        let three = try other.open("/d/LOCK", .read)
        #expect(try !other.lock(three, .shared, waiting: 0))
    }

    @Test("waiting for a lock takes time, and the holder may go on meanwhile")
    func waitingForALock() throws {
        let files = try Simulated.machine()
        let one = try files.open("/d/LOCK", .update)
        let other = files.anotherProcess()
        let two = try other.open("/d/LOCK", .update)
        #expect(try files.lock(one, .exclusive, waiting: 0))
        let before = files.monotonicMilliseconds
        #expect(try !other.lock(two, .exclusive, waiting: 40))
        #expect(files.monotonicMilliseconds == before + 40)
        files.whileWaiting { files.unlock(one) }
        #expect(try other.lock(two, .exclusive, waiting: 40))
    }

    @Test("locks and descriptors die with the process, and what it wrote can be read")
    func locksDieWithTheProcess() throws {
        let files = try Simulated.machine()
        let file = try files.make("/d/a", "unsynced")
        #expect(try files.lock(file, .exclusive, waiting: 0))
        let next = files.kill()
        #expect(next.bootID == files.bootID && next.processID != files.processID)
        #expect(throws: SystemError.simulatedCrash) { try files.status(file) }
        #expect(throws: SystemError(code: EBADF)) { try next.status(file) }
        let again = try next.open("/d/a", .append)
        #expect(try next.lock(again, .exclusive, waiting: 0))
        #expect(try next.contents(again) == Simulated.text("unsynced"))
        #expect(next.openFiles == ["/d/a"])
    }

    @Test("a crash begins another boot, without the old one's descriptors")
    func crashBeginsAnotherBoot() throws {
        let files = try Simulated.machine()
        let file = try files.make("/d/a", "synced")
        try files.synchronize(file)
        try files.synchronizeDirectory("/d")
        #expect(try files.lock(file, .exclusive, waiting: 0))
        var random = SeededRandom(seed: 1)
        let after = files.crash(choosing: &random, .nothing)
        #expect(after.bootID != files.bootID)
        #expect(throws: SystemError.simulatedCrash) { try files.status(of: "/d/a") }
        #expect(throws: SystemError(code: EBADF)) { try after.status(file) }
        let again = try after.open("/d/a", .read)
        #expect(try after.lock(again, .exclusive, waiting: 0))
        #expect(try after.contents(again) == Simulated.text("synced"))
    }

    // MARK: - Faults

    @Test("a fault strikes at its call, once or for ever after, and has no effect on the file")
    func faultsStrike() throws {
        let files = try Simulated.machine()
        let file = try files.make("/d/a", "")
        files.faults = [Fault(.error(EIO), on: [.append], at: 2)]
        _ = try files.append(file, Simulated.text("1"))
        #expect(throws: SystemError(code: EIO)) { try files.append(file, Simulated.text("2")) }
        _ = try files.append(file, Simulated.text("3"))
        #expect(files.disk.contents(of: "/d/a") == Simulated.text("13"))
        files.faults = [Fault(.error(ENOSPC), at: 1, forever: true)]
        for _ in 0..<3 {
            #expect(throws: SystemError(code: ENOSPC)) { try files.unlink("/d/a") }
        }
        #expect(try files.contents(file) == Simulated.text("13"), "reading is not among them")
        files.faults = [Fault(.error(EIO), on: [.read], at: 1)]
        #expect(throws: SystemError(code: EIO)) { try files.contents(file) }
    }

    @Test("a short write takes half, and a short read gives half")
    func shortTransfers() throws {
        let files = try Simulated.machine()
        let file = try files.make("/d/a", "")
        files.faults = [Fault(.short, on: [.append, .read], at: 1, forever: true)]
        #expect(try files.append(file, Simulated.text("abcdef")) == 3)
        #expect(try files.append(file, Simulated.text("d")) == 1, "one byte cannot be halved")
        #expect(try files.contents(file) == Simulated.text("abcd"), "in several reads")
    }

    @Test("a power cut stops the call it strikes and every later one, of every process")
    func powerCutStopsEverything() throws {
        let files = try Simulated.machine()
        let other = files.anotherProcess()
        let file = try files.make("/d/a", "1")
        files.faults = [Fault(.powerCut, on: [.append], at: 1)]
        #expect(throws: SystemError.simulatedCrash) { try files.append(file, Simulated.text("2")) }
        #expect(throws: SystemError.simulatedCrash) { try files.status(of: "/d/a") }
        #expect(throws: SystemError.simulatedCrash) { try other.status(of: "/d/a") }
        #expect(files.isDead && other.isDead)
        #expect(files.disk.contents(of: "/d/a") == Simulated.text("1"))
    }

    @Test("a kill stops one process only")
    func killStopsOne() throws {
        let files = try Simulated.machine()
        let other = files.anotherProcess()
        let file = try files.make("/d/a", "1")
        files.faults = [Fault(.kill, on: [.append], at: 1)]
        #expect(throws: SystemError.simulatedCrash) { try files.append(file, Simulated.text("2")) }
        #expect(files.isDead && !other.isDead)
        #expect(try other.status(of: "/d/a").size == 1)
    }

    @Test("a full disk takes what fits, then refuses, and takes again after a file is gone")
    func fullDisk() throws {
        let files = try Simulated.machine()
        let file = try files.make("/d/a", "12345")
        files.disk.capacity = 8
        #expect(try files.append(file, Simulated.text("6789")) == 3)
        #expect(throws: SystemError(code: ENOSPC)) { try files.append(file, Simulated.text("9")) }
        #expect(throws: SystemError(code: ENOSPC)) { try files.open("/d/b", .createNew) }
        try files.truncate(file, to: 5)
        let other = try files.open("/d/b", .update)
        #expect(try files.write(other, Simulated.text("abcd"), at: 0) == 3)
        #expect(try files.write(other, Simulated.text("xyz"), at: 0) == 3, "in place")
        try files.unlink("/d/a")
        #expect(try files.write(other, Simulated.text("4567"), at: 3) == 4)
    }

    @Test("calls are counted and named in order; looking is not among them")
    func callsAreCounted() throws {
        let files = try Simulated.machine()
        let before = files.calls.count
        let file = try files.open("/d/LOCK", .update)
        _ = try files.write(file, Simulated.text("x"), at: 0)
        _ = try files.contents(file)
        _ = try files.open("/d/LOCK", .update)
        try files.synchronizeData(file)
        #expect(
            files.calls[before...].map(\.description) == [
                "create /d/LOCK", "write /d/LOCK (1)", "synchronizeData /d/LOCK",
            ])
        #expect(files.looks > 0)
    }

    @Test("a read-only mount can be read and not written")
    func readOnlyMount() throws {
        let files = try Simulated.machine()
        files.close(try files.make("/d/a", "data"))
        files.isReadOnly = true
        #expect(try files.contents(files.open("/d/a", .read)) == Simulated.text("data"))
        for mode in [OpenMode.append, .update] {
            #expect(throws: SystemError(code: EROFS)) { try files.open("/d/a", mode) }
        }
        #expect(throws: SystemError(code: EROFS)) { try files.unlink("/d/a") }
    }
}
