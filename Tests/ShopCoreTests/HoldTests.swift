import Catalog
import Orders
import Payments
import Primitives
import ShopCore
import TestSupport
import Testing

/// Money that is held, taken in parts, given up or claimed back, and what its order says of it.
@Suite struct HoldTests {
    let directory: TemporaryDirectory
    let shop: Shop

    /// A shop with one order of 30.00.
    init() throws {
        directory = try TemporaryDirectory()
        let store = Shop.store(at: directory.file("shop"))
        try Shop.create(
            in: store, currency: Currency(parsing: "USD"), timeZone: .utc, clock: .ticking(),
            random: .seeded(1))
        shop = try Shop(
            store, clock: .ticking(), random: .seeded(2), request: .init(command: "test"))
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = money(1_000)
        _ = try shop.addProduct(try SKU(parsing: "MUG-1"), draft, stock: 9)
        _ = try shop.createOrder(
            .init(
                customer: EmailAddress(parsing: "ana@x.example"),
                items: [.init(sku: SKU(parsing: "MUG-1"), quantity: Quantity(3))]))
    }

    let number = OrderNumber(1001)

    func money(_ cents: Int64) -> Money { Money(minorUnits: cents, shop.currency) }

    var order: Order {
        get throws { try #require(try shop.orders([number]).first) }
    }

    func code(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "ok"
        } catch { return (error as? ShopError)?.code ?? "\(error)" }
    }

    @Test("a hold is taken in parts, and the rest of it given up") func parts() throws {
        let hold = try shop.authorizePayment(for: number, .card, nil, reference: "t-4")
        #expect(try hold.capturable == money(3_000) && order.payment == .authorized)
        #expect(try order.due == money(3_000) && order.unsecured.isZero)
        // What is held is not held twice, but may be paid otherwise.
        #expect(
            code { _ = try shop.authorizePayment(for: number, .card, money(1), reference: nil) }
                == "over-capture")
        _ = try shop.captureHold(of: hold.number, money(1_000), reference: nil)
        #expect(try order.payment == .partiallyCaptured)
        _ = try shop.captureHold(of: hold.number, money(500), reference: nil)
        #expect(
            code { _ = try shop.captureHold(of: hold.number, money(1_501), reference: nil) }
                == "over-capture")
        _ = try shop.capturePayment(for: number, .cash, money(900), reference: nil)
        // No more is taken of the hold than is due.
        let last = try shop.captureHold(of: hold.number, nil, reference: nil)
        #expect(last.captured == money(2_100) && last.capturable == money(900))
        #expect(try order.payment == .captured && order.holds.authorized == 900)
        _ = try shop.voidPayment(.order(number), reason: "paid in cash")
        #expect(try order.holds == OrderHolds())
        #expect(try shop.payments([hold.number])[0].status == .captured)
        #expect(try shop.violations() == [])
    }

    @Test("an order does not end while money is held for it") func heldOrder() throws {
        let hold = try shop.authorizePayment(for: number, .card, nil, reference: nil)
        for refunding in [true, false] {
            #expect(
                code { _ = try shop.cancelOrder(number, reason: nil, refunding: refunding) }
                    == "order-has-payment")
        }
        #expect(try shop.expireOrders(olderThan: 0).items.isEmpty)
        _ = try shop.voidPayment(.payment(hold.number), reason: nil)
        #expect(try order.payment == .voided)
        // Once more is no mistake.
        _ = try shop.voidPayment(.payment(hold.number), reason: nil)
        #expect(
            code { _ = try shop.voidPayment(.order(number), reason: nil) }
                == "payment-not-voidable")
        _ = try shop.cancelOrder(number, reason: nil, refunding: false)
        #expect(try shop.violations() == [])
    }

    @Test("an open dispute holds its part, and a lost one is a refund") func disputes() throws {
        let paid = try shop.capturePayment(for: number, .card, nil, reference: nil)
        func dispute(_ step: Shop.DisputeStep, _ cents: Int64? = nil) throws -> Payment {
            try shop.disputePayment(
                paid.number, step, cents.map(money), reason: "fraudulent", reference: nil)
        }
        #expect(code { _ = try dispute(.won) } == "no-open-dispute")
        #expect(code { _ = try dispute(.opened, 3_001) } == "over-dispute")
        _ = try dispute(.opened, 2_000)
        #expect(try order.payment == .disputed)
        #expect(
            code {
                _ = try shop.refundPayment(
                    .payment(paid.number), money(1_001), reason: nil, restocked: [])
            } == "over-refund")
        _ = try dispute(.won)
        #expect(try order.payment == .captured)
        _ = try dispute(.opened)
        let lost = try dispute(.lost)
        #expect(try lost.refunded == money(3_000) && order.payment == .refunded)
        #expect(try order.holds == OrderHolds())
        #expect(try shop.violations() == [])
    }
}
