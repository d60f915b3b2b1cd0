import Primitives
import TestSupport
import Testing

@testable import Storage

/// Files changed behind the store's back: what is shown is right, or the damage is named.
///
/// SHOPCTL_LONG=1 flips every bit and makes 100,000 changes.
@Suite struct DamageTests {
    static let isLong = CrashExplorer<Int>.isLong
    static let seed = CrashExplorer<Int>.standardSeed

    @Test("a flipped bit anywhere is named, or changes nothing that is shown")
    func flippedBits() throws {
        var damage = try StoreDamage()
        let names = damage.files.map(\.path)
        for part in ["journal/", "recent/R-", "-list-", "catalog/items-0", "MANIFEST.json", "LOCK"]
        {
            #expect(names.contains { $0.contains(part) }, "\(part): \(names)")
        }
        #expect(damage.size >= 16 * 1_024)
        // In the ordinary run every 13th: each of the eight places in a byte comes up.
        let step = Self.isLong ? 1 : 13
        var tried = 0
        var problems: [String] = []
        for (index, file) in damage.files.enumerated() {
            for bit in stride(from: 0, to: file.bytes.count * 8, by: step) {
                tried += 1
                if let problem = damage.flip(bit, of: index) { problems.append(problem) }
            }
        }
        print("flipped bits: \(tried) of \(damage.size * 8), \(damage.named) named")
        #expect(problems.isEmpty, "\(problems.prefix(5))")
        #expect(tried >= damage.size * 8 / step)
        #expect(damage.named > tried / 3)
    }

    @Test("a journal shorter than what is folded of it is written to no more")
    func shortJournal() throws {
        let damage = try StoreDamage()
        let files = SimulatedFileSystem(disk: damage.disk)
        let store = StoreDamage.open(files)
        try store.holdingLock {}
        try store.maintainFully()
        try store.fold()
        var disk = files.disk
        let path = try #require(disk.paths.last { $0.hasPrefix("/shop/journal/") })
        disk.replace(path, with: [])
        let error = #expect(throws: ShopError.self) {
            let store = StoreDamage.open(SimulatedFileSystem(disk: disk))
            try StoreCrashTests.add(99, to: store, Ledger())
        }
        #expect(error?.code == "acknowledged-data-missing")
    }

    @Test("cut, copied, swapped and blanked lines and files are named, or change nothing shown")
    func edits() throws {
        var damage = try StoreDamage()
        var random = SeededRandom(seed: Self.seed)
        let tries = Self.isLong ? 100_000 : 5_000
        var problems: [String] = []
        for _ in 0..<tries {
            if let problem = try damage.editSomething(&random) { problems.append(problem) }
        }
        print("changes: \(tries), seed \(Self.seed), \(damage.named) named")
        #expect(problems.isEmpty, "\(random): \(problems.count), \(problems.prefix(5))")
        #expect(damage.named > tries / 3)
    }
}
