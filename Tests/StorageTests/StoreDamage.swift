import Primitives
import Storage
import TestSupport

/// A store of every kind of file whose files are changed behind its back.
///
/// What a reader then shows is what was there, or the damage is named; a writer refuses, or goes
/// on from the right state.
struct StoreDamage {
    let disk: SimulatedDisk
    let files: [(path: String, bytes: [UInt8])]
    private let expected: [String]
    /// What is there after one more transaction.
    private let expectedAfter: [String]
    /// How many changes were named so far.
    private(set) var named = 0

    init() throws {
        let files = SimulatedFileSystem()
        try StoreCrashTests.make(files)
        let ledger = Ledger<Int>()
        let store = Self.open(files)
        for number in 1...27 {
            try StoreCrashTests.add(number, to: store, ledger)
            if number < 26 { store.maintain() }
        }
        var disk = files.disk
        disk.synchronizeAll()
        self.disk = disk
        self.files = disk.paths.compactMap { path in
            disk.contents(of: path).flatMap { $0.isEmpty ? nil : (path, $0) }
        }
        expected = try Self.contents(SimulatedFileSystem(disk: disk)).records
        let more = SimulatedFileSystem(disk: disk)
        try StoreCrashTests.add(99, to: Self.open(more), ledger)
        expectedAfter = try Self.contents(more).records
    }

    /// With segments in a list, which the tiny shop has too few of.
    static func open(_ files: SimulatedFileSystem) -> Store {
        var thresholds = StoreCrashTests.tiny
        thresholds.inlineSegments = 1
        return StoreCrashTests.open(files, thresholds)
    }

    var size: Int { files.reduce(0) { $0 + $1.bytes.count } }

    /// Every record by scan and by key, and whether a warning came with them.
    private static func contents(
        _ files: SimulatedFileSystem
    ) throws -> (records: [String], isWarned: Bool) {
        let store = Self.open(files)
        var records: [String] = []
        _ = try StoreDigest(store, ["items", "pairs", "sums"], byKey: true) { records.append($0) }
        return (records, !store.takeWarnings().isEmpty)
    }

    /// Looks at a changed disk as a reader and as a writer.
    mutating func problem(with changed: SimulatedDisk, _ what: () -> String) -> String? {
        do {
            let (records, isWarned) = try Self.contents(SimulatedFileSystem(disk: changed))
            if isWarned { named += 1 }
            if records != expected, !isWarned { return "a reader shows something else: \(what())" }
        } catch let error as ShopError where error.code != "differs" {
            named += 1
        } catch {
            return "\(error): \(what())"
        }
        let files = SimulatedFileSystem(disk: changed)
        let store = Self.open(files)
        guard (try? StoreCrashTests.add(99, to: store, Ledger())) != nil else { return nil }
        do {
            let (records, isWarned) = try Self.contents(files)
            guard records == expectedAfter || isWarned else {
                return "a writer went on from something else: \(what())"
            }
        } catch let error as ShopError where error.code != "differs" {
            return nil
        } catch {
            return "\(error): \(what())"
        }
        return nil
    }

    mutating func flip(_ bit: Int, of file: Int) -> String? {
        var changed = disk
        var bytes = files[file].bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        let path = files[file].path
        changed.replace(path, with: bytes)
        return problem(with: changed) { "bit \(bit) of \(path)" }
    }

    mutating func firstProblem(of tries: Int, seed: UInt64) throws -> String? {
        var random = SeededRandom(seed: seed)
        for _ in 0..<tries {
            if let problem = try editSomething(&random) { return problem }
            let file = Int(random.number(0...Int64(files.count - 1)))
            let bit = Int(random.number(0...Int64(files[file].bytes.count * 8 - 1)))
            if let problem = flip(bit, of: file) { return problem }
        }
        return nil
    }

    /// One random change: lines cut, copied and swapped, blocks of NUL, files truncated, removed
    /// and swapped.
    mutating func editSomething(_ random: inout SeededRandom) throws -> String? {
        let (path, bytes) = random.one(of: files)
        let other = random.one(of: files)
        let at = Int(random.number(0...Int64(bytes.count - 1)))
        var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map { Array($0) }
        let line = Int(random.number(0...Int64(lines.count - 1)))
        let kind = random.number(0...10)
        var damaged = bytes
        var changed = disk
        switch kind {
        case 0: damaged = Array(bytes.prefix(at))
        case 1: damaged += bytes.suffix(at + 1)
        case 2: damaged.removeSubrange(at..<min(at + 64, bytes.count))
        case 3: for index in at..<min(at + 512, bytes.count) { damaged[index] = 0 }
        case 4: lines.remove(at: line)
        case 5: lines.insert(lines[line], at: Int(random.number(0...Int64(lines.count))))
        case 6: lines.swapAt(line, Int(random.number(0...Int64(lines.count - 1))))
        case 7: lines.shuffle(using: &random)
        case 8:
            let theirs = other.bytes.split(separator: 0x0a).map { Array($0) }
            lines.insert(random.one(of: theirs), at: line)
        case 9:
            damaged = other.bytes
            changed.replace(other.path, with: bytes)
        default:
            let system = SimulatedFileSystem(disk: disk)
            try system.unlink(path)
            changed = system.disk
        }
        if (4...8).contains(kind) { damaged = Array(lines.joined(separator: [0x0a])) }
        if kind < 10 { changed.replace(path, with: damaged) }
        return problem(with: changed) { "change \(kind) of \(path) at \(at), line \(line)" }
    }
}
