import Payments
package import Primitives
import Storage
import Users

extension Shop {
    /// Why a payment holds, took and gave back what it says.
    ///
    /// - Throws: `payment-not-found` (3).
    package func explainPayment(_ number: PaymentNumber) throws(ShopError) -> Explanation {
        try read(.readPayments) { (view, _) throws(ShopError) in
            let payment = try view.payment(number)
            var explanation = Explanation(.payment(number), in: payment.currency)
            explanation.states = [
                .init(
                    name: "status", value: payment.status.rawValue, because: payment.statusReason),
                .init(
                    name: "order", value: payment.order.description,
                    because: "\(payment.method.rawValue) through "
                        + (payment.holder?.id ?? payment.provider)),
            ]
            explanation.add("captured", payment.captured.minorUnits, payment.steps(.capture))
            explanation.addUnlessZero(
                "refunded", payment.refunded.minorUnits, payment.steps(.refund, .lost))
            explanation.addUnlessZero("held", payment.capturable.minorUnits, payment.held)
            explanation.addUnlessZero("disputed", payment.disputed.minorUnits, payment.claimed)
            explanation.add(
                "refundable", payment.refundable.minorUnits,
                [
                    .init("captured", payment.captured.minorUnits),
                    .init("refunded", -payment.refunded.minorUnits),
                ]
                    + (payment.disputed.isZero
                        ? [] : [.init("disputed", -payment.disputed.minorUnits)]))
            explanation.problems = payment.amountProblems()
            return explanation
        }
    }

    /// Why a gift card or store credit has so much left.
    ///
    /// - Parameter all: each movement is a step of its own, however many there are.
    /// - Throws: `balance-not-found` (3).
    package func explainBalance(_ id: String, all: Bool) throws(ShopError) -> Explanation {
        let history = try balance(id)
        var explanation = Explanation(
            .balance(history.balance.id), in: history.balance.amount.currency)
        var steps = StepList(keepingAll: all)
        for movement in history.movements {
            let cause = movement.cause
            steps.add(
                Explanation.Step(
                    movement.kind.rawValue, of: cause.payment?.description,
                    movement.amount.minorUnits, at: cause.at, by: cause.by, note: cause.reason))
        }
        explanation.add("amount", history.balance.amount.minorUnits, steps.steps)
        let count = Int64(history.movements.count)
        if count != history.balance.movements {
            explanation.problems.append(
                "it has \(count) movements, and says that there are \(history.balance.movements)")
        }
        return explanation
    }
}

extension Payment {
    fileprivate func steps(_ kinds: PaymentEntry.Kind...) -> [Explanation.Step] {
        entries.filter { kinds.contains($0.kind) }.map { $0.step($0.amount.minorUnits) }
    }

    /// What is held: a capture takes of it, as far as there is any.
    fileprivate var held: [Explanation.Step] {
        var held: Int64 = 0
        return entries.compactMap { entry in
            let amount = entry.amount.minorUnits
            let change: Int64
            switch entry.kind {
            case .authorize: change = amount
            case .capture: change = -min(amount, held)
            case .void: change = -amount
            default: change = 0
            }
            held &+= change
            return change == 0 ? nil : entry.step(change)
        }
    }

    fileprivate var claimed: [Explanation.Step] {
        entries.compactMap { entry in
            switch entry.kind {
            case .dispute: entry.step(entry.amount.minorUnits)
            case .won, .lost: entry.step(-entry.amount.minorUnits)
            default: nil
            }
        }
    }
}

extension PaymentEntry {
    fileprivate func step(_ change: Int64) -> Explanation.Step {
        Explanation.Step(
            kind.rawValue, of: note.reference, change, at: note.at, by: note.by,
            note: note.reason ?? code)
    }
}
