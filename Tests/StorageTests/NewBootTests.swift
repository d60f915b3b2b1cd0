import Glibc
import Primitives
import Storage
import TestSupport
import Testing

/// What is believed of the journal in the first commands after a restart.
@Suite struct NewBootTests {
    /// A machine after a restart, on whose disk two transactions stand, claimed by the boot before.
    private func restarted() throws -> SimulatedFileSystem {
        let files = SimulatedFileSystem()
        try StoreCrashTests.make(files)
        try StoreCrashTests.ordinary(1...2)(files, Ledger())
        var random = SeededRandom(seed: 1)
        return files.crash(choosing: &random, .everything)
    }

    /// - Parameter bytes: of its record, to fill pages that no later line touches.
    private func add(_ key: String, _ bytes: Int, _ files: SimulatedFileSystem) throws {
        let stamp = Stamp(
            at: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000), by: "[test]",
            command: "add \(key)")
        let text = String(repeating: "x", count: bytes)
        try StoreCrashTests.open(files).transact(stamp) { (tx) throws(ShopError) in
            tx.set(RecordKey("items", key), Array("{\"t\":\"\(text)\"}".utf8))
        }
    }

    @Test(
        "a line whose sync failed in this boot is not taken for one that survived the restart",
        arguments: [1, 2, 3])
    func failedSync(call: Int) throws {
        let files = try restarted()
        files.faults = [Fault(.error(EIO), at: call, forever: true)]
        #expect(throws: ShopError.self) { try add("lost", 20_000, files) }
        files.faults = []
        let next = files.kill()
        try add("next", 10, next)
        try StoreCrashTests.open(next).maintainFully()
        var random = SeededRandom(seed: 1)
        let again = next.crash(choosing: &random, .nothing)
        try add("last", 10, again)
        let store = StoreCrashTests.open(again)
        #expect(
            try store.read { (view) throws(ShopError) in
                try view.record(RecordKey("items", "next")) != nil
            })
        var lines = 0
        try store.history { (_) throws(ShopError) in
            lines += 1
            return true
        }
        #expect(lines >= 4)
    }
}
