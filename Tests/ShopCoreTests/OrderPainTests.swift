import Catalog
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing
import Users

/// More of what users of other shops ran into with orders, each by the number of its pain.
@Suite struct OrderPainTests {
    let directory: TemporaryDirectory
    let mug: SKU
    let cup: SKU
    let ana: EmailAddress

    private final class Hand: @unchecked Sendable {
        var now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_000)
    }

    init() throws {
        directory = try TemporaryDirectory()
        mug = try SKU(parsing: "MUG-1")
        cup = try SKU(parsing: "CUP-2")
        ana = try EmailAddress(parsing: "ana@x.example")
    }

    /// A shop with nine mugs at 10.00 and nine cups at 5.00, whose clock stands until it is moved.
    private func shop(_ currency: String = "USD") throws -> (shop: Shop, hand: Hand) {
        let hand = Hand()
        let clock = Clock { hand.now }
        let store = Shop.store(at: directory.file("shop"))
        try Shop.create(
            in: store, currency: Currency(parsing: currency), timeZone: .utc, clock: clock,
            random: .seeded(1))
        let shop = try Shop(
            store, clock: clock, random: .seeded(2), request: .init(command: "test"))
        for (sku, price) in [(mug, "10"), (cup, "5")] {
            var draft = Product.Draft()
            draft.name = sku.text
            draft.price = try Money(parsing: price, shop.currency, named: "price")
            _ = try shop.addProduct(sku, draft, stock: 9)
        }
        return (shop, hand)
    }

    private func request(_ items: (SKU, Int64)...) throws -> Shop.OrderRequest {
        .init(
            customer: ana,
            items: try items.map { .init(sku: $0.0, quantity: try Quantity($0.1)) })
    }

    private func units(_ sku: SKU, _ count: Int64) -> [UnitCount] {
        [UnitCount(sku: sku, count: count)]
    }

    private func code(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "ok"
        } catch { return (error as? ShopError)?.code ?? "\(error)" }
    }

    @Test("pain 2: a SKU on two lines counts twice, and a refused order leaves nothing behind")
    func twoLines() throws {
        let (shop, _) = try shop()
        let wish = try request((mug, 5), (cup, 1), (mug, 5))
        #expect(code { _ = try shop.createOrder(wish) } == "insufficient-stock")
        #expect(try shop.stock([mug, cup]).map(\.reserved) == [0, 0])
        let number = try shop.createOrder(request((mug, 5), (mug, 3))).number
        #expect(try shop.stock([mug])[0].reserved == 8 && number.value == 1001)
        // The same holds for an edit: two items of one SKU are one wish.
        var edit = Shop.OrderEdit()
        edit.items = try request((mug, 5), (mug, 5)).items
        let wanted = edit
        #expect(
            code { _ = try shop.editOrder(number, wanted, refunding: false) }
                == "insufficient-stock")
        #expect(try shop.stock([mug])[0].reserved == 8)
        #expect(try shop.violations() == [])
    }

    @Test("pain 3: a step that is tried again under its key has one effect")
    func retries() throws {
        let (shop, _) = try shop()
        func twice<R: Equatable>(_ key: String, _ body: () throws -> R) throws -> R {
            shop.request.idempotencyKey = try IdempotencyKey(parsing: key)
            defer { shop.request.idempotencyKey = nil }
            let first = try body()
            #expect(try body() == first)
            return first
        }
        let wish = try request((mug, 2))
        let number = try twice("order") { try shop.createOrder(wish) }.number
        _ = try twice("money") {
            try shop.capturePayment(for: number, .card, nil, reference: nil).number
        }
        _ = try twice("box") { try shop.shipOrder(number, carrier: nil, tracking: nil) }
        let more = try request((cup, 1)).items
        _ = try twice("swap") {
            try shop.exchangeUnits(
                of: number, units(mug, 1), .restock, for: more, reason: nil)
        }
        let order = try twice("paper") { try shop.invoiceOrder(number) }
        #expect(order.returns.count == 1 && order.details.invoices.count == 1)
        #expect(order.captured.minorUnits == 2_000 && order.overpaid.minorUnits == 500)
        #expect(try shop.violations() == [])
    }

    @Test("pain 11: numbers have no gap and come once, whatever is refused, rehearsed, cancelled")
    func numbers() throws {
        let (shop, _) = try shop()
        var random = SeededRandom(seed: 11)
        for _ in 0..<60 {
            shop.request.isDryRun = random.chance(1, in: 4)
            let wish = try request((mug, random.number(1...3)))
            let order = try? shop.createOrder(wish)
            if let number = order?.number, !shop.request.isDryRun {
                if random.chance(1, in: 2) { _ = try shop.invoiceOrder(number) }
                _ = try shop.cancelOrder(number, reason: nil, refunding: false)
                _ = try? shop.invoiceOrder(number)
            }
            shop.request.isDryRun = false
        }
        var orders: [Int64] = []
        var invoices: [Int64] = []
        try shop.eachOrder(Shop.OrderFilter()) { (order) throws(ShopError) in
            orders.append(order.number.value)
            invoices += order.details.invoices.map(\.number.value)
            return true
        }
        #expect(orders.reversed() == Array(1001..<(1001 + Int64(orders.count))))
        #expect(invoices.sorted() == Array(1001..<(1001 + Int64(invoices.count))))
        #expect(orders.count > 30 && invoices.count > 20)
        #expect(try shop.violations() == [])
    }

    @Test("pain 13: yen have no hundredths, in an order, an edit and an invoice")
    func yen() throws {
        let (shop, _) = try shop("JPY")
        let number = try shop.createOrder(request((mug, 8))).number
        let order = try shop.invoiceOrder(number)
        #expect(order.total.decimalText == "80" && order.details.invoices[0].total == 80)
        #expect(
            code { _ = try Money(parsing: "80.5", shop.currency, named: "price") } != "ok")
    }

    @Test("pain 16: a refund is no return, a return no refund, and each says what became of units")
    func unitsAndMoney() throws {
        let (shop, _) = try shop()
        let number = try shop.createOrder(request((mug, 3))).number
        _ = try shop.capturePayment(for: number, .card, nil, reference: nil)
        _ = try shop.shipOrder(number, carrier: nil, tracking: nil)
        _ = try shop.refundPayment(
            .order(number), Money(minorUnits: 1_000, shop.currency), reason: nil, restocked: [])
        #expect(try shop.stock([mug])[0].onHand == 6)
        _ = try shop.returnUnits(of: number, units(mug, 1), .writeOff, reason: "broken")
        let order = try shop.returnUnits(of: number, units(mug, 1), .restock, reason: nil)
        #expect(order.refunded.minorUnits == 1_000 && order.overpaid.minorUnits == 1_000)
        #expect(try shop.stock([mug])[0].onHand == 7)
        let kinds = try shop.stockHistory(mug, limit: 3).map(\.kind)
        #expect(kinds == [.return, .writeOff, .return])
    }

    @Test("pain 17: the history of an order says who did what and when, in order")
    func history() throws {
        let (shop, hand) = try shop()
        let number = try shop.createOrder(request((mug, 2))).number
        func later(_ body: () throws -> Void) rethrows {
            hand.now = hand.now.adding(seconds: 60)
            try body()
        }
        var edit = Shop.OrderEdit()
        edit.items = try request((mug, 3)).items
        edit.reason = "one more"
        let change = edit
        try later { _ = try shop.editOrder(number, change, refunding: false) }
        try later { _ = try shop.annotateOrder(number, note: "call first") }
        try later { _ = try shop.capturePayment(for: number, .card, nil, reference: nil) }
        try later { _ = try shop.shipOrder(number, carrier: "DHL", tracking: "1") }
        try later { _ = try shop.deliverOrder(number, shipment: nil) }
        try later { _ = try shop.returnUnits(of: number, units(mug, 1), .restock, reason: nil) }
        let events = try shop.orderHistory(number)
        #expect(
            events.map(\.kind) == [
                "create", "place", "edit", "note", "capture", "ship", "complete", "deliver",
                "return",
            ])
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect(events.filter { $0.kind != "complete" }.allSatisfy { $0.by == "[setup]" })
        #expect(events[2].detail == "one more" && events[5].detail == "DHL 1")
    }

    @Test("pain 18: what comes back and is given back counts on its own day, in both reports")
    func days() throws {
        let (shop, hand) = try shop()
        let number = try shop.createOrder(request((mug, 3))).number
        _ = try shop.capturePayment(for: number, .card, nil, reference: nil)
        _ = try shop.shipOrder(number, carrier: nil, tracking: nil)
        hand.now = hand.now.adding(seconds: 86_400)
        let more = try request((cup, 1)).items
        _ = try shop.exchangeUnits(of: number, units(mug, 1), .restock, for: more, reason: nil)
        hand.now = hand.now.adding(seconds: 86_400)
        _ = try shop.refundPayment(
            .order(number), Money(minorUnits: 500, shop.currency), reason: nil, restocked: [])
        let days = try shop.salesByDay(from: nil, to: nil).map(\.sums)
        #expect(days.map(\.gross) == [3_000, 500, 0])
        #expect(days.map(\.returned) == [0, 1_000, 0])
        #expect(days.map(\.refunded) == [0, 0, 500])
        #expect(days.map(\.net).reduce(0, +) == 2_500)
        #expect(try shop.salesByDayFromRecords(from: nil, to: nil).map(\.sums) == days)
        #expect(try shop.violations() == [])
    }

    @Test("a guest's orders move into an account with their numbers, their money and their index")
    func merge() throws {
        let (shop, _) = try shop()
        let guest = try EmailAddress(parsing: "Ana.Soto@x.example")
        let owner = try EmailAddress(parsing: "owner@shop.example")
        let password = Array("gnu-lathe-crimson".utf8)
        var wish = try request((mug, 2))
        wish.customer = guest
        let theirs = wish
        let numbers = try (0..<2).map { _ in try shop.createOrder(theirs).number }
        _ = try shop.capturePayment(for: numbers[1], .cash, nil, reference: nil)
        let own = try shop.createOrder(request((cup, 1))).number
        let before = try shop.customers()
        #expect(before.map(\.email) == [guest, ana] && before.allSatisfy(\.isGuest))
        #expect(before.map(\.balance) == [-2_000, -500] && before.map(\.spent) == [2_000, 0])
        #expect(try shop.customer(guest).orders.map(\.number) == numbers.reversed())

        _ = try shop.signUp(.init(email: owner, password: password))
        shop.request.token = try shop.signIn(owner, password: password).tokens.access
        #expect(code { _ = try shop.mergeCustomer(guest, into: ana) } == "user-not-found")
        _ = try shop.signUp(.init(email: ana, password: password))
        #expect(code { _ = try shop.mergeCustomer(owner, into: ana) } == "customer-has-account")
        let moved = try shop.mergeCustomer(guest, into: ana).items
        #expect(moved.map(\.number) == numbers.reversed())
        #expect(moved.allSatisfy { $0.customer == ana })
        #expect(code { _ = try shop.mergeCustomer(guest, into: ana) } == "customer-not-found")
        let after = try shop.customer(ana)
        #expect(after.orders.map(\.number) == [own] + numbers.reversed())
        #expect(after.customer.balance == -2_500 && after.customer.spent == 2_000)
        #expect(try shop.customers().map(\.email) == [ana])
        #expect(try shop.violations() == [])
    }
}
