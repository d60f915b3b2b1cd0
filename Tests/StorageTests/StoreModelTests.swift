import Foundation
import Primitives
import Storage
import TestSupport
import Testing

/// A store beside a dictionary that is given the same changes: they must never differ.
@Suite struct StoreModelTests {
    static let layout = Layout([
        .init("items", in: "catalog"), .init("counts", in: "index"), .init("things", in: "catalog"),
    ])

    /// Thresholds so small that a few transactions fold, merge, rebase and rotate.
    static var tiny: Thresholds {
        var tiny = Thresholds()
        tiny.foldBytes = 600
        tiny.foldLines = 4
        tiny.smallBase = 1_500
        tiny.largestRun = 6_000
        tiny.segmentBytes = 2_000
        tiny.journalBytes = 9_000
        tiny.loadBufferBytes = 600
        tiny.inlineSegments = 3
        return tiny
    }

    static func stamp(_ n: Int) -> Stamp {
        Stamp(
            at: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000 + Int64(n)), by: "[test]",
            command: "test \(n)")
    }

    @Test(
        "random changes read back like a dictionary's, through folds, merges and base steps",
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func model(seed: UInt64) throws {
        let run = try ModelRun(seed: seed)
        defer { run.remove() }
        while run.round < 400 {
            try run.play()
            run.reopenSometimes()
        }
        try run.finish()
    }

    @Test(
        "the same where changes wait for the disk together, and a thread beside maintains",
        arguments: [11, 12, 13, 14, 15, 16] as [UInt64])
    func groups(seed: UInt64) throws {
        let run = try ModelRun(seed: seed)
        defer { run.remove() }
        while run.round < 400 {
            let last = run.round + run.random.below(60)
            var failure: (any Error)?
            let answers = HeldAnswers(mark: { 0 }, release: { _ in })
            try run.store.grouping(answers) { () throws(ShopError) in
                do {
                    while run.round <= last {
                        try run.play()
                        if run.random.below(3) == 0 { try run.store.advance() }
                    }
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            run.reopenSometimes()
        }
        try run.finish()
    }
}

/// A store on the disk and the dictionary beside it.
private final class ModelRun {
    private let seed: UInt64
    var random: SeededRandom
    /// How many rounds were played.
    private(set) var round = 0
    private(set) var store: Store
    private let path = NSTemporaryDirectory() + "store-\(UUID().uuidString)"
    private var model: [RecordKey: [UInt8]?] = [:]
    /// The model after each round since the last bulk load, and the round of that load.
    private var versions: [Int: [RecordKey: [UInt8]?]] = [:]
    private var lastLoad: Int?

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        store = Self.open(path)
        try store.create(settings: Array("{}".utf8), shop: "test")
    }

    private static func open(_ path: String) -> Store {
        Store(
            path: path, layout: StoreModelTests.layout, files: PosixFileSystem(),
            thresholds: StoreModelTests.tiny)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func reopenSometimes() {
        if random.below(10) == 0 { store = Self.open(path) }
    }

    /// One transaction of random changes on both sides; now and then a bulk load, of few records or
    /// of more than its buffer holds.
    func play() throws {
        let isLoad = random.below(12) == 0
        let count = isLoad && random.below(2) == 0 ? 60 : random.below(4) + 1
        let changes = (0..<count).map { _ in change() }
        let stamp = StoreModelTests.stamp(round)
        if isLoad {
            _ = try store.load(
                stamp, from: { BulkSource(name: "b", bytes: 1, crc: 1, records: 1) }
            ) { (load) throws(ShopError) in
                for (key, body) in changes { try load.set(key, body) }
            }
            versions = [:]
            lastLoad = round
        } else {
            try store.transact(stamp) { (tx) throws(ShopError) in
                for (key, body) in changes {
                    if let body { tx.set(key, body) } else { tx.remove(key) }
                }
            }
        }
        for (key, body) in changes { model[key] = .some(body) }
        versions[round] = model
        if random.below(3) > 0 { store.maintain() }
        if round % 7 == 0 { try compare(with: model, "round \(round)") }
        if round % 5 == 0 { try comparePast(random.below(round + 1)) }
        round += 1
    }

    private func change() -> (RecordKey, [UInt8]?) {
        let number = random.below(80)
        let key = [
            RecordKey("items", "k\(number)"), RecordKey("counts", "a b", "\(number)"),
            RecordKey("things", RecordKey.padded(Int64(number))),
        ][random.below(3)]
        let text = String(repeating: "x", count: random.below(60))
        let isRemoval = random.below(5) == 0
        return (key, isRemoval ? nil : Array("{\"round\":\(round),\"text\":\"\(text)\"}".utf8))
    }

    /// Compares after all maintenance there is, and looks at the journal.
    func finish() throws {
        try store.maintainFully()
        try compare(with: model, "at the end")
        var seen = 0
        var last = Int.max
        try store.history { (entry) throws(ShopError) in
            if entry.tx != last - 1 && last != Int.max { Issue.record("gap at \(entry.tx)") }
            last = entry.tx
            seen += 1
            return true
        }
        #expect(last == 1 && seen > 300)
    }

    /// The store as it stood after `round`, or the refusal where a bulk load came later.
    private func comparePast(_ round: Int) throws {
        let time = StoreModelTests.stamp(round).at
        if let lastLoad, round < lastLoad {
            #expect(throws: ShopError.self) {
                try store.read { (view) throws(ShopError) in
                    _ = try store.past(of: view, at: time)
                }
            }
            return
        }
        let model = try #require(versions[round])
        try compare(with: model, "as of round \(round)", at: time)
    }

    private func compare(
        with model: [RecordKey: [UInt8]?], _ place: String, at time: Timestamp? = nil
    ) throws {
        let at: Comment = "seed \(seed), \(place)"
        try store.read { (view) throws(ShopError) in
            let view =
                try time.map { (time) throws(ShopError) in
                    try store.past(of: view, at: time)
                } ?? view
            for (key, body) in model { #expect(try view.record(key) == body, at) }
            #expect(try view.record(RecordKey("items", "nobody")) == nil, at)
            for collection in ["items", "counts", "things"] {
                let expected = model.filter {
                    $0.value != nil && $0.key.description.hasPrefix(collection + "/")
                }
                .sorted { $0.key < $1.key }.map { String(decoding: $0.key.bytes, as: UTF8.self) }
                for direction in [ScanDirection.ascending, .descending] {
                    var keys: [String] = []
                    try view.scan(KeyRange(collection: collection), direction) {
                        (found) throws(ShopError) in
                        keys.append(collection + "/" + String(decoding: found.key, as: UTF8.self))
                        return true
                    }
                    let extra = Set(keys).subtracting(expected),
                        missing = Set(expected).subtracting(keys)
                    #expect(
                        extra.isEmpty && missing.isEmpty && keys.count == expected.count,
                        "\(at) \(direction) extra \(extra) missing \(missing)")
                    #expect(keys == (direction == .ascending ? expected : expected.reversed()), at)
                }
                let counts = try view.sum(over: collection, from: { 0 }) { count, _ in count += 1 }
                #expect(counts.reduce(0, +) == expected.count, at)
            }
        }
    }
}
