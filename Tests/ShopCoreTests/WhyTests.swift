import Catalog
import Orders
import Payments
import Primitives
import ShopCore
import TestSupport
import Testing

/// Numbers that do not come from their entries, and amounts that are looked for.
@Suite struct WhyTests {
    let records: DoctorRecordTests
    let shop: Shop

    init() throws {
        records = try DoctorRecordTests()
        shop = try records.opened()
    }

    struct Fault: CustomTestStringConvertible {
        let key: String
        let old: String
        let new: String
        /// What is asked about, and the figure that is not proven; nil where it is no sum.
        let subject: String
        let figure: String?

        init(_ key: String, _ old: String, _ new: String, _ subject: String, _ figure: String?) {
            (self.key, self.old, self.new) = (key, old, new)
            (self.subject, self.figure) = (subject, figure)
        }

        var testDescription: String { "\(key): \(new)" }
    }

    static let faults: [Fault] = [
        .init("stock/mug-1", "\"reserved\":4", "\"reserved\":3", "MUG-1", "reserved"),
        .init("stock/mug-1", "\"onHand\":9", "\"onHand\":8", "MUG-1", "onHand"),
        .init("stock/mug-1", "\"movements\":3", "\"movements\":4", "MUG-1", nil),
        .init(
            "movements/mug-1/0000000001", "\"onHand\":9", "\"onHand\":8", "MUG-1", "onHand"),
        .init(
            "movements/mug-1/0000000001", "\"onHandAfter\":9", "\"onHandAfter\":8", "MUG-1", nil),
        .init(
            "orders/0000001001", "\"total\":1000,\"capt", "\"total\":1001,\"capt", "ORD-1001",
            "total"),
        .init("orders/0000001001", "\"unitPrice\":500", "\"unitPrice\":900", "ORD-1001", "total"),
        .init(
            "orders/0000001002", "\"captured\":1000", "\"captured\":900", "ORD-1002", "captured"),
        .init(
            "orders/0000001001", "\"quantity\":2", "\"quantity\":3", "MUG-1", "reserved"),
        .init(
            "payments/0000001001", "\"captured\":1000", "\"captured\":900", "PAY-1001", "captured"
        ),
        .init(
            "payments/0000001001", "\"authorized\":1000", "\"authorized\":900", "PAY-1001", "held"
        ),
    ]

    private func explanation(of text: String) throws -> Explanation {
        switch try shop.readings(of: text)[0] {
        case .product(let sku): try shop.explainStock(sku, all: false)
        case .order(let number): try shop.explainOrder(number)
        case .payment(let number): try shop.explainPayment(number)
        case .balance(let id): try shop.explainBalance(id, all: false)
        case .amount(let amount): throw ShopError.noPayment(PaymentNumber(amount.minorUnits))
        }
    }

    @Test("a number that its entries do not come to is named", arguments: faults)
    func fault(_ fault: Fault) throws {
        #expect(try explanation(of: fault.subject).isProven)
        try records.edit(fault.key, fault.old, fault.new)
        let found = try explanation(of: fault.subject)
        #expect(!found.isProven)
        guard let figure = fault.figure else {
            #expect(!found.problems.isEmpty)
            return
        }
        #expect(found.figures.first { $0.name == figure }?.isProven == false, "\(found)")
    }

    @Test("a payment that its order's index lost is missing in the sum") func lost() throws {
        try records.set("order-payments/0000001001/0000001001", nil)
        #expect(try !explanation(of: "ORD-1001").isProven)
    }

    @Test("everything that has an amount is found, what moved before what it comes to")
    func amounts() throws {
        let amount = Money(minorUnits: 1_000, shop.currency)
        let found = try shop.search(for: amount, all: false).matches
        let paid = found.filter { $0.id.hasPrefix("PAY-") }
        #expect(paid.map(\.id) == ["PAY-1002", "PAY-1001"] && found.prefix(2) == paid[...])
        #expect(found.filter { $0.what == "total" }.map(\.id) == ["ORD-1002", "ORD-1001"])
        #expect(!found.contains { $0.what == "due" })
        let out = Money(minorUnits: -1_000, shop.currency)
        #expect(try shop.search(for: out, all: false).matches == [])
        let other = Money(minorUnits: 1_001, shop.currency)
        #expect(try shop.search(for: other, all: true).matches == [])
    }

    @Test("what is to be paid comes first of all") func due() throws {
        let sku = try SKU(parsing: "MUG-1")
        let order = try shop.createOrder(
            Shop.OrderRequest(
                customer: try EmailAddress(parsing: "bo@x.example"),
                items: [.init(sku: sku, quantity: try Quantity(2))]))
        let amount = Money(minorUnits: 1_000, shop.currency)
        let first = try shop.search(for: amount, all: false).matches.first
        #expect(first?.what == "due" && first?.order == order.number)
    }

    @Test(
        "amounts are read as banks print them",
        arguments: [
            ("37.40", 3_740), ("37,40", 3_740), ("1,250.00 USD", 125_000), ("1.250,00", 125_000),
            ("1,234,567.8", 123_456_780), ("12", 1_200), ("-5.00", -500), ("USD 3", 300),
        ] as [(String, Int64)])
    func grouped(_ text: String, _ units: Int64) throws {
        #expect(try Money(grouped: text, shop.currency).minorUnits == units)
    }

    @Test("what could be two amounts is refused", arguments: ["1,250", "1,2,3.4.5", "1.2,3.4"])
    func ambiguous(_ text: String) throws {
        #expect(throws: ShopError.self) { try Money(grouped: text, shop.currency) }
    }

    @Test(
        "a total is proven with taxes, a coupon, and parts that were cancelled or came back",
        arguments: [false, true], 1...3 as ClosedRange<UInt64>)
    func priced(includesTax: Bool, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let directory = try TemporaryDirectory()
        let store = Shop.store(at: directory.file("shop"))
        let usd = try Currency(parsing: "USD")
        try Shop.create(
            in: store, currency: usd, timeZone: .utc, clock: .ticking(), random: .seeded(1),
            pricesIncludeTax: includesTax)
        let shop = try Shop(
            store, clock: .ticking(), random: .seeded(2), request: .init(command: "test"))
        for (percent, priority) in [("9.975", 2), ("5", 1), ("7.7", 3)] as [(String, Int64)] {
            var rate = TaxRate.Draft(rate: try Percent(parsing: percent))
            rate.priority = priority
            rate.isCompound = priority == 2
            _ = try shop.setTaxRate(rate)
        }
        let code = try CouponCode(parsing: "SPRING")
        _ = try shop.addCoupon(code, .percent(try Percent(parsing: "12.5")), Coupon.Terms())
        let skus = try (0..<4).map { try SKU(parsing: "S-\($0)") }
        for sku in skus {
            var draft = Product.Draft()
            draft.name = "Thing"
            draft.price = Money(minorUnits: random.number(1...4_999), usd)
            _ = try shop.addProduct(sku, draft, stock: 10_000)
        }
        for _ in 0..<40 {
            var request = Shop.OrderRequest(
                customer: try EmailAddress(parsing: "ana@x.example"),
                items: try (0..<Int(random.number(1...4))).map { _ in
                    .init(sku: random.one(of: skus), quantity: try Quantity(random.number(1...7)))
                })
            request.shipping = Money(minorUnits: random.number(0...999), usd)
            if random.chance(1, in: 2) { request.prices.coupon = code }
            guard let order = try? shop.createOrder(request) else { continue }
            let unit = [UnitCount(sku: order.lines[0].sku, count: 1)]
            if random.chance(1, in: 2) {
                _ = try? shop.cancelUnits(of: order.number, unit, reason: nil, refunding: true)
            }
            _ = try shop.capturePayment(for: order.number, .card, nil, reference: nil)
            _ = try shop.shipOrder(order.number, carrier: nil, tracking: nil)
            _ = try? shop.returnUnits(of: order.number, unit, .restock, reason: nil)
            let overpaid = try #require(try shop.orders([order.number]).first).overpaid
            if !overpaid.isZero {
                _ = try shop.refundPayment(
                    .order(order.number), overpaid, reason: nil, restocked: [])
            }
            let found = try shop.explainOrder(order.number)
            #expect(found.isProven, "\(random): \(found)")
        }
        #expect(try shop.violations() == [])
    }
}
