import Orders
import Payments
import Primitives
import ShopCore
import TestSupport

/// The commands of a random workload that are about holds, providers, balances and days.
struct MoneyStep {
    private let command: ShopCommand
    private let shop: Shop
    private let order: OrderNumber
    private let amount: Money

    init(_ command: ShopCommand, _ shop: Shop, _ order: OrderNumber, _ amount: Money) {
        self.command = command
        self.shop = shop
        self.order = order
        self.amount = amount
    }

    func run(_ random: inout SeededRandom) throws {
        let payments = try payments()
        let held = payments.first { !$0.capturable.isZero && $0.pending == nil }?.number
        let payment = held ?? PaymentNumber(1_000 + random.number(1...8))
        let isWhole = random.chance(1, in: 2)
        switch command.kind {
        case .hold:
            _ = try shop.authorizePayment(for: order, .card, isWhole ? nil : amount, reference: nil)
        case .captureHold:
            _ = try shop.captureHold(of: payment, isWhole ? nil : amount, reference: nil)
        case .void: _ = try shop.voidPayment(.payment(payment), reason: "not needed")
        case .dispute:
            let step = random.one(of: Shop.DisputeStep.allCases)
            let disputed = payments.first { !$0.disputed.isZero || !$0.refundable.isZero }
            _ = try shop.disputePayment(
                disputed?.number ?? payment, step, isWhole ? nil : amount, reason: nil,
                reference: "dp")
        case .ask: try ask(&random)
        case .askAgain, .answer, .settle: try settle(payments, &random)
        case .issue:
            let codes = GiftCodes(seed: [UInt8(random.number(0...2))])
            if isWhole { shop.request.idempotencyKey = try key() }
            _ = try shop.issueGiftCard(amount, reason: nil, codes: codes)
        case .grant:
            let customer = try EmailAddress(parsing: "c\(random.number(0...2))@x.example")
            _ = try shop.grantCredit(amount, to: customer, reason: "late")
        case .spend:
            let codes = GiftCodes(seed: [UInt8(random.number(0...2))])
            let code = isWhole ? codes.code(0) : nil
            _ = try shop.captureBalance(for: order, code: code, nil)
        case .closeDay:
            let today = CalendarDay(of: command.time, in: .utc)
            _ = try shop.closeDay(today.adding(days: -1))
        default: throw Contradiction("no step of money: \(command.kind)")
        }
    }

    /// Oldest first.
    private func payments() throws -> [Payment] {
        var payments: [Payment] = []
        try shop.eachPayment(.init()) { (payment) throws(ShopError) in
            payments.append(payment)
            return true
        }
        return payments.reversed()
    }

    private func key() throws -> IdempotencyKey {
        try IdempotencyKey(parsing: "money-\(command.number)")
    }

    /// A question to a provider: a hold, a charge, or what follows them.
    private func ask(_ random: inout SeededRandom) throws {
        if random.chance(1, in: 2) { shop.request.idempotencyKey = try key() }
        switch random.number(0...3) {
        case 0: _ = try shop.refundPayment(.order(order), amount, reason: nil, restocked: [])
        case 1: _ = try shop.voidPayment(.order(order), reason: nil)
        default:
            var charge = Shop.Charge(order, by: "acme", token: "tok_1")
            charge.isHold = random.chance(1, in: 2)
            _ = try shop.charge(charge)
        }
    }

    /// Whatever comes of the first question that is open.
    private func settle(_ payments: [Payment], _ random: inout SeededRandom) throws {
        let open = payments.first { payment in
            guard let pending = payment.pending else { return false }
            return command.kind == .settle || pending.isRepeated == (command.kind == .answer)
        }
        guard let payment = open else {
            throw ShopError(.refused, "nothing-to-settle", "nothing waits for an answer")
        }
        guard command.kind != .settle else {
            let verdict = random.one(of: Shop.Verdict.allCases)
            _ = try shop.settlePayment(payment.number, as: verdict, reference: "seen")
            return
        }
        let answers: [ProviderOutcome] = [
            .succeeded(handle: "ch_1"), .succeeded(handle: "ch_1"),
            .declined(code: "do_not_honor", message: "no"),
            .failed(code: "no_such_token", message: "no"),
        ]
        let isAnswer = command.kind == .answer
        let voice = Voice(
            isAnswer ? random.one(of: answers) : .unreached(code: "down", message: "no way"))
        shop.providers["acme"] = voice
        let problem = try shop.reconcile([.payment(payment.number)]).first?.problem
        if let problem, isAnswer || !voice.wasAsked { throw problem }
    }
}

/// A provider that says what it is told to, and whether it was asked.
final class Voice: PaymentProvider, @unchecked Sendable {
    let keyHours: Int64 = 8_760
    let outcome: ProviderOutcome
    private(set) var wasAsked = false

    init(_ outcome: ProviderOutcome) { self.outcome = outcome }

    func answer(_ request: ProviderRequest) -> ProviderOutcome {
        wasAsked = true
        return outcome
    }
}
