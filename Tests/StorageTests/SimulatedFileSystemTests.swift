import Glibc
import Storage
import TestSupport
import Testing

/// What a crash, a kill and a fault do to the simulated file system.
@Suite struct SimulatedFileSystemTests {
    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A machine with the stored directory /d.
    static func machine() throws -> SimulatedFileSystem {
        let files = SimulatedFileSystem()
        try files.makeDirectory("/d")
        try files.synchronizeDirectory("/")
        return files
    }

    /// What `random` may leave of /d/a, over many choices of one policy.
    static func outcomes(
        _ files: SimulatedFileSystem, _ policy: CrashPolicy, of path: String = "/d/a",
        seeds: Int = 300
    ) -> Set<[UInt8]?> {
        var found: Set<[UInt8]?> = []
        for seed in 1...seeds {
            var random = SeededRandom(seed: UInt64(seed))
            found.insert(files.disk.crashed(choosing: &random, policy).contents(of: path))
        }
        return found
    }

    // MARK: - Data

    @Test("un-synced data may be lost, may survive, and may be torn or garbled")
    func unsyncedDataMayBeLost() throws {
        let files = try Self.machine()
        let file = try files.make("/d/a", "")
        try files.synchronize(file)
        try files.synchronizeDirectory("/d")
        let data = [UInt8](repeating: UInt8(ascii: "x"), count: 1_300)
        _ = try files.append(file, data)
        #expect(Self.outcomes(files, .nothing) == [[]])
        #expect(Self.outcomes(files, .everything) == [data])
        let scattered = Self.outcomes(files, .scattered).union(Self.outcomes(files, .reordered))
        #expect(scattered.contains([]) && scattered.contains(data))
        #expect(scattered.contains(Array(data[..<512])), "a prefix of whole blocks")
        #expect(scattered.contains([UInt8](repeating: 0, count: 1_300)), "the size without data")
        let hasRecords = scattered.contains { bytes in
            bytes.map { Set($0).isSuperset(of: [UInt8(ascii: "\n"), UInt8(ascii: "{")]) } ?? false
        }
        #expect(hasRecords, "garbage that looks like records")
    }

    @Test("synced data survives every crash", arguments: [false, true])
    func syncedDataSurvives(dataOnly: Bool) throws {
        let files = try Self.machine()
        let file = try files.make("/d/a", "hello\n")
        if dataOnly { try files.synchronizeData(file) } else { try files.synchronize(file) }
        try files.synchronizeDirectory("/d")
        for policy in CrashPolicy.allCases {
            #expect(Self.outcomes(files, policy, seeds: 50) == [Self.text("hello\n")])
        }
    }

    @Test("a crash never changes bytes beside those that were written")
    func neighboursAreSafe() throws {
        let files = try Self.machine()
        let file = try files.make("/d/a", "acknowledged\n")
        try files.synchronize(file)
        try files.synchronizeDirectory("/d")
        _ = try files.append(file, [UInt8](repeating: 7, count: 2_000))
        for policy in CrashPolicy.allCases {
            for bytes in Self.outcomes(files, policy) {
                #expect(bytes?.starts(with: Self.text("acknowledged\n")) ?? false)
            }
        }
    }

    @Test("a torn append keeps whole 512-byte blocks of the file, in order or not")
    func tornAppendKeepsBlocks() throws {
        let files = try Self.machine()
        let file = try files.make("/d/a", String(repeating: "a", count: 100))
        try files.synchronize(file)
        try files.synchronizeDirectory("/d")
        let data = (0..<2_000).map { UInt8(1 + $0 % 255) }
        _ = try files.append(file, data)
        let whole = [UInt8](repeating: UInt8(ascii: "a"), count: 100) + data
        var sizes: Set<Int> = []
        for bytes in Self.outcomes(files, .prefix, seeds: 400) {
            guard let bytes else { continue }
            if whole.starts(with: bytes) { sizes.insert(bytes.count) }
        }
        #expect(sizes == [100, 512, 1_024, 1_536, 2_048, 2_100])
    }

    @Test("a block holds what memory held at one moment, never a later write without an earlier")
    func blocksAreVersions() throws {
        let files = try Self.machine()
        let file = try files.make("/d/a", "")
        try files.synchronize(file)
        try files.synchronizeDirectory("/d")
        for letter in ["a", "b", "c"] { _ = try files.append(file, Self.text(letter)) }
        // Zeros where the size came without the data; never b without a.
        let versions = ["", "a", "ab", "abc"].map { Self.text($0) + [0, 0, 0] }
        for bytes in Self.outcomes(files, .reordered) {
            guard let bytes else { continue }
            #expect(versions.contains { $0.starts(with: bytes) }, "\(bytes)")
        }
        #expect(Self.outcomes(files, .prefixOfEach).contains(Self.text("ab")))
    }

    @Test("a truncation that was not synced may come back")
    func truncationMayComeBack() throws {
        let files = try Self.machine()
        let file = try files.make("/d/a", "whole torn")
        try files.synchronize(file)
        try files.synchronizeDirectory("/d")
        try files.truncate(file, to: 5)
        #expect(Self.outcomes(files, .scattered) == [Self.text("whole torn"), Self.text("whole")])
        try files.synchronizeData(file)
        #expect(Self.outcomes(files, .scattered) == [Self.text("whole")])
    }

    @Test("files overtake each other unless a sync stands between")
    func filesOvertakeEachOther() throws {
        let files = try Self.machine()
        let first = try files.make("/d/a", "")
        let second = try files.make("/d/b", "")
        try files.synchronize(first)
        try files.synchronize(second)
        try files.synchronizeDirectory("/d")
        _ = try files.append(first, Self.text("1"))
        _ = try files.append(second, Self.text("2"))
        func hasOvertaking(_ policy: CrashPolicy) -> Bool {
            (1...200).contains { seed in
                var random = SeededRandom(seed: UInt64(seed))
                let image = files.disk.crashed(choosing: &random, policy)
                return image.contents(of: "/d/a") == []
                    && image.contents(of: "/d/b") == Self.text("2")
            }
        }
        #expect(hasOvertaking(.scattered) && hasOvertaking(.prefixOfEach))
        #expect(!hasOvertaking(.prefix))
        try files.synchronizeData(first)
        #expect(!hasOvertaking(.scattered))
    }

    @Test("the same seed leaves the same bytes")
    func sameSeedSameBytes() throws {
        let files = try Self.machine()
        for name in 0..<20 {
            let file = try files.make("/d/\(name)", String(repeating: "\(name)", count: 900))
            if name % 3 == 0 { try files.synchronize(file) }
        }
        for policy in CrashPolicy.allCases {
            var one = SeededRandom(seed: 9)
            var other = SeededRandom(seed: 9)
            let left = files.disk.crashed(choosing: &one, policy)
            let right = files.disk.crashed(choosing: &other, policy)
            #expect(left.paths == right.paths)
            for path in left.paths { #expect(left.contents(of: path) == right.contents(of: path)) }
        }
    }

    // MARK: - Failed syncs

    @Test("a failed fsync drops the pages for good, and the next one succeeds all the same")
    func failedSyncDropsPages() throws {
        let files = try Self.machine()
        let file = try files.make("/d/a", "old\n")
        try files.synchronize(file)
        try files.synchronizeDirectory("/d")
        _ = try files.append(file, Self.text("new\n"))
        files.faults = [Fault(.error(EIO), on: [.synchronizeData], at: 1)]
        #expect(throws: SystemError(code: EIO)) { try files.synchronizeData(file) }
        try files.synchronizeData(file)
        #expect(files.disk.contents(of: "/d/a") == Self.text("old\nnew\n"), "memory shows it")
        // The size went through the second sync; the data never will.
        #expect(Self.outcomes(files, .everything) == [Self.text("old\n") + [0, 0, 0, 0]])
        #expect(!files.disk.isSettled)
    }

    @Test("a page that is written to again after a failed fsync is written back whole")
    func rewrittenPageIsStored() throws {
        let files = try Self.machine()
        let file = try files.make("/d/a", "")
        try files.synchronizeDirectory("/d")
        let lost = [UInt8](repeating: UInt8(ascii: "l"), count: 5_000)
        _ = try files.append(file, lost)
        files.faults = [Fault(.error(EIO), on: .syncs, at: 1)]
        #expect(throws: SystemError(code: EIO)) { try files.synchronize(file) }
        _ = try files.append(file, Self.text("more"))
        try files.synchronize(file)
        let stored = try #require(Self.outcomes(files, .nothing).first ?? nil)
        #expect(stored[..<4_096].allSatisfy { $0 == 0 }, "the page that nobody touched again")
        #expect(Array(stored[4_096...]) == lost[4_096...] + Self.text("more"))
    }

    @Test("a failed fsync may have written everything, or some of it")
    func failedSyncMayHaveWritten() throws {
        func stored(after outcome: FailedSync) throws -> Int {
            let files = try Self.machine()
            let file = try files.make("/d/a", "")
            try files.synchronizeDirectory("/d")
            _ = try files.append(file, [UInt8](repeating: 1, count: 10_000))
            files.faults = [Fault(.error(EIO, outcome), on: .syncs, at: 1)]
            #expect(throws: SystemError(code: EIO)) { try files.synchronize(file) }
            try files.synchronize(file)
            let stored = Self.outcomes(files, .nothing, seeds: 1).first ?? nil
            return stored?.count { $0 == 1 } ?? 0
        }
        #expect(try stored(after: .everythingWritten) == 10_000)
        let some = try (1...10).map { try stored(after: .someWritten(seed: $0)) }
        #expect(some.contains { (1..<10_000).contains($0) }, "\(some)")
    }

    // MARK: - Speed

    @Test("copying the disk copies nothing, whatever is on it")
    func copiesAreFree() throws {
        let files = try Self.machine()
        let file = try files.make("/d/a", "")
        for _ in 0..<64 { _ = try files.append(file, [UInt8](repeating: 1, count: 65_536)) }
        let clock = ContinuousClock()
        let taken = clock.measure { for _ in 0..<10_000 { _ = files.disk } }
        // 10 000 real copies of 4 MiB would be 40 GB.
        #expect(taken < .seconds(2))
    }
}

extension FileSystem {
    /// Makes a file with un-synced `text` in it and leaves it open.
    func make(_ path: String, _ text: String) throws -> FileDescriptor {
        let file = try open(path, .createNew)
        if !text.isEmpty { _ = try append(file, Array(text.utf8)) }
        return file
    }

    func append(_ file: FileDescriptor, _ bytes: [UInt8]) throws -> Int {
        try bytes.withUnsafeBytes { try append(file, $0) }
    }

    func write(_ file: FileDescriptor, _ bytes: [UInt8], at offset: Int) throws -> Int {
        try bytes.withUnsafeBytes { try write(file, $0, at: offset) }
    }

    /// All that `read` gives, in as many calls as it takes.
    func contents(_ file: FileDescriptor) throws -> [UInt8] {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64)
        while true {
            let count = try part.withUnsafeMutableBytes { buffer in
                try read(file, into: buffer, at: all.count)
            }
            if count == 0 { return all }
            all += part[..<count]
        }
    }
}
