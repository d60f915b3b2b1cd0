import Primitives
import TestSupport
import Testing

@testable import Storage

/// A purge under power cuts, kills, failing calls and full disks, at every call it makes.
///
/// The oracle: what was acknowledged is there, and the journal proves itself, whichever of the
/// two states is left; another purge then works, and leaves no byte of what was to go.
@Suite struct PurgeCrashTests {
    /// Takes the word `secret` out, in lines and keys alike.
    struct Word: Redacting {
        static let old = Array("secret".utf8)
        static let new = Array("nobody".utf8)

        func concerns(_ bytes: UnsafeRawBufferPointer, tx: Int?) -> Bool {
            Self.isIn(bytes)
        }

        static func isIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
            guard bytes.count >= old.count else { return false }
            return (0...(bytes.count - old.count)).contains { start in
                bytes[start] == old[0] && bytes[start..<start + old.count].elementsEqual(old)
            }
        }

        func redacted(_ line: [UInt8], tx: Int) throws(ShopError) -> [UInt8] {
            Array(String(decoding: line, as: UTF8.self).replacing("secret", with: "nobody").utf8)
        }
    }

    private static let stamp = Stamp(
        at: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000), by: "[test]", command: "purge")
    /// How the ledger knows the purge.
    private static let purgeNumber = 900

    /// The word in records of several transactions, folded, merged and rotated, and then out of
    /// the records.
    private static func prepare(_ files: SimulatedFileSystem, _ ledger: Ledger<Int>) throws {
        let store = StoreCrashTests.open(files)
        for number in 1...14 {
            try StoreCrashTests.add(number, to: store, ledger)
            try store.transact(stamp) { (tx) throws(ShopError) in
                tx.set(RecordKey("pairs", "secret-\(number)"), Array("{\"at\":\(number)}".utf8))
                tx.set(RecordKey("sums", "who"), Array("{\"who\":\"secret\"}".utf8))
            }
            store.maintain()
        }
        try store.transact(stamp) { (tx) throws(ShopError) in
            for number in 1...14 { tx.remove(RecordKey("pairs", "secret-\(number)")) }
            tx.set(RecordKey("sums", "who"), Array("{\"who\":\"nobody\"}".utf8))
        }
        try StoreCrashTests.add(15, to: store, ledger)
    }

    static func purge(
        _ store: Store, number: Int = purgeNumber, _ ledger: Ledger<Int> = Ledger()
    ) throws {
        ledger.begin(number)
        do throws(ShopError) {
            let isPurged = try store.purge(
                plan: { _ in (Word(), []) },
                finish: { (tx, _) in
                    tx.set(RecordKey("sums", "purge", "\(number)"), Array("{}".utf8))
                    return (stamp, true)
                }, at: stamp.at)
            if isPurged == true { ledger.acknowledge(number) } else { ledger.refuse(number) }
        } catch {
            if error.kind != .unknown { ledger.refuse(number) }
            throw error
        }
    }

    private static func work(_ files: SimulatedFileSystem, _ ledger: Ledger<Int>) throws {
        let store = StoreCrashTests.open(files)
        try purge(store, number: purgeNumber, ledger)
        try StoreCrashTests.add(16, to: store, ledger)
    }

    private static func check(_ files: SimulatedFileSystem, _ ledger: Ledger<Int>) throws {
        let store = StoreCrashTests.open(files)
        let claims = ledger.claims
        let next =
            1_000 + claims.acknowledged.count + claims.refused.count + claims.uncertain.count
        try StoreCrashTests.add(next, to: store, ledger)
        try ledger.compare(found: try entries(store))
        try prove(store)
        // What is still to be done is done by the next purge, after which nothing is left.
        try purge(store, number: 10_000 + next, ledger)
        // A call that failed while older files were removed: it says so, and goes on another time.
        if let warning = store.takeWarnings().first {
            throw ShopError(.io, "io-error", warning)
        }
        let again = StoreCrashTests.open(files)
        try again.holdingLock {}
        try prove(again)
        try ledger.compare(found: try entries(again))
        for path in try paths(of: files) where try again.holds(path, Word()) {
            throw Contradiction("\(path) still has the word")
        }
    }

    /// The transactions that are there, by their numbers, and the purges.
    private static func entries(_ store: Store) throws -> [Int] {
        var purges: [Int] = []
        try store.read { (view) throws(ShopError) in
            try view.scan(KeyRange(under: RecordKey("sums", "purge"))) { found in
                let number = found.key.split(separator: UInt8(ascii: "/")).last ?? found.key[...]
                purges.append(Int(String(decoding: number, as: UTF8.self)) ?? -1)
                return true
            }
        }
        return try StoreCrashTests.numbers(store) + purges
    }

    /// Every line of the journal is whole and in its place.
    private static func prove(_ store: Store) throws {
        var next = 1
        do {
            let last = try store.read { (view) throws(ShopError) -> Int in
                try store.eachEntry(of: view, where: { (_) in true }) { (entry) in
                    if entry.tx == next { next += 1 }
                }
                return view.transaction
            }
            next -= last + 1
        } catch let error as ShopError {
            guard error.code == "journal-damaged" else { throw error }
            throw Contradiction(error.message)
        }
        if next != 0 { throw Contradiction("the journal has gaps") }
    }

    static func paths(of files: SimulatedFileSystem) throws -> [String] {
        var paths: [String] = []
        for directory in ["manifests", "journal", "recent", "catalog", "orders", "index"] {
            paths += try files.entries("/shop/\(directory)").map { "/shop/\(directory)/\($0)" }
        }
        return paths + ["/shop/MANIFEST.json"]
    }

    static func explorer() -> CrashExplorer<Int> {
        CrashExplorer<Int>(
            prepare: { files, ledger in
                try StoreCrashTests.make(files)
                try prepare(files, ledger)
            }, workload: work, check: check)
    }

    @Test("a purge survives everything")
    func purge() {
        var explorer = Self.explorer()
        explorer.maximumPoints = 6
        let report = explorer.explore()
        print("purge: \(report)")
        #expect(report.holds, "\(report)")
        #expect(report.crashStates >= 1_000 && report.recoveryStates >= 500)
    }

    @Test("readers keep their files, and the next step removes what they read")
    func readers() throws {
        let files = SimulatedFileSystem()
        let ledger = Ledger<Int>()
        try StoreCrashTests.make(files)
        try Self.prepare(files, ledger)
        let before = Set(try Self.paths(of: files))
        let writer = StoreCrashTests.open(files)
        try StoreCrashTests.open(files).read { (view) throws(ShopError) in
            do { try Self.purge(writer) } catch { Issue.record(error) }
            // A view of before, with files that are replaced: all of it can be read still.
            var count = 0
            try view.scan(KeyRange(collection: "items")) { _ in
                count += 1
                return true
            }
            #expect(count == 15)
            #expect(try view.record(RecordKey("sums", "purge", "900")) == nil)
        }
        #expect(writer.takeWarnings().contains { $0.contains("still reads older files") })
        #expect(!before.isDisjoint(with: try Self.paths(of: files)))
        for number in 16...30 {
            try StoreCrashTests.add(number, to: writer, ledger)
            writer.maintain()
        }
        for path in try Self.paths(of: files) { #expect(try !writer.holds(path, Word())) }
    }

    @Test("what others write while a purge runs is taken over, without what is to go")
    func writers() throws {
        let files = SimulatedFileSystem()
        let ledger = Ledger<Int>()
        try StoreCrashTests.make(files)
        try Self.prepare(files, ledger)
        let store = StoreCrashTests.open(files)
        let other = StoreCrashTests.open(files)
        _ = try store.purge(
            plan: { (_) throws(ShopError) in
                do {
                    try StoreCrashTests.add(16, to: other, ledger)
                    try other.transact(Self.stamp) { tx in
                        tx.set(RecordKey("sums", "who"), Array("{\"who\":\"secret\"}".utf8))
                    }
                    try other.transact(Self.stamp) { tx in
                        tx.set(RecordKey("sums", "who"), Array("{\"who\":\"else\"}".utf8))
                    }
                } catch { Issue.record(error) }
                return (Word(), [])
            }, finish: { (_, _) in (Self.stamp, true) }, at: Self.stamp.at)
        try Self.prove(store)
        #expect(try StoreCrashTests.numbers(other).max() == 16)
        try StoreCrashTests.add(17, to: other, ledger)
        // The other one read the files of before until now.
        try Self.purge(store)
        for path in try Self.paths(of: files) where path.contains("/journal/") {
            #expect(try !store.holds(path, Word()))
        }
    }

    @Test("a journal that does not agree with its seals is not rewritten")
    func seals() throws {
        let files = SimulatedFileSystem()
        let ledger = Ledger<Int>()
        try StoreCrashTests.make(files)
        try Self.prepare(files, ledger)
        let store = StoreCrashTests.open(files)
        let seal = try store.read { (view) throws(ShopError) in
            try store.seal(view, named: "day", after: nil)
        }
        let wrong = JournalSeal(name: "day", tx: seal.tx, sha256: String(repeating: "0", count: 64))
        for (given, refusal) in [(wrong, "seal-broken"), (seal, nil)] {
            var code: String?
            var made: PurgeFacts?
            do throws(ShopError) {
                _ = try store.purge(
                    plan: { _ in (Word(), [given]) },
                    finish: { (_, facts) in
                        made = facts
                        return (Self.stamp, true)
                    }, at: Self.stamp.at)
            } catch { code = error.code }
            #expect(code == refusal)
            guard refusal == nil else { continue }
            let facts = try #require(made)
            #expect(facts.seals.count == 1 && facts.seals[0].sha256 != seal.sha256)
            let purge = JournalSeal(name: "purge 1", tx: facts.upTo, sha256: facts.now)
            let proof = try store.proveJournal(facts.seals, purge: purge)
            #expect(proof.seals == 1 && proof.findings.isEmpty)
            let other = JournalSeal(name: "purge 1", tx: facts.upTo, sha256: facts.was)
            #expect(
                try store.proveJournal(facts.seals, purge: other).findings.map(\.code)
                    == ["seal-broken"])
        }
    }
}
