import Catalog
import Formats
import Foundation
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// What users of other shops ran into, as far as orders and stock are concerned.
@Suite struct OrderLifeTests {
    let directory: TemporaryDirectory
    let mug: SKU
    let ana: EmailAddress

    init() throws {
        directory = try TemporaryDirectory()
        mug = try SKU(parsing: "MUG-1")
        ana = try EmailAddress(parsing: "ana@x.example")
    }

    private final class Hand: @unchecked Sendable {
        var now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_000)
    }

    /// A shop with nine mugs at 10.00, whose clock stands until it is moved.
    private func shop(
        _ name: String = "shop", reservationMinutes: Int? = nil
    ) throws -> (shop: Shop, hand: Hand) {
        let path = directory.file(name)
        let hand = Hand()
        let clock = Clock { hand.now }
        let store = Shop.store(at: path)
        try Shop.create(
            in: store, currency: Currency(parsing: "USD"), timeZone: .utc, clock: clock,
            random: .seeded(1))
        if let reservationMinutes {
            let file = path + "/shop.json"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let more = text.replacing(
                "\"idempotencyDays\":30",
                with: "\"idempotencyDays\":30,\"reservationMinutes\":\(reservationMinutes)")
            #expect(more != text)
            try more.write(toFile: file, atomically: false, encoding: .utf8)
        }
        let shop = try Shop(
            store, clock: clock, random: .seeded(2), request: .init(command: "test"))
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 1_000, shop.currency)
        _ = try shop.addProduct(mug, draft, stock: 9)
        return (shop, hand)
    }

    private func order(_ shop: Shop, _ count: Int64) throws -> Order {
        try shop.createOrder(
            .init(customer: ana, items: [.init(sku: mug, quantity: try Quantity(count))]))
    }

    private func units(_ count: Int64) -> [UnitCount] { [UnitCount(sku: mug, count: count)] }

    private func code(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "ok"
        } catch { return (error as? ShopError)?.code ?? "\(error)" }
    }

    @Test("pain 5: an unpaid order does not hold units for ever; whoever wants them gets them")
    func lazyExpiry() throws {
        let (shop, hand) = try shop(reservationMinutes: 60)
        let first = try order(shop, 9)
        let paid = first.number
        hand.now = hand.now.adding(seconds: 3_599)
        #expect(code { _ = try order(shop, 1) } == "insufficient-stock")
        hand.now = hand.now.adding(seconds: 1)
        let second = try order(shop, 8)
        #expect(try shop.orders([paid])[0].status == .expired)
        #expect(shop.takeNotices() == ["ORD-1001 has expired: it was not paid in time."])
        #expect(try shop.stock([mug])[0].reserved == 8)
        #expect(try shop.stockHistory(mug, limit: nil)[1].kind == .expire)
        // What is paid, even in part, stays.
        _ = try shop.capturePayment(
            for: second.number, .cash, Money(minorUnits: 1, shop.currency), reference: nil)
        hand.now = hand.now.adding(seconds: 86_400)
        #expect(code { _ = try order(shop, 2) } == "insufficient-stock")
        #expect(try shop.expireOrders(olderThan: nil).items.isEmpty)
        #expect(try shop.violations() == [])
    }

    @Test("pain 5: orders expire by age, the oldest first, and only those nobody paid")
    func expireByAge() throws {
        let (shop, hand) = try shop()
        let old = try (0..<3).map { _ in try order(shop, 1) }
        _ = try shop.capturePayment(for: old[1].number, .cash, nil, reference: nil)
        hand.now = hand.now.adding(seconds: 7_200)
        let new = try order(shop, 1)
        #expect(code { _ = try shop.expireOrders(olderThan: nil) } == "no-time-limit")
        let expired = try shop.expireOrders(olderThan: 3_600).items
        #expect(expired.map(\.number) == [old[0].number, old[2].number])
        #expect(try shop.orders([new.number])[0].status == .placed)
        #expect(try shop.stock([mug])[0].reserved == 2)
        #expect(
            code { _ = try shop.shipOrder(old[0].number, carrier: nil, tracking: nil) }
                == "order-not-shippable")
        let sums = try shop.salesByDay(from: nil, to: nil).map(\.sums.net).reduce(0, +)
        #expect(sums == 2_000)
        #expect(try shop.violations() == [])
    }

    @Test("pain 4: units come back once, whatever of cancelling, returning and refunding is tried")
    func noOverRelease() throws {
        let (shop, _) = try shop()
        let number = try order(shop, 4).number
        _ = try shop.capturePayment(for: number, .card, nil, reference: nil)
        _ = try shop.cancelUnits(of: number, units(1), reason: nil, refunding: true)
        _ = try shop.shipOrder(number, units(2), carrier: nil, tracking: nil)
        #expect(
            code { _ = try shop.cancelUnits(of: number, units(2), reason: nil, refunding: true) }
                == "over-cancel")
        _ = try shop.returnUnits(of: number, units(1), .restock, reason: nil)
        _ = try shop.refundPayment(
            .order(number), Money(minorUnits: 1_000, shop.currency), reason: nil,
            restocked: [.init(sku: mug, count: 1)])
        #expect(
            code { _ = try shop.returnUnits(of: number, units(1), .restock, reason: nil) }
                == "order-not-returnable")
        #expect(
            code {
                _ = try shop.refundPayment(
                    .order(number), Money(minorUnits: 1, shop.currency), reason: nil,
                    restocked: [.init(sku: mug, count: 1)])
            } == "over-restock")
        let level = try shop.stock([mug])[0]
        #expect(level.onHand == 9 && level.reserved == 1)
        #expect(try shop.violations() == [])
    }

    @Test("pain 14: part after part is refunded, as far as money was captured, and due stays right")
    func partialRefunds() throws {
        let (shop, _) = try shop()
        let number = try order(shop, 4).number
        _ = try shop.capturePayment(for: number, .card, nil, reference: nil)
        var order = try shop.cancelUnits(of: number, units(1), reason: nil, refunding: true)
        #expect(order.total.minorUnits == 3_000 && order.refunded.minorUnits == 1_000)
        #expect(order.due.isZero && order.overpaid.isZero)
        // A refund for nothing but kindness is not money to be captured again.
        _ = try shop.refundPayment(
            .order(number), Money(minorUnits: 500, shop.currency), reason: "late", restocked: [])
        order = try shop.shipOrder(number, carrier: nil, tracking: nil)
        #expect(order.status == .completed && order.due.isZero)
        order = try shop.returnUnits(of: number, units(3), .writeOff, reason: "broken")
        #expect(order.overpaid.minorUnits == 2_500)
        _ = try shop.refundPayment(.order(number), nil, reason: nil, restocked: [])
        let net = try shop.salesByDay(from: nil, to: nil).map(\.sums.net).reduce(0, +)
        #expect(net == 0)
        #expect(
            try shop.salesByDay(from: nil, to: nil)
                == shop.salesByDayFromRecords(from: nil, to: nil))
        #expect(try shop.stock([mug])[0].onHand == 6)
        #expect(try shop.violations() == [])
    }

    @Test("pain 15: cancelling a part keeps no money and refunds none without being told to")
    func partialCancel() throws {
        let (shop, _) = try shop()
        let number = try order(shop, 4).number
        let some = Money(minorUnits: 3_500, shop.currency)
        _ = try shop.capturePayment(for: number, .card, some, reference: nil)
        let before = try shop.orders([number])[0]
        #expect(
            code { _ = try shop.cancelUnits(of: number, units(1), reason: nil, refunding: false) }
                == "order-has-payment")
        #expect(try shop.orders([number])[0] == before)
        _ = try shop.refundPayment(
            .order(number), Money(minorUnits: 500, shop.currency), reason: nil, restocked: [])
        let after = try shop.cancelUnits(of: number, units(1), reason: nil, refunding: false)
        #expect(after.total == after.paid && after.due.isZero && after.credited.minorUnits == 500)
        #expect(try shop.violations() == [])
    }

    @Test("what came back, was cancelled and credited survives an export and an import")
    func roundTrip() throws {
        let (shop, _) = try shop()
        let number = try order(shop, 5).number
        _ = try shop.capturePayment(for: number, .card, nil, reference: nil)
        _ = try shop.cancelUnits(of: number, units(1), reason: "less", refunding: true)
        _ = try shop.shipOrder(number, units(3), carrier: "DHL", tracking: nil)
        _ = try shop.deliverOrder(number, shipment: 1)
        let told = try shop.returnUnits(of: number, units(1), .writeOff, reason: "broken")
        #expect(try Order(json: told.json) == told)
        var history = OrderHistory(customer: told.customer, status: told.status)
        history.lines = told.lines
        history.shipments = told.shipments
        (history.returns, history.changes, history.credits) = (
            told.returns, told.changes, told.credits
        )
        (history.captured, history.refunded) = (told.captured, told.refunded)
        (history.createdAt, history.placedAt) = (told.createdAt, told.placedAt)
        let again = try Order(number, history, by: told.createdBy, at: told.createdAt)
        #expect(again == told)
        history.returns += history.returns + history.returns + history.returns
        #expect(
            code { _ = try Order(number, history, by: "me", at: told.createdAt) }
                == "impossible-history")
    }
}
