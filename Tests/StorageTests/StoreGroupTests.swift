import Primitives
import Storage
import TestSupport
import Testing

/// Transactions that are made durable together.
@Suite struct StoreGroupTests {
    /// Adds numbers as one group and enters in the ledger what each was answered.
    ///
    /// - Parameters:
    ///   - isFlying: whether the disk gets what there is before each of them.
    ///   - isMaintained: whether a step is taken after each of them.
    static func add(
        _ numbers: ClosedRange<Int>, to store: Store, _ ledger: Ledger<Int>, isFlying: Bool = false,
        isMaintained: Bool = false
    ) throws {
        var waiting: [Int] = []
        var released = 0
        let unheard = Ledger<Int>()
        let answers = HeldAnswers(
            mark: { released + waiting.count },
            release: { mark in
                while released < mark, !waiting.isEmpty {
                    ledger.acknowledge(waiting.removeFirst())
                    released += 1
                }
            })
        do {
            try store.grouping(answers) { () throws(ShopError) in
                for number in numbers {
                    if isFlying { try store.advance() }
                    ledger.begin(number)
                    do {
                        try StoreCrashTests.add(number, to: store, unheard)
                        waiting.append(number)
                        if isMaintained { store.maintain() }
                    } catch {
                        guard let error = error as? ShopError else { return }
                        if error.kind != .unknown { ledger.refuse(number) }
                        throw error
                    }
                }
            }
        } catch {
            guard let error = error as? ShopError, error.kind != .unknown else { throw error }
            for number in waiting { ledger.refuse(number) }
            throw error
        }
    }

    @Test("a group survives everything, and is there as far as it was acknowledged")
    func crashes() {
        var explorer = StoreCrashTests.explorer(
            { files, ledger in
                let store = StoreCrashTests.open(files)
                try Self.add(5...7, to: store, ledger)
                store.maintain()
                try Self.add(8...10, to: store, ledger)
            }, before: StoreCrashTests.ordinary(1...4))
        explorer.maximumPoints = 16
        let report = explorer.explore()
        #expect(report.holds && report.total > 300, "\(report)")
        print("groups: \(report)")
    }

    @Test("changes that are synced while the next are made survive everything")
    func flights() {
        var explorer = StoreCrashTests.explorer(
            { files, ledger in
                let store = StoreCrashTests.open(files)
                try Self.add(5...8, to: store, ledger, isFlying: true)
                store.maintain()
                try Self.add(9...10, to: store, ledger, isFlying: true)
            }, before: StoreCrashTests.ordinary(1...4))
        explorer.maximumPoints = 16
        let report = explorer.explore()
        #expect(report.holds && report.total > 300, "\(report)")
        print("flights: \(report)")
    }

    @Test("steps of maintenance that are taken within a group survive everything")
    func steps() {
        var explorer = StoreCrashTests.explorer(
            { files, ledger in
                let store = StoreCrashTests.open(files)
                try Self.add(5...18, to: store, ledger, isMaintained: true)
                try Self.add(19...30, to: store, ledger, isFlying: true, isMaintained: true)
            }, before: StoreCrashTests.ordinary(1...4))
        explorer.maximumPoints = 16
        let report = explorer.explore()
        #expect(report.holds && report.total > 300, "\(report)")
        print("steps in groups: \(report)")
    }

    /// Counts how many times answers are released because the disk has taken them.
    private static func counting(_ count: @escaping () -> Void) -> HeldAnswers {
        HeldAnswers(mark: { 0 }, release: { if $0 != .max { count() } })
    }

    @Test("a group takes one sync, and its changes are seen before it")
    func oneSync() throws {
        let files = SimulatedFileSystem()
        try StoreCrashTests.make(files)
        let store = StoreCrashTests.open(files)
        let before = files.calls.count { $0.kind == .synchronizeData }
        var settled = 0
        var seen: [Int] = []
        try store.grouping(Self.counting { settled += 1 }) { () throws(ShopError) in
            for number in 1...20 {
                try Self.set(number, in: store)
                seen.append(try Self.count(store))
            }
            #expect(settled == 0)
        }
        #expect(seen == Array(1...20))
        #expect(settled == 1)
        #expect(files.calls.count { $0.kind == .synchronizeData } - before == 1)
        #expect(try Self.count(StoreCrashTests.open(files)) == 20)
    }

    @Test("a group that is full is made durable although more follows")
    func fullGroup() throws {
        let files = SimulatedFileSystem()
        try StoreCrashTests.make(files)
        let store = StoreCrashTests.open(files)
        var settled = 0
        try store.grouping(Self.counting { settled += 1 }) { () throws(ShopError) in
            for number in 1...600 { try Self.set(number, in: store) }
        }
        #expect(settled == 3)
    }

    @Test("a transaction that is refused ends the group with what came before it stored")
    func refusal() throws {
        let files = SimulatedFileSystem()
        try StoreCrashTests.make(files)
        let store = StoreCrashTests.open(files)
        let refusal = ShopError(.refused, "test", "no")
        #expect(throws: refusal) {
            try store.grouping(Self.counting {}) { () throws(ShopError) in
                try Self.set(1, in: store)
                try store.transact(Self.stamp) { (tx) throws(ShopError) in
                    tx.set(RecordKey("items", "2"), [])
                    throw refusal
                }
            }
        }
        #expect(try Self.count(StoreCrashTests.open(files)) == 1)
    }

    private static let stamp = Stamp(
        at: Timestamp(millisecondsSinceEpoch: 1), by: "[test]", command: "set")

    private static func set(_ number: Int, in store: Store) throws(ShopError) {
        try store.transact(stamp) { (tx) throws(ShopError) in
            tx.set(RecordKey("items", RecordKey.padded(Int64(number))), Array("{}".utf8))
        }
    }

    private static func count(_ store: Store) throws(ShopError) -> Int {
        try store.read { (view) throws(ShopError) in
            var count = 0
            try view.scan(KeyRange(collection: "items")) { (_) throws(ShopError) in
                count += 1
                return true
            }
            return count
        }
    }
}
