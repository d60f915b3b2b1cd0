import Foundation
import Primitives
import Storage
import TestSupport
import Testing

/// Files changed behind the store's back: what is shown is right, or the damage is named.
@Suite struct DamageTests {
    /// How many changes are tried, and from which seed.
    static let tries =
        ProcessInfo.processInfo.environment["SHOPCTL_DAMAGE"].flatMap { Int($0) } ?? 1_500
    static let seed =
        ProcessInfo.processInfo.environment["SHOPCTL_SEED"].flatMap { UInt64($0) } ?? 11

    /// A store with a journal's tail, runs and segments, and what it holds.
    static func sample() throws -> (disk: SimulatedDisk, keys: [String]) {
        let files = SimulatedFileSystem()
        try StoreCrashTests.make(files)
        let ledger = Ledger<Int>()
        let store = StoreCrashTests.open(files)
        for number in 1...27 {
            try StoreCrashTests.add(number, to: store, ledger)
            if number < 26 { store.maintain() }
        }
        var disk = files.disk
        disk.synchronizeAll()
        return (disk, try contents(SimulatedFileSystem(disk: disk)).records)
    }

    /// Every record by scan and by key, and whether a warning came with them.
    static func contents(
        _ files: SimulatedFileSystem
    ) throws -> (records: [String], isWarned: Bool) {
        let store = StoreCrashTests.open(files)
        let records = try store.read { (view) throws(ShopError) -> [String] in
            var records: [String] = []
            for collection in ["items", "pairs", "sums"] {
                var keys: [String] = []
                try view.scan(KeyRange(collection: collection)) { (found) throws(ShopError) in
                    keys.append(String(decoding: found.key, as: UTF8.self))
                    return true
                }
                for key in keys {
                    let full = RecordKey(escaped: Array("\(collection)/\(key)".utf8))
                    let record = try view.record(full) ?? []
                    records.append("\(full) \(String(decoding: record, as: UTF8.self))")
                }
            }
            return records
        }
        return (records, !store.takeWarnings().isEmpty)
    }

    /// Looks at a damaged disk as a reader and as a writer.
    private func judge(
        _ disk: SimulatedDisk, _ expected: [String], _ what: Comment
    ) -> Bool {
        var isNamed = false
        do {
            let (records, isWarned) = try Self.contents(SimulatedFileSystem(disk: disk))
            #expect(records == expected || isWarned, what)
            isNamed = isWarned
        } catch {
            #expect(error is ShopError, what)
            isNamed = true
        }
        // A writer refuses, or goes on from the right state.
        let files = SimulatedFileSystem(disk: disk)
        let store = StoreCrashTests.open(files)
        let wrote = (try? StoreCrashTests.add(99, to: store, Ledger())) != nil
        if wrote, let after = try? Self.contents(files) {
            let kept = Set(expected.filter { $0.hasPrefix("items/") })
            #expect(kept.isSubset(of: Set(after.records)) || after.isWarned, what)
        }
        return isNamed
    }

    @Test("a flipped bit anywhere is named, or changes nothing that is shown")
    func flippedBits() throws {
        let (disk, expected) = try Self.sample()
        var random = SeededRandom(seed: Self.seed)
        let files = disk.paths.compactMap { path in
            disk.contents(of: path).flatMap { $0.isEmpty ? nil : (path, $0) }
        }
        #expect(files.count > 8)
        var named = 0
        for _ in 0..<Self.tries {
            let (path, bytes) = random.one(of: files)
            var damaged = bytes
            let bit = Int(random.number(0...Int64(bytes.count * 8 - 1)))
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            var changed = disk
            changed.replace(path, with: damaged)
            if judge(changed, expected, "\(random): bit \(bit) of \(path)") { named += 1 }
        }
        #expect(named > Self.tries / 3)
    }

    @Test("cut, doubled, swapped and blanked lines are named, or change nothing that is shown")
    func editedLines() throws {
        let (disk, expected) = try Self.sample()
        var random = SeededRandom(seed: Self.seed + 1)
        let files = disk.paths.compactMap { path in
            disk.contents(of: path).flatMap { $0.count < 40 ? nil : (path, $0) }
        }
        for _ in 0..<Self.tries {
            let (path, bytes) = random.one(of: files)
            var damaged = bytes
            let at = Int(random.number(0...Int64(bytes.count - 1)))
            switch random.number(0...4) {
            case 0: damaged = Array(bytes.prefix(at))
            case 1: damaged += bytes.suffix(at + 1)
            case 2: damaged.removeSubrange(at..<min(at + 64, bytes.count))
            case 3:
                for index in at..<min(at + 512, bytes.count) { damaged[index] = 0 }
            default:
                var lines = bytes.split(separator: 0x0a).map { Array($0) }
                lines.shuffle(using: &random)
                damaged = Array(lines.joined(separator: [0x0a])) + [0x0a]
            }
            var changed = disk
            changed.replace(path, with: damaged)
            _ = judge(changed, expected, "\(random): \(path) from \(at)")
        }
    }
}
