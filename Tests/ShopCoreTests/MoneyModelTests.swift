import Catalog
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// Payments by hand, through a provider and from balances, holds, disputes and days, beside a naive
/// model of them.
@Suite struct MoneyModelTests {
    final class Hand: @unchecked Sendable {
        var now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_000)
    }

    static let tokens = [
        "tok_ok", "tok_ok", "tok_decline_expired_card", "tok_lost_before", "tok_lost_after",
        "tok_action", "tok_unreachable",
    ]

    let directory: TemporaryDirectory
    let shop: Shop
    let hand = Hand()
    let provider = PlayedProvider()
    let cards = (0..<3).map { GiftCodes(seed: [UInt8($0)]).code(0) }

    init() throws {
        directory = try TemporaryDirectory()
        let store = Shop.store(at: directory.file("shop"), thresholds: ShopModelTests.tiny)
        let hand = hand
        let clock = Clock { hand.now }
        try Shop.create(
            in: store, currency: Currency(parsing: "USD"), timeZone: .utc, clock: clock,
            random: .seeded(1))
        shop = try Shop(
            store, clock: clock, random: .seeded(2), request: .init(command: "test"))
        // Days pass while answers are owed.
        provider.keyHours = 8_760
        shop.providers["acme"] = provider
        var draft = Product.Draft()
        draft.name = "Song"
        draft.price = money(MoneyModel.price)
        draft.isTracked = false
        _ = try shop.addProduct(try SKU(parsing: "SONG"), draft, stock: nil)
    }

    private func money(_ units: Int64) -> Money { Money(minorUnits: units, shop.currency) }

    /// One step in the shop, and what the model says of it.
    private func step(_ model: inout MoneyModel, _ random: inout SeededRandom) throws -> Bool {
        let order = Int(random.number(0...Int64(model.isCancelled.count)))
        let number = OrderNumber(Int64(order) + 1_001)
        let pay = Int(random.number(max(0, Int64(model.pays.count) - 9)...Int64(model.pays.count)))
        let payment = PaymentNumber(Int64(pay) + 1_001)
        let units = random.chance(1, in: 2) ? nil : random.number(1...1_500)
        let amount = units.map(money)
        switch random.number(0...17) {
        case 0, 1:
            _ = try shop.createOrder(
                .init(
                    customer: EmailAddress(parsing: "c\(model.isCancelled.count % 3)@x.example"),
                    items: [.init(sku: SKU(parsing: "SONG"), quantity: Quantity(1))]))
            model.isCancelled.append(false)
            return true
        case 2:
            return try agree(model.capture(order, units, by: "cash")) { () throws(ShopError) in
                _ = try shop.capturePayment(for: number, .cash, amount, reference: nil)
            }
        case 3, 4:
            return try agree(model.hold(order, units)) { () throws(ShopError) in
                _ = try shop.authorizePayment(for: number, .card, amount, reference: nil)
            }
        case 5, 6:
            let isHold = random.chance(1, in: 2)
            let token =
                isHold ? random.one(of: Self.tokens) : random.one(of: Self.tokens + ["tok_over"])
            return try agree(model.charge(order, token, isHold: isHold)) { () throws(ShopError) in
                var charge = Shop.Charge(number, by: "acme", token: token)
                charge.isHold = isHold
                _ = try shop.charge(charge)
            }
        case 7, 8:
            return try agree(model.captureHold(pay, units)) { () throws(ShopError) in
                _ = try shop.captureHold(of: payment, amount, reference: nil)
            }
        case 9:
            return try agree(model.void(pay)) { () throws(ShopError) in
                _ = try shop.voidPayment(.payment(payment), reason: nil)
            }
        case 10:
            return try agree(model.refund(order, units)) { () throws(ShopError) in
                _ = try shop.refundPayment(.order(number), amount, reason: nil, restocked: [])
            }
        case 11:
            let isThere = model.pays.indices.contains(pay)
            return try agree(isThere && model.refund([pay], units)) { () throws(ShopError) in
                _ = try shop.refundPayment(.payment(payment), amount, reason: nil, restocked: [])
            }
        case 12:
            return try agree(model.dispute(pay, units)) { () throws(ShopError) in
                _ = try shop.disputePayment(payment, .opened, amount, reason: nil, reference: nil)
            }
        case 13:
            let isWon = random.chance(1, in: 2)
            return try agree(model.endDispute(pay, isWon: isWon)) { () throws(ShopError) in
                _ = try shop.disputePayment(
                    payment, isWon ? .won : .lost, nil, reason: nil, reference: nil)
            }
        case 14: return try fund(&model, &random)
        case 15:
            let isCredit = random.chance(1, in: 2)
            let code = isCredit ? nil : random.one(of: cards)
            let holder = try code.map { try Balance.Holder(code: $0).name }
            let legal = model.spend(order, holder ?? "customer/c\(order % 3)@x.example")
            return try agree(legal) { () throws(ShopError) in
                _ = try shop.captureBalance(for: number, code: code, nil)
            }
        case 16:
            let refunding = random.chance(1, in: 2)
            return try agree(model.cancel(order, refunding: refunding)) { () throws(ShopError) in
                _ = try shop.cancelOrder(number, reason: nil, refunding: refunding)
            }
        default: return try settle(pay, &model, &random)
        }
    }

    /// Whether the shop does what is legal, and nothing else.
    private func agree(_ legal: Bool, _ body: () throws(ShopError) -> Void) throws -> Bool {
        do throws(ShopError) {
            try body()
            return legal
        } catch {
            return !legal && error.kind != .internal
        }
    }

    private func fund(_ model: inout MoneyModel, _ random: inout SeededRandom) throws -> Bool {
        let units = random.number(1...2_000)
        guard random.chance(1, in: 2) else {
            let customer = "c\(random.number(0...2))@x.example"
            _ = try shop.grantCredit(
                money(units), to: EmailAddress(parsing: customer), reason: nil)
            model.balances["customer/\(customer)", default: 0] += units
            return true
        }
        let missing = try (0..<3).filter {
            model.balances[try Balance.Holder(code: cards[$0]).name] == nil
        }
        guard let card = missing.first else { return true }
        let (balance, code) = try shop.issueGiftCard(
            money(units), reason: nil, codes: GiftCodes(seed: [UInt8(card)]))
        model.balances[balance.holder.name] = units
        return code == cards[card]
    }

    /// By hand or by asking again.
    private func settle(
        _ pay: Int, _ model: inout MoneyModel, _ random: inout SeededRandom
    ) throws -> Bool {
        guard random.chance(1, in: 2) else {
            for index in model.pays.indices { model.settle(index, true) }
            return try shop.reconcile().allSatisfy { $0.problem == nil }
        }
        let isOpen = model.pays.indices.contains(pay) && model.pays[pay].pending != nil
        let verdict = random.one(of: Shop.Verdict.allCases)
        if isOpen { model.settle(pay, verdict == .succeeded, byHand: true) }
        let number = PaymentNumber(Int64(pay) + 1_001)
        return try agree(isOpen) { () throws(ShopError) in
            _ = try shop.settlePayment(number, as: verdict, reference: "pay_9")
        }
    }

    @Test(
        "random payments do what a naive model does, and every day foots",
        arguments: 1...4 as ClosedRange<UInt64>)
    func model(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var model = MoneyModel()
        for step in 0..<600 {
            let at: Comment = "\(random), step \(step)"
            shop.request = .init(command: "step \(step)")
            #expect(try self.step(&model, &random), at)
            if random.chance(1, in: 2) { shop.maintain() }
            if step % 10 == 0 { #expect(try shop.violations() == [], at) }
            if step % 20 == 19 { try compare(model, at) }
            if step % 60 == 59 { try close(&model, at) }
        }
        #expect(model.pays.count > 60)
    }

    private func compare(_ model: MoneyModel, _ at: Comment) throws {
        var found: [Payment] = []
        try shop.eachPayment(.init()) { (payment) throws(ShopError) in
            found.insert(payment, at: 0)
            return true
        }
        #expect(found.count == model.pays.count, at)
        for (payment, pay) in zip(found, model.pays) {
            let shown = [
                payment.authorized, payment.captured, payment.voided, payment.refunded,
                payment.disputed,
            ].map(\.minorUnits)
            let wanted = [pay.authorized, pay.captured, pay.voided, pay.refunded, pay.disputed]
            #expect(shown == wanted, "\(payment.number) \(at)")
            #expect((payment.pending != nil) == (pay.pending != nil), "\(payment.number) \(at)")
        }
        var balances: [String: Int64] = [:]
        try shop.eachBalance { (balance) in
            balances[balance.holder.name] = balance.amount.minorUnits
            return true
        }
        #expect(balances == model.balances, at)
        for order in model.isCancelled.indices {
            let shown = try shop.orders([OrderNumber(Int64(order) + 1_001)])[0]
            #expect((shown.status == .cancelled) == model.isCancelled[order], at)
            #expect(shown.captured.minorUnits == model.sum(order, \.captured), at)
            #expect(shown.refunded.minorUnits == model.sum(order, \.refunded), at)
        }
    }

    /// The day ends, adds up, and says what the model saw of it.
    private func close(_ model: inout MoneyModel, _ at: Comment) throws {
        let day = CalendarDay(of: hand.now, in: .utc)
        hand.now = hand.now.adding(seconds: 86_400)
        let seal = try shop.closeDay(day)
        #expect(seal.totals.sums.captured == model.day.captured, at)
        #expect(seal.totals.sums.refunded == model.day.refunded, at)
        model.day = (0, 0)
    }
}
