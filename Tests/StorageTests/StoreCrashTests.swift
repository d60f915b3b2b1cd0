import Primitives
import Storage
import TestSupport
import Testing

/// The store under power cuts, kills, failing calls and full disks, at every call it makes.
///
/// The oracle: every acknowledged transaction is there, whole, in every collection; at most the
/// one in flight more; none that was reported as not stored; it opens without a human; the next
/// write, fold and merge succeed.
@Suite struct StoreCrashTests {
    static let layout = Layout([
        .init("items", in: "catalog"), .init("pairs", in: "orders"), .init("sums", in: "index"),
    ])

    /// So small that a few transactions fold, merge, rebase and rotate.
    static var tiny: Thresholds {
        var tiny = Thresholds()
        tiny.foldBytes = 1_500
        tiny.foldLines = 4
        tiny.batchFolds = 1
        tiny.batchMerges = 2
        tiny.smallBase = 1_200
        tiny.runsPerSize = 2
        tiny.largestRun = 5_000
        tiny.segmentBytes = 1_500
        tiny.journalBytes = 6_000
        tiny.loadBufferBytes = 400
        tiny.inlineSegments = 3
        return tiny
    }

    static func open(
        _ files: SimulatedFileSystem, _ thresholds: Thresholds = tiny
    ) -> Store {
        Store(path: "/shop", layout: layout, files: files, patience: 0, thresholds: thresholds)
    }

    static func make(_ files: SimulatedFileSystem) throws {
        try open(files).create(settings: Array("{}\n".utf8), shop: "crash")
    }

    /// One transaction over three collections, entered in the ledger as what it was answered.
    static func add(
        _ number: Int, to store: Store, _ ledger: Ledger<Int>, byLoading isLoad: Bool = false
    ) throws {
        ledger.begin(number)
        let stamp = Stamp(
            at: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000), by: "[test]",
            command: "add \(number)")
        func changes(_ view: View) throws(ShopError) -> [(key: RecordKey, body: [UInt8]?)] {
            let text = String(repeating: "x", count: 40 + number % 5 * 60)
            let sum = try view.record(RecordKey("sums", "all")).flatMap(Self.count) ?? 0
            var changes: [(RecordKey, [UInt8]?)] = [
                (
                    RecordKey("items", RecordKey.padded(Int64(number))),
                    Array("{\"n\":\(number),\"t\":\"\(text)\"}".utf8)
                ),
                (RecordKey("pairs", "\(number % 3)"), Array("{\"last\":\(number)}".utf8)),
                (RecordKey("sums", "all"), Array("{\"count\":\(sum + 1)}".utf8)),
            ]
            // Now and then something goes, so that removals are folded and merged too.
            if number % 4 == 0 { changes.append((RecordKey("pairs", "1"), nil)) }
            return changes
        }
        do throws(ShopError) {
            if isLoad {
                let source = BulkSource(name: "bulk", bytes: 1, crc: 1, records: 1)
                try store.load(stamp, from: { _ in source }) { (load) throws(ShopError) in
                    for (key, body) in try changes(load) { try load.set(key, body) }
                }
            } else {
                try store.transact(stamp) { (tx) throws(ShopError) in
                    for (key, body) in try changes(tx) {
                        if let body { tx.set(key, body) } else { tx.remove(key) }
                    }
                }
            }
            ledger.acknowledge(number)
        } catch {
            // 71: nobody knows. Everything else promises that nothing is stored.
            if error.kind != .unknown { ledger.refuse(number) }
            throw error
        }
    }

    static func count(_ bytes: [UInt8]) -> Int? {
        let digits = bytes.drop { $0 < 0x30 || $0 > 0x39 }.prefix { $0 >= 0x30 && $0 <= 0x39 }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    static func numbers(_ store: Store) throws -> [Int] {
        try store.read { (view) throws(ShopError) in
            var numbers: [Int] = []
            try view.scan(KeyRange(collection: "items")) { (found) throws(ShopError) in
                numbers.append(Int(String(decoding: found.key, as: UTF8.self)) ?? -1)
                return true
            }
            return numbers
        }
    }

    /// All collections agree: a transaction is there whole or not at all.
    static func checkWhole(_ store: Store, _ numbers: [Int]) throws {
        let found = try store.read { (view) throws(ShopError) -> [String] in
            var problems: [String] = []
            let sum = try view.record(RecordKey("sums", "all")).flatMap(Self.count) ?? 0
            if sum != numbers.count { problems.append("sum \(sum) of \(numbers.count)") }
            var pairs: [Int: Int] = [:]
            for number in numbers {
                pairs[number % 3] = number
                if number % 4 == 0 { pairs[1] = nil }
                let key = RecordKey("items", RecordKey.padded(Int64(number)))
                if try view.record(key) == nil { problems.append("\(number) is not found by key") }
            }
            for rest in 0..<3 {
                let last = try view.record(RecordKey("pairs", "\(rest)")).flatMap(Self.count)
                if last != pairs[rest] { problems.append("pair \(rest): \(last ?? -1)") }
            }
            return problems
        }
        if !found.isEmpty { throw Contradiction("torn: \(found), numbers \(numbers)") }
        var expected = numbers.count
        try store.history { (entry) throws(ShopError) in
            if entry.tx != expected { expected = -1_000 }
            expected -= 1
            return true
        }
        if expected != 0 { throw Contradiction("the history has gaps") }
    }

    static func check(_ files: SimulatedFileSystem, _ ledger: Ledger<Int>) throws {
        let reader = open(files)
        if try reader.kind() != .shop { throw Contradiction("no shop is left") }
        // A reader shows nothing that was refused. It may lag behind what was acknowledged, where
        // even the claim of it in LOCK could not be written.
        let shown = Set(try numbers(reader))
        if let ghost = ledger.claims.refused.intersection(shown).first {
            throw Contradiction("reported as not stored, and shown: \(ghost)")
        }
        let store = open(files)
        // The next write settles what is there, and must work without a human.
        let claims = ledger.claims
        let next =
            1_000 + claims.acknowledged.count + claims.refused.count + claims.uncertain.count
        try add(next, to: store, ledger)
        let found = try numbers(store)
        try ledger.compare(found: found)
        try checkWhole(store, found)
        try store.maintainFully()
        let again = open(files)
        try again.holdingLock {}
        try checkWhole(again, found)
        try ledger.compare(found: try numbers(again))
    }

    static func explorer(
        _ workload: @escaping CrashExplorer<Int>.Step,
        before: @escaping CrashExplorer<Int>.Step = { _, _ in }
    ) -> CrashExplorer<Int> {
        CrashExplorer<Int>(
            prepare: { files, ledger in
                try make(files)
                try before(files, ledger)
            }, workload: workload, check: check)
    }

    /// Transactions with the step of maintenance that follows each, opened anew now and then.
    static func ordinary(
        _ range: ClosedRange<Int>
    ) -> CrashExplorer<Int>.Step {
        { files, ledger in
            var store = open(files)
            for number in range {
                try add(number, to: store, ledger)
                store.maintain()
                if number % 3 == 0 { store = open(files) }
            }
        }
    }

    static func commitsExplorer() -> CrashExplorer<Int> { explorer(ordinary(1...6)) }

    static func mergesExplorer() -> CrashExplorer<Int> {
        explorer(ordinary(25...36), before: ordinary(1...24))
    }

    static func loadsExplorer() -> CrashExplorer<Int> {
        explorer(
            { files, ledger in
                let store = Self.open(files)
                try Self.add(9, to: store, ledger)
                try Self.add(10, to: store, ledger, byLoading: true)
                try Self.add(11, to: store, ledger)
            }, before: Self.ordinary(1...8))
    }

    static func makingExplorer() -> CrashExplorer<Int> {
        CrashExplorer<Int>(
            workload: { files, ledger in
                ledger.begin(0)
                try Self.make(files)
                ledger.acknowledge(0)
            },
            check: { files, ledger in
                let store = Self.open(files)
                if try store.kind() != .shop {
                    guard ledger.claims.acknowledged.isEmpty else {
                        throw Contradiction("the shop that was made is gone")
                    }
                    try Self.make(files)
                }
                // What makes it a shop comes with what it needs to be opened.
                if try Self.open(files).settings() != Array("{}\n".utf8) {
                    throw Contradiction("the shop has no settings")
                }
                try Self.open(files).transact(
                    Stamp(
                        at: Timestamp(millisecondsSinceEpoch: 1), by: "[test]", command: "first")
                ) { (tx) throws(ShopError) in
                    tx.set(RecordKey("items", "a"), Array("{}".utf8))
                }
                // As a writer: a reader may lag where LOCK could not be written.
                let writer = Self.open(files)
                let count = try writer.holdingLock { () throws(ShopError) in
                    try writer.read { (view) throws(ShopError) in
                        try view.record(RecordKey("items", "a")) == nil ? 0 : 1
                    }
                }
                if count != 1 { throw Contradiction("the first write is not there") }
            }
        )
    }

    // Together with ShopCrashTests the ordinary run looks at 20,000 crash states and 10,000 of
    // trouble during recovery, at least; the long form (SHOPCTL_LONG=1) at 100,000 and 50,000.

    @Test("commits and folds survive everything")
    func commits() {
        var explorer = Self.commitsExplorer()
        explorer.maximumPoints = 24
        let report = explorer.explore()
        #expect(report.holds, "\(report)")
        #expect(report.crashStates >= 4_500 && report.recoveryStates >= 2_000)
        print("commits and folds: \(report)")
    }

    @Test("merges, base steps and rotation survive everything")
    func merges() {
        var explorer = Self.mergesExplorer()
        explorer.maximumPoints = 40
        let report = explorer.explore()
        #expect(report.holds, "\(report)")
        #expect(report.crashStates >= 10_000 && report.recoveryStates >= 3_500)
        print("merges, base steps and rotation: \(report)")
    }

    @Test("bulk loads survive everything")
    func loads() {
        var explorer = Self.loadsExplorer()
        explorer.maximumPoints = 40
        let report = explorer.explore()
        #expect(report.holds, "\(report)")
        #expect(report.crashStates >= 7_000 && report.recoveryStates >= 3_500)
        print("bulk loads: \(report)")
    }

    @Test("making a shop survives everything, or can begin again")
    func making() {
        var explorer = Self.makingExplorer()
        // Few calls, and many names in one directory that come in any order.
        explorer.choices = max(explorer.choices, 24)
        let report = explorer.explore()
        #expect(report.holds, "\(report)")
        #expect(report.crashStates >= 2_500 && report.recoveryStates >= 2_000)
        print("making a shop: \(report)")
    }
}
