import Catalog
import Formats
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// Histories of orders taken in from files, short ones through the journal and long ones as bulk
/// loads, which must come to the same.
@Suite struct OrderImportTests {
    let directory: TemporaryDirectory
    let shop: Shop
    static let header =
        "reference,customer,status,placedAt,captured,refunded,sku,name,quantity,unitPrice,"
        + "shipping,tax\n"

    init() throws {
        directory = try TemporaryDirectory()
        shop = try Self.shop(in: directory.file("shop"))
    }

    /// A shop with 40 products of 1,000 units each, and buffers so small that everything spills.
    static func shop(in root: String) throws -> Shop {
        let usd = try Currency(parsing: "USD")
        var thresholds = ShopModelTests.tiny
        thresholds.loadBufferBytes = 4_096
        let store = Shop.store(at: root, thresholds: thresholds)
        try Shop.create(
            in: store, currency: usd, timeZone: .utc, clock: .ticking(), random: .seeded(1))
        let shop = try Shop(
            store, clock: .ticking(), random: .seeded(2), request: .init(command: "test"))
        var text = "sku,name,price,stock\n"
        for number in 0..<40 { text += "SKU-\(number),Thing \(number),1.00,1000\n" }
        let reader = ProductReader("p.csv", as: .auto, in: usd, read: source(text))
        _ = try shop.importProducts(reader, onConflict: .fail)
        return shop
    }

    static func source(
        _ text: String
    ) -> (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int {
        let bytes = Array(text.utf8)
        var start = 0
        return { (buffer) throws(ShopError) in
            let count = min(buffer.count, bytes.count - start)
            buffer.copyBytes(from: bytes[start..<start + count])
            start += count
            return count
        }
    }

    /// Orders of every status, with one to three lines each.
    static func history(_ range: Range<Int>, seed: UInt64) -> String {
        var text = header
        for number in range {
            var random = SeededRandom(seed: seed + UInt64(number))
            let status = OrderStatus.allCases[Int.random(in: 0..<5, using: &random)]
            let day = "2026-0\(Int.random(in: 1...9, using: &random))-1\(number % 10)"
            let units = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                Int.random(in: 1...4, using: &random)
            }
            let total = units.reduce(0) { $0 + $1 * 100 } + 7
            let isPaid = status == .completed || status == .cancelled
            let captured = isPaid ? "\(total / 100).07" : ""
            let refunded = status == .cancelled ? captured : ""
            for (line, count) in units.enumerated() {
                let sku = "sku-\(Int.random(in: 0..<40, using: &random))"
                text += "R-\(number),c\(number % 7)@x.example,\(status.rawValue),"
                text += status == .draft ? "," : "\(day),"
                text += "\(captured),\(refunded),\(sku),,\(count),1,"
                text += line == 0 ? ",0.07\n" : ",\n"
            }
        }
        return text
    }

    @discardableResult
    func take(
        _ text: String, into shop: Shop, _ options: OrderImportOptions = OrderImportOptions()
    ) throws -> ImportSummary {
        let reader = OrderReader("o.csv", in: shop.currency, .utc, read: Self.source(text))
        return try shop.importOrders(reader, options)
    }

    func orders(_ shop: Shop) throws -> [Order] {
        var orders: [Order] = []
        try shop.eachOrder(.init()) { (order) throws(ShopError) in
            orders.append(order)
            return true
        }
        return orders.reversed()
    }

    @Test("a long history is one load, in file order, with every invariant held")
    func bulk() throws {
        #expect(try take(Self.history(0..<700, seed: 3), into: shop).created == 700)
        let orders = try orders(shop)
        #expect(orders.map(\.number.value) == Array(1_001...1_700))
        #expect(orders.map { $0.reference ?? "" } == (0..<700).map { "R-\($0)" })
        #expect(try shop.violations() == [])
        // Segments that were merged into others are gone with the load.
        let doctor = Doctor(directory.file("shop"), clock: .ticking(), random: .seeded(4))
        #expect(try doctor.examine().map(\.code) == [])
        let again = try take(Self.history(0..<700, seed: 3), into: shop)
        #expect(again.unchanged == 700 && again.created == 0)
        // What the shop does afterwards goes on from there.
        var request = Shop.OrderRequest(
            customer: try EmailAddress(parsing: "c1@x.example"),
            items: [.init(sku: try SKU(parsing: "SKU-1"), quantity: try Quantity(1))])
        request.reference = "web"
        #expect(try shop.createOrder(request).number.value == 1_701)
        #expect(try take(Self.history(600..<1_000, seed: 3), into: shop).created == 300)
        #expect(try shop.violations() == [])
    }

    @Test("a history in short files comes to the same as in one long one")
    func pieces() throws {
        let whole = Self.history(0..<600, seed: 5)
        try take(whole, into: shop)
        let other = try Self.shop(in: directory.file("other"))
        let rows = whole.split(separator: "\n").dropFirst()
        for first in stride(from: 0, to: 600, by: 100) {
            let part = rows.filter { row in
                let number = Int(row.prefix { $0 != "," }.dropFirst(2)) ?? -1
                return (first..<first + 100).contains(number)
            }
            try take(Self.header + part.joined(separator: "\n") + "\n", into: other)
        }
        #expect(try other.violations() == [])
        let mine = try orders(shop)
        let theirs = try orders(other)
        #expect(mine.count == theirs.count)
        #expect(zip(mine, theirs).allSatisfy { $0.saysTheSame(as: $1) && $0.number == $1.number })
        func levels(_ shop: Shop) throws -> [String] {
            var levels: [String] = []
            try shop.eachProduct(.init()) { (entry) throws(ShopError) in
                let stock = entry.stock
                levels.append(
                    "\(entry.product.sku) \(stock?.reserved ?? 0) \(stock?.movements ?? 0)")
                return true
            }
            return levels
        }
        #expect(try levels(shop) == levels(other))
        #expect(
            try shop.salesByDay(from: nil, to: nil).map(\.sums)
                == other.salesByDay(from: nil, to: nil).map(\.sums))
    }

    @Test("a bad last row leaves nothing of a long file")
    func allOrNothing() throws {
        let text = Self.history(0..<600, seed: 7)
        let bad = text + "R-X,c1@x.example,placed,2026-01-01,,,SKU-99,No such,1,1,,\n"
        #expect(throws: ShopError.self) { try take(bad, into: shop) }
        #expect(try orders(shop).isEmpty)
        #expect(try shop.violations() == [])
        var options = OrderImportOptions()
        options.onMissing = .create
        #expect(try take(bad, into: shop, options).created == 601)
        #expect(try shop.products([try SKU(parsing: "SKU-99")])[0].product.status == .archived)
        #expect(try shop.violations() == [])
    }

    @Test("a dry run of a long file finds the same and stores nothing")
    func dryRun() throws {
        let summary = try shop.rehearsing { () throws(ShopError) in
            let reader = OrderReader(
                "o.csv", in: shop.currency, .utc, read: Self.source(Self.history(0..<600, seed: 9)))
            return try shop.importOrders(reader, OrderImportOptions())
        }
        #expect(summary.created == 600)
        #expect(try orders(shop).isEmpty)
    }

    @Test("stock runs short at the order that wants too much, in the file's order")
    func short() throws {
        var text = Self.header
        for number in 1...250 {
            text += "R-\(number),c@x.example,placed,2026-01-01,,,SKU-1,,4,1,,\n"
        }
        #expect(try take(text, into: shop).created == 250)
        let more = Self.header + "Q-1,c@x.example,placed,2026-01-01,,,SKU-1,,1,1,,\n"
        do {
            try take(more, into: shop)
            Issue.record("1,001 of 1,000 units were promised")
        } catch let error as ShopError {
            #expect(error.code == "insufficient-stock")
            #expect(error.location == "o.csv:2, item SKU-1=1")
        }
    }

    @Test("an order with more lines than are kept is refused")
    func tooManyLines() throws {
        var text = Self.header
        for _ in 0...10_000 {
            text += "R-1,c@x.example,completed,2026-01-01,,,SKU-1,,1,1,,\n"
        }
        do {
            try take(text, into: shop)
            Issue.record("it was taken")
        } catch let error as ShopError {
            #expect(error.code == "too-many-lines")
            #expect(error.location == "o.csv:10002")
        }
    }
}
