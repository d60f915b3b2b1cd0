import Catalog
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// Money that a provider moves, refuses to move, or says nothing about.
@Suite struct ProviderTests {
    final class Hand: @unchecked Sendable {
        var now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_000)
    }

    let directory: TemporaryDirectory
    let shop: Shop
    let hand = Hand()
    let provider = PlayedProvider()
    let number = OrderNumber(1001)

    /// A shop with two orders of 30.00, and a provider.
    init() throws {
        directory = try TemporaryDirectory()
        let hand = hand
        let clock = Clock { hand.now }
        let store = Shop.store(at: directory.file("shop"))
        try Shop.create(
            in: store, currency: Currency(parsing: "USD"), timeZone: .utc, clock: clock,
            random: .seeded(1))
        shop = try Shop(
            store, clock: clock, random: .seeded(2), request: .init(command: "test"))
        shop.providers["acme"] = provider
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = money(1_000)
        _ = try shop.addProduct(try SKU(parsing: "MUG-1"), draft, stock: 9)
        for _ in 0..<2 {
            _ = try shop.createOrder(
                .init(
                    customer: EmailAddress(parsing: "ana@x.example"),
                    items: [.init(sku: SKU(parsing: "MUG-1"), quantity: Quantity(3))]))
        }
    }

    func money(_ cents: Int64) -> Money { Money(minorUnits: cents, shop.currency) }

    var order: Order {
        get throws { try #require(try shop.orders([number]).first) }
    }

    @discardableResult
    func charge(_ token: String, isHold: Bool = false) throws -> Payment {
        var charge = Shop.Charge(number, by: "acme", token: token)
        charge.isHold = isHold
        return try shop.charge(charge)
    }

    func error(_ body: () throws -> Void) -> ShopError? {
        do { try body() } catch { return error as? ShopError }
        return nil
    }

    @Test("every decline code is a refusal that is on record, and another card may be tried")
    func declines() throws {
        #expect(DeclineCode.all.count == 50)
        for code in DeclineCode.all.sorted() {
            let error = error { try charge("tok_decline_\(code)") }
            #expect(error?.code == "payment-declined" && error?.kind == .refused, "\(code)")
            #expect(error?.details.last == .init("declineCode", code))
            #expect(error?.suggestions.isEmpty == false)
            #expect(try order.payment == .failed)
        }
        #expect(try charge("tok_ok").status == .captured)
        #expect(try order.payment == .captured && provider.moved(.charge) == 3_000)
        #expect(try shop.violations() == [])
    }

    @Test(
        "a lost answer is not known, blocks every other payment, and is found out",
        arguments: ["tok_lost_before", "tok_lost_after"])
    func lost(token: String) throws {
        let lost = error { try charge(token) }
        #expect(lost?.code == "provider-silent" && lost?.kind == .unknown)
        #expect(try order.payment == .unknown)
        for blocked in [
            error { try charge("tok_ok") }, error { try charge("tok_ok", isHold: true) },
            error {
                _ = try shop.capturePayment(for: number, .cash, nil, reference: nil)
            },
            error { _ = try shop.voidPayment(.payment(PaymentNumber(1001)), reason: nil) },
        ] { #expect(blocked?.code == "payment-unknown") }
        #expect(
            error { _ = try shop.cancelOrder(number, reason: nil, refunding: true) }?.code
                == "order-has-payment")
        #expect(try shop.expireOrders(olderThan: 0).items.map(\.number) == [OrderNumber(1002)])
        let found = try shop.reconcile()
        #expect(found.map(\.payment.status) == [.captured] && found[0].problem == nil)
        #expect(try shop.reconcile().isEmpty)
        #expect(try order.payment == .captured && provider.moved(.charge) == 3_000)
        #expect(try shop.violations() == [])
    }

    @Test("nothing is locked while a provider is asked, and the question is on record by then")
    func unlocked() throws {
        let path = directory.file("shop")
        var seen: [PaymentStatus] = []
        provider.meanwhile = {
            do {
                let other = try Shop(
                    Shop.store(at: path, patience: 0), clock: .system, random: .system,
                    request: .init(command: "other"))
                _ = try other.receiveStock(
                    SKU(parsing: "MUG-1"), try Quantity(1), note: nil)
                seen += try other.payments([PaymentNumber(1001)]).map(\.status)
            } catch { Issue.record(error) }
        }
        try shop.group(mark: { 0 }, release: { _ in }) { () throws(ShopError) in
            _ = try shop.charge(.init(number, by: "acme", token: "tok_ok"))
        }
        #expect(seen == [.unknown, .unknown])
        #expect(try shop.payments([PaymentNumber(1001)])[0].status == .captured)
    }

    @Test("a customer who has to agree is sent to, and asked about afterwards")
    func agreement() throws {
        let asked = error { try charge("tok_action") }
        #expect(asked?.code == "action-required" && asked?.details.last?.name == "url")
        #expect(try order.payment == .unknown)
        #expect(try shop.reconcile([.order(number)]).map(\.payment.status) == [.captured])
        #expect(try shop.violations() == [])
    }

    @Test("what is taken beyond what was asked for is on record as such") func overcapture() throws
    {
        try charge("tok_over")
        #expect(try order.payment == .overcaptured && order.overpaid == money(1))
        #expect(try shop.violations() == [])
    }

    @Test("a hold is captured, given up and refunded through the provider that has it")
    func hold() throws {
        let hold = try charge("tok_lost_after_refund", isHold: true)
        #expect(hold.status == .authorized && hold.handle == "sbx_1")
        _ = try shop.captureHold(of: hold.number, money(2_000), reference: nil)
        #expect(try order.payment == .partiallyCaptured)
        #expect(
            try shop.voidPayment(.order(number), reason: nil).items.map(\.status) == [.captured])
        _ = try shop.shipOrder(number, carrier: nil, tracking: nil)
        let mug = try SKU(parsing: "MUG-1")
        let lost = error {
            _ = try shop.refundPayment(
                .order(number), money(500), reason: "broken",
                restocked: [.init(sku: mug, count: 1)])
        }
        #expect(lost?.code == "provider-silent")
        // Units are back on the shelf when the money is back, once.
        #expect(try shop.stock([mug])[0].onHand == 6)
        #expect(try order.refunded.isZero)
        #expect(
            error { _ = try shop.refundPayment(.order(number), nil, reason: nil, restocked: []) }?
                .code == "payment-unknown")
        #expect(try shop.reconcile().map(\.payment.refunded) == [money(500)])
        #expect(try shop.stock([mug])[0].onHand == 7)
        #expect(try order.refunded == money(500) && order.returnedCounts == [mug: 1])
        #expect(provider.moved(.capture) == 2_000 && provider.moved(.refund) == 500)
        #expect(provider.moved(.void) == 1_000)
        #expect(try shop.violations() == [])
    }

    @Test("an order is not cancelled over a provider's head") func cancelling() throws {
        try charge("tok_ok")
        let refused = error { _ = try shop.cancelOrder(number, reason: nil, refunding: true) }
        #expect(refused?.code == "order-has-payment")
        _ = try shop.refundPayment(.order(number), nil, reason: nil, restocked: [])
        _ = try shop.cancelOrder(number, reason: nil, refunding: false)
        #expect(provider.moved(.refund) == 3_000)
        #expect(try shop.violations() == [])
    }

    @Test("a key repeats a refusal exactly, and asks nobody") func refusalRepeated() throws {
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "web-1")
        let first = error { try charge("tok_decline_do_not_honor") }
        let second = error { try charge("tok_decline_do_not_honor") }
        #expect(first?.code == "payment-declined" && first == second)
        #expect(provider.requests == 1)
        // Other content is another matter.
        shop.request.content = "other"
        #expect(error { try charge("tok_ok") }?.code == "idempotency-key-reused")
    }

    @Test("a key whose answer was lost asks again under the provider's own key")
    func silenceRepeated() throws {
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "web-1")
        #expect(error { try charge("tok_lost_after") }?.code == "provider-silent")
        let paid = try charge("tok_lost_after")
        #expect(paid.status == .captured && provider.moved(.charge) == 3_000)
        shop.request.idempotencyKey = nil
        _ = try shop.refundPayment(.payment(paid.number), money(100), reason: nil, restocked: [])
        // The stored result is the one after the answer, whatever came later.
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "web-1")
        #expect(try charge("tok_lost_after") == paid)
        #expect(provider.requests == 3)
    }

    @Test("a result follows the answer that somebody else got") func resultFollows() throws {
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "web-1")
        #expect(error { try charge("tok_lost_before") }?.code == "provider-silent")
        shop.request.idempotencyKey = nil
        let found = try shop.reconcile()[0].payment
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "web-1")
        #expect(try charge("tok_lost_before") == found)
        #expect(provider.requests == 2)
    }

    @Test("what is refused before anybody is asked does not use up a key") func keyNotBurnt() throws
    {
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "web-1")
        var wanted = Shop.Charge(number, by: "acme", token: "tok_ok")
        wanted.amount = money(3_001)
        #expect(error { _ = try shop.charge(wanted) }?.code == "over-capture")
        wanted.amount = money(3_000)
        #expect(try shop.charge(wanted).status == .captured)
    }

    @Test("a key that the provider may have forgotten is not used again") func oldKey() throws {
        #expect(error { try charge("tok_lost_after") }?.code == "provider-silent")
        hand.now = hand.now.adding(seconds: 24 * 3_600)
        let found = try shop.reconcile()
        #expect(found[0].problem?.code == "provider-silent" && provider.requests == 1)
        let payment = try shop.settlePayment(
            PaymentNumber(1001), as: .succeeded, reference: "sbx_1")
        #expect(payment.status == .captured && payment.handle == "sbx_1")
        #expect(
            error {
                _ = try shop.settlePayment(PaymentNumber(1001), as: .failed, reference: nil)
            }?.code == "nothing-pending")
        #expect(try shop.violations() == [])
    }

    @Test("nor is it by a command that is repeated with a key of its own, which live longer")
    func oldKeyOfCommand() throws {
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "web-1")
        #expect(error { try charge("tok_lost_after") }?.code == "provider-silent")
        hand.now = hand.now.adding(seconds: 24 * 3_600)
        let late = error { try charge("tok_lost_after") }
        #expect(late?.code == "provider-silent" && provider.requests == 1)
        #expect(late?.suggestions.contains { $0.contains("--outcome") } ?? false)
        #expect(try order.payment == .unknown)
    }

    @Test(
        "that a provider is not reached says nothing of what it was asked before",
        arguments: ["tok_lost_after", "tok_lost_before", "tok_action"])
    func unreachedLater(token: String) throws {
        let first = error { try charge(token) }
        #expect(first?.code == "provider-silent" || first?.code == "action-required")
        provider.isOutOfReach = { true }
        var lines: [Int] = []
        for _ in 0..<3 {
            let found = try shop.reconcile()
            lines.append(try journalLines())
            #expect(found.map(\.problem?.code) == ["provider-silent"])
            #expect(error { try charge("tok_ok") }?.code == "payment-unknown")
        }
        // That it is asked again is on record once.
        #expect(lines[1] == lines[0] && lines[2] == lines[0])
        provider.isOutOfReach = { false }
        #expect(try shop.reconcile().map(\.payment.status) == [.captured])
        #expect(try order.payment == .captured && provider.moved(.charge) == 3_000)
    }

    private func journalLines() throws -> Int {
        var count = 0
        try shop.eachAuditEntry(.init()) { (_) throws(ShopError) in
            count += 1
            return true
        }
        return count
    }

    @Test("nor of what somebody else asks at the same time") func unreachedMeanwhile() throws {
        // The request finds no way; before that is on record, cron asks, and its answer is lost.
        let other = try Shop(
            Shop.store(at: directory.file("shop")), clock: shop.clock, random: .seeded(3),
            request: .init(command: "cron"))
        let cron = PlayedProvider()
        other.providers["acme"] = cron
        provider.isOutOfReach = { [provider] in
            provider.isOutOfReach = { false }
            #expect(throws: Never.self) { _ = try other.reconcile() }
            provider.bank = cron.bank
            return true
        }
        #expect(error { try charge("tok_lost_after") }?.code == "provider-silent")
        #expect(cron.moved(.charge) == 3_000)
        #expect(error { try charge("tok_ok") }?.code == "payment-unknown")
        #expect(try shop.reconcile().map(\.payment.status) == [.captured])
        #expect(try order.captured == money(3_000) && provider.moved(.charge) == 3_000)
    }

    @Test("a provider that is not reached the first time was not asked")
    func unreachedFirst() throws {
        provider.isOutOfReach = { true }
        #expect(error { try charge("tok_ok") }?.code == "payment-failed")
        #expect(try order.payment == .failed)
        _ = try shop.capturePayment(for: number, .cash, nil, reference: nil)
        #expect(try shop.violations() == [])
    }

    @Test("a reconcile with a key goes on with what it could not find out, and then says the same")
    func reconcileWithKey() throws {
        #expect(error { try charge("tok_lost_before") }?.code == "provider-silent")
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "cron-1")
        provider.isOutOfReach = { true }
        #expect(try shop.reconcile().map(\.problem?.code) == ["provider-silent"])
        provider.isOutOfReach = { false }
        let found = try shop.reconcile()
        #expect(found.map(\.payment.status) == [.captured])
        shop.request.idempotencyKey = nil
        _ = try shop.refundPayment(.order(number), money(100), reason: nil, restocked: [])
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "cron-1")
        #expect(try shop.reconcile().map(\.payment) == found.map(\.payment))
        #expect(provider.requests == 4)
    }

    @Test("a refund of more than the payments have left is refused whole, whichever was the last")
    func refundAfterDecline() throws {
        #expect(error { try charge("tok_decline_expired_card") }?.code == "payment-declined")
        _ = try shop.capturePayment(for: number, .cash, money(500), reference: nil)
        let more = error {
            _ = try shop.refundPayment(.order(number), money(700), reason: nil, restocked: [])
        }
        #expect(more?.code == "over-refund")
        #expect(try order.refunded.isZero)
    }

    @Test("a dry run asks nobody and stores nothing") func dryRun() throws {
        shop.request.isDryRun = true
        #expect(try charge("tok_ok").status == .unknown)
        #expect(try shop.reconcile().isEmpty && provider.requests == 0)
        shop.request.isDryRun = false
        #expect(try order.payment == .unpaid)
        #expect(
            error { _ = try shop.charge(.init(number, by: "other", token: nil)) }?.code
                == "unknown-provider")
    }
}
