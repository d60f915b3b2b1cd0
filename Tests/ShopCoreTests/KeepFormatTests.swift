import Catalog
import Foundation
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// Makes the second directory of scripts/keep-format: one with lists of segments, merged runs and
/// several journals, which a shop of usual thresholds has with millions of records only.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["KEEP_FORMAT"] != nil))
struct KeepFormatTests {
    static var thresholds: Thresholds {
        var tiny = Thresholds()
        tiny.foldBytes = 4_000
        tiny.foldLines = 6
        tiny.smallBase = 2_000
        tiny.largestRun = 30_000
        tiny.mostRunBytes = 40_000
        tiny.segmentBytes = 1_500
        tiny.journalBytes = 24_000
        tiny.inlineSegments = 3
        return tiny
    }

    @Test("a shop with every kind of file") func make() throws {
        let root = try #require(ProcessInfo.processInfo.environment["KEEP_FORMAT"])
        try? FileManager.default.removeItem(atPath: root)
        let store = Shop.store(at: root, thresholds: Self.thresholds)
        let eur = try Currency(parsing: "EUR")
        try Shop.create(
            in: store, currency: eur, timeZone: .utc, clock: .ticking(), random: .seeded(1))
        let shop = try Shop(
            store, clock: .ticking(), random: .seeded(2), request: .init(command: "test"))
        for number in 1...36 {
            shop.request = .init(command: "step \(number)")
            let sku = try SKU(parsing: "SKU-\(number % 12)")
            if number <= 12 {
                var draft = Product.Draft()
                draft.name = "Thing \(number)"
                draft.price = Money(minorUnits: Int64(number * 100), eur)
                _ = try shop.addProduct(sku, draft, stock: 10)
            }
            let order = try shop.createOrder(
                Shop.OrderRequest(
                    customer: try EmailAddress(parsing: "a\(number % 7)@x.example"),
                    items: [.init(sku: sku, quantity: try Quantity(1))]))
            if number % 3 == 0 {
                _ = try shop.capturePayment(for: order.number, .cash, nil, reference: nil)
            }
            if number % 4 == 0 {
                _ = try shop.cancelOrder(order.number, reason: nil, refunding: true)
            }
            shop.maintain()
        }
        #expect(try shop.violations() == [])
        let manifest = try String(contentsOfFile: root + "/MANIFEST.json", encoding: .utf8)
        #expect(manifest.contains("\"list\":") && manifest.contains("recent/R-"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/journal").count > 2)
    }
}
