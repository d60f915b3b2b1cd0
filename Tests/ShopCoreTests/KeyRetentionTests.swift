import Catalog
import Foundation
import Primitives
import ShopCore
import Storage
import Synchronization
import TestSupport
import Testing

/// Idempotency keys live for the days that shop.json says, and go a few at a time.
@Suite struct KeyRetentionTests {
    /// A clock that the test sets.
    final class Hands: Sendable {
        private let now = Mutex<Int64>(1_795_459_867_123)

        var clock: Clock {
            Clock { Timestamp(millisecondsSinceEpoch: self.now.withLock { $0 }) }
        }

        func advance(hours: Int64) { now.withLock { $0 += hours * 3_600_000 } }
        func advance(milliseconds: Int64) { now.withLock { $0 += milliseconds } }
    }

    let hands = Hands()
    let directory: TemporaryDirectory
    let store: Store
    let shop: Shop
    let sku: SKU

    init() throws {
        directory = try TemporaryDirectory()
        store = Shop.store(at: directory.file("shop"), thresholds: ShopModelTests.tiny)
        let usd = try Currency(parsing: "USD")
        try Shop.create(
            in: store, currency: usd, timeZone: .utc, clock: hands.clock, random: .seeded(1))
        shop = try Shop(
            store, clock: hands.clock, random: .seeded(2), request: .init(command: "test"))
        sku = try SKU(parsing: "MUG-1")
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 100, usd)
        _ = try shop.addProduct(sku, draft, stock: 0)
    }

    /// Receives a unit under `key`; a repetition changes nothing.
    func receive(_ key: String, in shop: Shop? = nil) throws {
        let shop = shop ?? self.shop
        shop.request = .init(
            command: "receive \(key)", idempotencyKey: try IdempotencyKey(parsing: key))
        _ = try shop.receiveStock(sku, try Quantity(1), note: nil)
        shop.maintain()
    }

    var onHand: Int64 { get throws { try shop.stock([sku])[0].onHand } }

    func count(_ collection: String) throws -> Int {
        try store.read { (view) throws(ShopError) in
            var count = 0
            try view.scan(KeyRange(collection: collection)) { (_) throws(ShopError) in
                count += 1
                return true
            }
            return count
        }
    }

    @Test("a key stands for its request for 30 days, and is new again after that")
    func keysExpire() throws {
        try receive("web-1")
        hands.advance(hours: 30 * 24 - 1)
        try receive("web-1")
        #expect(try onHand == 1)
        hands.advance(hours: 2)
        try receive("web-1")
        #expect(try onHand == 2)
        // The second use counts from its own time.
        hands.advance(hours: 29 * 24)
        try receive("web-1")
        try receive("web-2")
        #expect(try onHand == 3)
        #expect(try count("idempotency") == 2 && count("key-ages") == 2)
    }

    @Test("old keys go with later requests, at most 16 with each")
    func removalIsBounded() throws {
        for number in 1...100 {
            try receive("old-\(number)")
            hands.advance(milliseconds: 1)
        }
        #expect(try count("idempotency") == 100)
        hands.advance(hours: 31 * 24)
        var left = 100
        for number in 1...8 {
            try receive("new-\(number)")
            let kept = try count("idempotency")
            #expect(kept == max(0, left - 16) + number)
            #expect(try count("key-ages") == kept)
            left = max(0, left - 16)
        }
        #expect(try onHand == 108)
        #expect(try shop.violations() == [])
        // A removal is a change like any other: the journal has it.
        var removed = 0
        try store.history { (entry) throws(ShopError) in
            let isNew = entry.command.hasPrefix("receive new")
            removed += isNew ? entry.keys.count { $0.hasPrefix("idempotency/old-") } : 0
            return true
        }
        #expect(removed == 100)
    }

    @Test("requests without a key, and dry runs, remove nothing")
    func othersRemoveNothing() throws {
        try receive("old-1")
        hands.advance(hours: 40 * 24)
        shop.request = .init(command: "receive")
        _ = try shop.receiveStock(sku, try Quantity(1), note: nil)
        shop.request = .init(
            command: "receive", idempotencyKey: try IdempotencyKey(parsing: "k"), isDryRun: true)
        _ = try shop.receiveStock(sku, try Quantity(1), note: nil)
        #expect(try count("idempotency") == 1)
    }

    @Test("keys of one shop after another are found where the last search ended")
    func steadyState() throws {
        // Two keys an hour for 40 days: the oldest go while new ones come.
        for number in 1...960 {
            try receive("k-\(number)")
            hands.advance(hours: 1)
            if number > 31 * 24 { #expect(try count("idempotency") <= 31 * 24 + 16) }
        }
        let kept = try count("idempotency")
        #expect(kept >= 30 * 24 && kept <= 31 * 24)
        #expect(try count("key-ages") == kept)
    }

    @Test("idempotencyDays in shop.json says for how many days; nonsense is refused")
    func settingCounts() throws {
        let path = directory.file("shop/shop.json")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(#""idempotencyDays":30"#))
        func setDays(_ days: String) throws {
            try text.replacingOccurrences(of: ":30", with: ":\(days)")
                .write(toFile: path, atomically: true, encoding: .utf8)
        }
        func open() throws -> Shop {
            try Shop(store, clock: hands.clock, random: .seeded(3), request: .init(command: "t"))
        }
        try setDays("2")
        let shop = try open()
        try receive("web-1", in: shop)
        hands.advance(hours: 47)
        try receive("web-1", in: shop)
        #expect(try onHand == 1)
        hands.advance(hours: 2)
        try receive("web-1", in: shop)
        #expect(try onHand == 2)
        for days in ["0", "-1", "36501", "\"x\"", "1.5"] {
            try setDays(days)
            let error = #expect(throws: ShopError.self) { _ = try open() }
            #expect(error?.code == "settings-damaged", "\(days)")
        }
    }
}
