import Orders
package import Payments
package import Primitives
import Storage
import Users

/// Money that is held and not taken yet, and money that a bank claims back.
extension Shop {
    /// What a command about payments names: one of them, or all that an order has.
    package enum PaymentTarget: Sendable {
        case payment(PaymentNumber)
        case order(OrderNumber)
    }

    /// Records a hold that the operator took for an order.
    ///
    /// - Parameter amount: nil holds what is due and not held yet.
    /// - Throws: `order-not-found` (3), `order-not-payable`, `payment-unknown` (5), `over-capture`,
    ///   `currency-mismatch` (6).
    package func authorizePayment(
        for number: OrderNumber, _ method: PaymentMethod, _ amount: Money?, reference: String?
    ) throws(ShopError) -> Payment {
        try change(.capturePayments) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            let amount = amount ?? order.unsecured
            if amount.isZero, order.takesMoney { throw .nothingDue(order) }
            try order.checkSecuring(amount)
            var counters = try work.transaction.counters()
            let note = PaymentEntry.Note(at: work.at, by: work.by, reference: reference)
            let payment = try Payment(
                counters.nextPayment(), for: number, method, authorizing: amount, note)

            // After this point the hold is on record.
            work.transaction.put(counters)
            work.save(payment, was: nil, of: &order)
            work.save(order, was: before)
            work.transaction.ids = [payment.number.description, number.description]
            return payment
        }
    }

    /// Takes money that a payment holds.
    ///
    /// - Parameter amount: nil takes all that is held and due.
    /// - Throws: `payment-not-found` (3), `payment-not-capturable`, `order-not-payable`,
    ///   `payment-unknown` (5), `over-capture` (6).
    package func captureHold(
        of number: PaymentNumber, _ amount: Money?, reference: String?
    ) throws(ShopError) -> Payment {
        let captured = try change(.capturePayments) { (work) throws(ShopError) in
            try update(number, in: work) { (payment, order) throws(ShopError) in
                let note = PaymentEntry.Note(at: work.at, by: work.by, reference: reference)
                let held = min(payment.capturable, order.due)
                var (taking, paid) = (payment, order)
                try taking.capture(amount ?? (held.isZero ? nil : held), note)
                let taken = taking.entries[taking.entries.count - 1].amount
                try paid.capture(taken, at: work.at)
                guard payment.isManual else {
                    _ = try provider(payment.provider)
                    return try payment.ask(intent(.capture, taken, of: number, note))
                }
                (payment, order) = (taking, paid)
                try addToDay(in: work) { $0.captured += taken.minorUnits }
            }
        }
        return try settled(captured)
    }

    /// Gives up what is held by a payment, or by all payments of an order.
    ///
    /// - Throws: `payment-not-found`, `order-not-found` (3), `payment-not-voidable`,
    ///   `payment-unknown` (5).
    package func voidPayment(
        _ target: PaymentTarget, reason: String?
    ) throws(ShopError) -> RecordList<Payment> {
        let voided = try change(.capturePayments) { (work) throws(ShopError) in
            var voided: [Payment] = []
            for number in try holds(of: target, in: work) {
                let note = PaymentEntry.Note(at: work.at, by: work.by, reason: reason)
                voided.append(
                    try update(number, in: work) { (payment, _) throws(ShopError) in
                        guard payment.status != .voided else { return }
                        guard !payment.isManual else { return try payment.void(note) }
                        _ = try provider(payment.provider)
                        try payment.ask(intent(.void, payment.capturable, of: number, note))
                    })
            }
            return RecordList(voided)
        }
        return try settled(voided)
    }

    /// The payments with a hold; the one that is named, whatever it holds.
    func holds(
        of target: PaymentTarget, in work: Work
    ) throws(ShopError) -> [PaymentNumber] {
        switch target {
        case .payment(let number): return [number]
        case .order(let number):
            _ = try work.transaction.order(number)
            let held = try work.transaction.payments(of: number).filter { !$0.capturable.isZero }
            guard !held.isEmpty else { throw .nothingHeld(number) }
            return held.map(\.number)
        }
    }

    /// What became of a dispute.
    package enum DisputeStep: String, Sendable, CaseIterable {
        case opened, won, lost
    }

    /// Records that the customer's bank claims captured money, or how that ended.
    ///
    /// - Parameter amount: of a new dispute; nil claims all that is not refunded.
    /// - Throws: `payment-not-found` (3), `payment-not-disputable`, `no-open-dispute`,
    ///   `payment-unknown` (5), `over-dispute` (6).
    package func disputePayment(
        _ number: PaymentNumber, _ step: DisputeStep, _ amount: Money?, reason: String?,
        reference: String?
    ) throws(ShopError) -> Payment {
        try change(.refundPayments) { (work) throws(ShopError) in
            try work.access.requireUnlimitedRefunds()
            let note = PaymentEntry.Note(
                at: work.at, by: work.by, reason: reason, reference: reference)
            return try update(number, in: work) { (payment, order) throws(ShopError) in
                guard step != .opened else { return try payment.dispute(amount, note) }
                let lost = payment.disputed
                try payment.endDispute(won: step == .won, note)
                guard step == .lost else { return }
                try order.refund(lost, at: work.at)
                try addToDay(in: work) { $0.refunded += lost.minorUnits }
            }
        }
    }

    /// Changes a payment and its order together, and stores both.
    func update(
        _ number: PaymentNumber, in work: Work,
        _ event: (inout Payment, inout Order) throws(ShopError) -> Void
    ) throws(ShopError) -> Payment {
        let payment = try work.transaction.payment(number)
        let order = try work.transaction.order(payment.order)
        var (changed, paid) = (payment, order)
        try event(&changed, &paid)
        try countReductions(from: order, to: paid, in: work)
        work.save(changed, was: payment, of: &paid)
        work.save(paid, was: order)
        for id in [number.description, payment.order.description]
        where !work.transaction.ids.contains(id) {
            work.transaction.ids.append(id)
        }
        return changed
    }
}

extension Order {
    /// Whether it is in a state to be paid.
    var takesMoney: Bool { status == .placed || status == .completed }
}

extension ShopError {
    static func nothingHeld(_ number: OrderNumber) -> ShopError {
        ShopError(
            .conflict, "payment-not-voidable", "nothing is held for \(number)",
            at: number.description, try: ["shopctl payment list --order \(number)"])
    }
}
