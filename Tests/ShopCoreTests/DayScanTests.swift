import Catalog
import Formats
import Orders
import Payments
import Primitives
import Storage
import TestSupport
import Testing

@testable import ShopCore

/// Sums over the records of a whole shop, and the totals kept by day.
@Suite struct DayScanTests {
    /// Small segments, so that a few orders make many and both cores have some.
    private static var small: Thresholds {
        var small = Thresholds()
        small.foldBytes = 6_000
        small.foldLines = 8
        small.smallBase = 2_000
        small.runsPerSize = 2
        small.largestRun = 10_000
        small.mostRunBytes = 10_000
        small.segmentBytes = 3_000
        return small
    }

    @Test(
        "orders and payments added up again come to the totals kept by day",
        arguments: ["UTC", "Europe/Berlin", "Pacific/Auckland"])
    func sums(zone: String) throws {
        let files = SimulatedFileSystem()
        let ticks = Clock.ticking()
        let begin = ticks.now()
        // Five hours from one command to the next.
        let clock = Clock {
            let passed = ticks.now().millisecondsSinceEpoch - begin.millisecondsSinceEpoch
            return begin.adding(seconds: passed / 1_000 * 18_000)
        }
        let store = Shop.store(at: "/shop", files: files, thresholds: Self.small)
        try Shop.create(
            in: store, currency: Currency(parsing: "EUR"), timeZone: TimeZoneName(parsing: zone),
            clock: clock, random: .seeded(1))
        let shop = try Shop(
            store, clock: clock, random: .seeded(1), request: .init(command: "test"))
        let sku = try SKU(parsing: "MUG-1")
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 1_299, shop.currency)
        _ = try shop.addProduct(sku, draft, stock: 500)
        let ana = try EmailAddress(parsing: "ana@x.example")
        for number in 0..<60 {
            let item = Shop.ItemRequest(sku: sku, quantity: try Quantity(Int64(number % 3 + 1)))
            let order = try shop.createOrder(.init(customer: ana, items: [item]))
            if number % 2 == 0 {
                _ = try shop.capturePayment(for: order.number, .card, nil, reference: nil)
            }
            if number % 5 == 0 {
                _ = try shop.cancelOrder(order.number, reason: nil, refunding: true)
            }
            shop.maintain()
        }
        let kept = try shop.salesByDay(from: nil, to: nil)
        #expect(kept.count > 10)
        #expect(try shop.salesByDayFromRecords(from: nil, to: nil) == kept)
        let ordersOnly = try shop.salesByDayFromRecords(from: nil, to: nil, countingPayments: false)
        #expect(ordersOnly.map(\.sums.gross) == kept.map(\.sums.gross))
        #expect(ordersOnly.allSatisfy { $0.sums.captured == 0 })
        let some = kept[3].day
        #expect(
            try shop.salesByDayFromRecords(from: some, to: some.adding(days: 2))
                == shop.salesByDay(from: some, to: some.adding(days: 2)))
    }

    @Test("figures read from a record are those of the order")
    func figures() throws {
        let currency = try Currency(parsing: "EUR")
        let line = try LineItem(
            SKU(parsing: "MUG-1"), named: "Mug", Quantity(3), at: Money(minorUnits: 5, currency))
        var order = try Order(
            OrderNumber(1_001), customer: EmailAddress(parsing: "ana@x.example"), lines: [line],
            shipping: .zero(currency), reference: nil, by: "[test]",
            at: Timestamp(millisecondsSinceEpoch: 5))
        #expect(try OrderFigures(json: order) == OrderFigures(order))
        try order.place(at: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000))
        #expect(try OrderFigures(json: order) == OrderFigures(order))
        try order.cancel(reason: "no", at: Timestamp(millisecondsSinceEpoch: 1_700_000_001_000))
        #expect(try OrderFigures(json: order) == OrderFigures(order))
    }
}

extension OrderFigures {
    fileprivate init(json order: Order) throws {
        let bytes = order.json
        self = try JSONReader.parse(bytes) { (reader) throws(JSONError) in
            try OrderFigures(from: &reader)
        }
    }
}
