import Primitives
import Storage
import TestSupport

/// A short look at the store under one kind of trouble: says what is wrong, nil where nothing is.
///
/// `StoreWatchTests` looks with no mistake planted and finds nothing; `PlantedDefectTests` looks
/// with each mistake and must find it.
enum StoreWatch: String, CaseIterable, Sendable, CustomStringConvertible {
    /// Making a shop under power cuts and kills.
    case making
    /// Commits, folds, merges, base steps, rotation and loads, the same.
    case maintenance
    /// Every call failing, once and for ever.
    case errors
    /// Files changed behind the store's back.
    case damage
    /// Two processes that write at once.
    case twoWriters
    /// A reader in the middle of its scan while others fold, merge and sweep.
    case slowReader
    /// A write that stops half way, and a process that goes on.
    case shortWrite

    var description: String { rawValue }

    func problem() throws -> String? {
        switch self {
        case .making: return Self.found(StoreCrashTests.makingExplorer(), [.powerCut, .kill])
        case .maintenance:
            for explorer in [StoreCrashTests.mergesExplorer(), StoreCrashTests.loadsExplorer()] {
                if let problem = Self.found(explorer, [.kill, .powerCut]) { return problem }
            }
            return nil
        case .errors:
            return Self.found(StoreCrashTests.commitsExplorer(), [.error], choices: 8)
        case .damage:
            var damage = try StoreDamage()
            return try damage.firstProblem(of: 2_500, seed: 5)
        case .twoWriters: return try Self.twoWriters()
        case .slowReader: return try Self.slowReader()
        case .shortWrite: return try Self.shortWrite()
        }
    }

    private static func found(
        _ explorer: CrashExplorer<Int>, _ modes: Set<CrashMode>, choices: Int = 4
    ) -> String? {
        var explorer = explorer
        explorer.maximumFailures = 1
        explorer.choices = choices
        return explorer.explore(modes).failures.first.map { "\($0.occasion): \($0.problem)" }
    }

    private static func shop(_ count: Int) throws -> SimulatedFileSystem {
        let files = SimulatedFileSystem()
        try StoreCrashTests.make(files)
        let ledger = Ledger<Int>()
        let store = StoreCrashTests.open(files)
        for number in 1..<count + 1 {
            try StoreCrashTests.add(number, to: store, ledger)
            store.maintain()
        }
        return files
    }

    /// A second process commits in the middle of the first one's transaction.
    private static func twoWriters() throws -> String? {
        let files = try shop(5)
        let other = StoreCrashTests.open(files.anotherProcess())
        let store = StoreCrashTests.open(files)
        let stamp = Stamp(
            at: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000), by: "[test]", command: "x")
        var isOtherDone = false
        try store.transact(stamp) { (tx) throws(ShopError) in
            isOtherDone = (try? StoreCrashTests.add(6, to: other, Ledger())) != nil
            tx.set(RecordKey("sums", "mine"), Array("{}".utf8))
        }
        do {
            let third = StoreCrashTests.open(files.anotherProcess())
            try third.holdingLock {}
            let numbers = try StoreCrashTests.numbers(third)
            let mine = try third.read { (view) throws(ShopError) in
                try view.record(RecordKey("sums", "mine"))
            }
            let isRight = numbers == Array(1..<(isOtherDone ? 7 : 6)) && mine != nil
            return isRight ? nil : "two writers: \(numbers), the first one's: \(mine != nil)"
        } catch {
            return "two writers: \(error)"
        }
    }

    private static func slowReader() throws -> String? {
        let files = try shop(27)
        let reader = StoreCrashTests.open(files.anotherProcess())
        let writer = StoreCrashTests.open(files)
        do {
            let found = try reader.read { (view) throws(ShopError) -> [String] in
                var numbers: [String] = []
                try view.scan(KeyRange(collection: "items")) { (found) throws(ShopError) in
                    if numbers.isEmpty { try Self.addMany(to: writer) }
                    numbers.append(String(decoding: found.key, as: UTF8.self))
                    return true
                }
                return numbers
            }
            let expected = (1..<28).map { RecordKey.padded(Int64($0)) }
            return found == expected ? nil : "a slow reader sees \(found)"
        } catch {
            return "a slow reader: \(error)"
        }
    }

    private static func addMany(to writer: Store) throws(ShopError) {
        do {
            for number in 28..<60 {
                try StoreCrashTests.add(number, to: writer, Ledger())
                writer.maintain()
            }
            try writer.maintainFully()
        } catch let error as ShopError {
            throw error
        } catch {
            throw ShopError(.internal, "test", "\(error)")
        }
    }

    private static func shortWrite() throws -> String? {
        let files = try shop(5)
        let store = StoreCrashTests.open(files)
        try store.holdingLock {}
        files.disk.capacity = files.disk.used + 100
        let isStored = (try? StoreCrashTests.add(6, to: store, Ledger())) != nil
        files.disk.capacity = nil
        do {
            try StoreCrashTests.add(7, to: store, Ledger())
            let next = StoreCrashTests.open(files.anotherProcess())
            try next.holdingLock {}
            let numbers = try StoreCrashTests.numbers(next)
            return !isStored && numbers == [1, 2, 3, 4, 5, 7] ? nil : "short write: \(numbers)"
        } catch {
            return "short write: \(error)"
        }
    }
}
