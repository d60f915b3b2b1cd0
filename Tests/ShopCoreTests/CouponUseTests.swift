import Catalog
import Orders
import Payments
import Primitives
import Storage
import TestSupport
import Testing
import Users

@testable import ShopCore

/// Coupons in a shop: what counts as a use, and what gives it back.
@Suite struct CouponUseTests {
    let directory: TemporaryDirectory
    let root: String
    let mug: SKU
    let code: CouponCode

    private final class Hand: @unchecked Sendable {
        var now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_000)
    }
    private let hand = Hand()

    init() throws {
        directory = try TemporaryDirectory()
        root = directory.file("shop")
        mug = try SKU(parsing: "MUG-1")
        code = try CouponCode(parsing: "SPRING")
        try Shop.create(
            in: Shop.store(at: root), currency: Currency(parsing: "USD"), timeZone: .utc,
            clock: clock, random: .seeded(1))
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 1_000, try Currency(parsing: "USD"))
        _ = try opened().addProduct(mug, draft, stock: 900)
    }

    private var clock: Clock {
        let hand = hand
        return Clock { hand.now }
    }

    private func opened() throws -> Shop {
        try Shop(
            Shop.store(at: root), clock: clock, random: .seeded(2),
            request: .init(command: "test"))
    }

    private func coupon(_ shop: Shop, _ change: (inout Coupon.Terms) -> Void = { _ in }) throws {
        var terms = Coupon.Terms()
        change(&terms)
        _ = try shop.addCoupon(code, .percent(try Percent(parsing: "10")), terms)
    }

    private func order(
        _ shop: Shop, of customer: String = "ana", isDraft: Bool = false
    ) throws -> Order {
        var request = Shop.OrderRequest(
            customer: try EmailAddress(parsing: "\(customer)@x.example"),
            items: [.init(sku: mug, quantity: try Quantity(2))])
        request.prices.coupon = code
        request.isDraft = isDraft
        return try shop.createOrder(request)
    }

    private func uses(_ shop: Shop) throws -> Int64 { try shop.coupons([code])[0].uses }

    private func refusal(_ body: () throws -> Void) -> String {
        do { try body() } catch { return (error as? ShopError)?.code ?? "\(error)" }
        return "ok"
    }

    @Test func aUseCountsWhenAnOrderIsPlacedAndNoLongerWhenItEnds() throws {
        let shop = try opened()
        try coupon(shop) { $0.limit = 2 }
        let first = try order(shop)
        let draft = try order(shop, of: "ben", isDraft: true)
        #expect(try uses(shop) == 1)
        _ = try shop.placeOrder(draft.number)
        #expect(try uses(shop) == 2)
        #expect(refusal { _ = try order(shop, of: "cleo") } == "coupon-used-up")
        _ = try shop.cancelOrder(first.number, reason: nil, refunding: false)
        _ = try shop.cancelOrder(first.number, reason: nil, refunding: false)
        #expect(try uses(shop) == 1)
        hand.now = hand.now.adding(seconds: 100)
        _ = try shop.expireOrders(olderThan: 10)
        #expect(try uses(shop) == 0)
        // A draft that is cancelled never had one.
        let other = try order(shop, isDraft: true)
        _ = try shop.cancelOrder(other.number, reason: nil, refunding: false)
        #expect(try uses(shop) == 0)
        #expect(try shop.violations() == [])
    }

    @Test func aDraftIsRefusedWhereItsCouponIsOverWhenItIsPlaced() throws {
        let shop = try opened()
        try coupon(shop) { $0.limitPerCustomer = 1 }
        let draft = try order(shop, isDraft: true)
        _ = try order(shop)
        #expect(
            refusal { _ = try shop.placeOrder(draft.number) } == "coupon-used-up-by-customer")
        _ = try shop.endCoupons([code])
        #expect(refusal { _ = try shop.placeOrder(draft.number) } == "coupon-ended")
        #expect(try shop.orders([draft.number])[0].status == .draft)
        #expect(try shop.violations() == [])
    }

    @Test func anOrderThatIsRefusedCountsNothing() throws {
        let shop = try opened()
        try coupon(shop)
        var request = Shop.OrderRequest(
            customer: try EmailAddress(parsing: "ana@x.example"),
            items: [.init(sku: mug, quantity: try Quantity(901))])
        request.prices.coupon = code
        #expect(refusal { _ = try shop.createOrder(request) } == "insufficient-stock")
        #expect(try uses(shop) == 0)
    }

    @Test func theUsesOfAGuestMoveWithTheOrdersIntoAnAccount() throws {
        let shop = try opened()
        try coupon(shop) { $0.limitPerCustomer = 1 }
        _ = try order(shop, of: "ana")
        _ = try order(shop, of: "guest")
        let account = try EmailAddress(parsing: "ana@x.example")
        let password = Array("gnu-lathe-violet".utf8)
        _ = try shop.signUp(.init(email: account, password: password))
        shop.request.token = try shop.signIn(account, password: password).tokens.access
        _ = try shop.mergeCustomer(try EmailAddress(parsing: "guest@x.example"), into: account)
        #expect(try uses(shop) == 2)
        #expect(refusal { _ = try order(shop, of: "ana") } == "coupon-used-up-by-customer")
        _ = try order(shop, of: "guest")
        #expect(try shop.violations() == [])
    }

    @Test("doctor names uses that orders do not make, and works them out again")
    func miscounted() throws {
        let shop = try opened()
        try coupon(shop)
        for name in ["ana", "ana", "ben"] { _ = try order(shop, of: name) }
        let stamp = Stamp(at: hand.now, by: "[test]", command: "test", idempotencyKey: nil)
        try Shop.store(at: root).transact(stamp) { (tx) throws(ShopError) in
            var uses = try tx.uses(of: code, by: nil)
            uses.uses = 7
            tx.put(uses)
            tx.remove(
                Records.couponUses(code, try EmailAddress(parsing: "ben@x.example")))
        }
        let found = try opened().violations().map(\.description).sorted()
        #expect(
            found == ["I5 SPRING: 7 uses, orders say 3", "I5 SPRING: no uses, orders say 1"])
        try opened().reindex()
        #expect(try opened().violations() == [])
        #expect(try uses(opened()) == 3)
    }

    @Test("random use of coupons, taxes and edits leaves every sum right", arguments: 1...4)
    func randomUse(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let shop = try opened()
        try coupon(shop) { ($0.limit, $0.limitPerCustomer) = (9, 4) }
        var rate = TaxRate.Draft(rate: try Percent(parsing: "8.875"))
        rate.name = "Tax"
        _ = try shop.setTaxRate(rate)
        var (numbers, open): ([OrderNumber], [String: Int64]) = ([], [:])
        var owner: [OrderNumber: String] = [:]
        for _ in 0..<60 {
            switch random.number(0...4) {
            case 0, 1:
                let name = random.one(of: ["ana", "ben", "cleo"])
                let isFull =
                    open.values.reduce(0, +) >= 9 || open[name, default: 0] >= 4
                let result = refusal {
                    let order = try order(shop, of: name)
                    numbers.append(order.number)
                    owner[order.number] = name
                }
                #expect((result == "ok") == !isFull, "\(random): \(result)")
                if result == "ok" { open[name, default: 0] += 1 }
            case 2 where !numbers.isEmpty:
                let number = random.one(of: numbers)
                let isOpen = try shop.orders([number])[0].status == .placed
                if refusal({
                    _ = try shop.cancelOrder(number, reason: nil, refunding: true)
                }) == "ok", isOpen, let name = owner[number] {
                    open[name, default: 0] -= 1
                }
            case 3 where !numbers.isEmpty:
                var edit = Shop.OrderEdit()
                edit.items = [.init(sku: mug, quantity: try Quantity(random.number(1...4)))]
                _ = refusal {
                    _ = try shop.editOrder(random.one(of: numbers), edit, refunding: true)
                }
                _ = refusal { _ = try shop.invoiceOrder(random.one(of: numbers)) }
            default:
                guard !numbers.isEmpty else { continue }
                _ = refusal {
                    _ = try shop.capturePayment(
                        for: random.one(of: numbers), .cash, nil, reference: nil)
                }
            }
            #expect(try uses(shop) == open.values.reduce(0, +), "\(random)")
        }
        #expect(try shop.violations() == [], "\(random)")
    }
}
