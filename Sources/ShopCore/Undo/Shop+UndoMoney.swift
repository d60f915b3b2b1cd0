import Orders
import Payments
import Primitives
import Storage
import Users

/// Payments and balances.
extension Shop {
    func undoMoney(_ undoing: inout Undoing) throws(ShopError) {
        var changed: Set<PaymentNumber> = []
        for change in try undoing.changes(Payment.self, "payments") {
            guard let now = change.versions.now else { continue }
            changed.insert(now.number)
            guard now.isManual else {
                undoing.refuse(.providerMoney(now))
                continue
            }
            let known = change.versions.was?.entries.count ?? 0
            for entry in now.entries.dropFirst(known).reversed() {
                undoing.attempt { (undoing) throws(ShopError) in
                    try undo(entry, of: now, &undoing)
                }
            }
        }
        // What came of a payment or refund goes with that; an import brings a whole history.
        var nets: [(holder: Balance.Holder, amount: Money)] = []
        for change in try undoing.changes(BalanceMovement.self, "balance-movements") {
            guard let movement = change.versions.now,
                movement.cause.payment.map({ !changed.contains($0) }) ?? true
            else { continue }
            if let index = nets.firstIndex(where: { $0.holder == movement.holder }) {
                nets[index].amount = try nets[index].amount.adding(movement.amount)
            } else {
                nets.append((movement.holder, movement.amount))
            }
        }
        for net in nets where !net.amount.isZero {
            undoing.attempt { (undoing) throws(ShopError) in
                try undo(net.amount, of: net.holder, &undoing)
            }
        }
    }

    private func undo(
        _ entry: PaymentEntry, of payment: Payment, _ undoing: inout Undoing
    ) throws(ShopError) {
        let (work, number, id) = (undoing.work, payment.number, payment.number.description)
        let note = PaymentEntry.Note(at: work.at, by: work.by, reason: undoing.reason)
        switch entry.kind {
        case .capture:
            try work.access.require(.refundPayments)
            _ = try update(number, in: work) { (payment, order) throws(ShopError) in
                try checkRefundLimit(entry.amount, of: order.number, in: work)
                try payment.refund(entry.amount, restocked: [], note)
                try giveBack(entry.amount, of: payment, reason: note.reason, in: work)
                try order.takeBackCapture(entry.amount, at: work.at)
                try addToDay(in: work) { $0.refunded += entry.amount.minorUnits }
            }
            undoing.wrote(id, "\(entry.amount) refunded")
        case .authorize:
            try work.access.require(.capturePayments)
            _ = try update(number, in: work) { (payment, _) throws(ShopError) in
                try requireStill(payment.capturable, entry, payment, undoing)
                try payment.void(note)
            }
            undoing.wrote(id, "hold of \(entry.amount) voided")
        case .dispute:
            try work.access.require(.refundPayments)
            try work.access.requireUnlimitedRefunds()
            _ = try update(number, in: work) { (payment, _) throws(ShopError) in
                try requireStill(payment.disputed, entry, payment, undoing)
                try payment.endDispute(won: true, note)
            }
            undoing.wrote(id, "dispute of \(entry.amount) closed")
        case .won:
            try work.access.require(.refundPayments)
            try work.access.requireUnlimitedRefunds()
            _ = try update(number, in: work) { (payment, _) throws(ShopError) in
                try payment.dispute(entry.amount, note)
            }
            undoing.wrote(id, "dispute of \(entry.amount) open again")
        case .void: throw .moneyGone(payment, "the hold of \(number) is given up", "authorize")
        case .refund, .lost:
            throw .moneyGone(payment, "\(entry.amount) of \(number) went back", "capture")
        case .decline, .fail: throw .notUndoable(id, "\(number) was refused: no money moved")
        }
    }

    /// A hold, or a dispute, of which only a part is left is not the one that was recorded.
    private func requireStill(
        _ amount: Money, _ entry: PaymentEntry, _ payment: Payment, _ undoing: Undoing
    ) throws(ShopError) {
        guard amount != entry.amount else { return }
        throw .changedSince(
            payment.number.description, [],
            by: try nextChange(of: payment.recordKey, after: undoing.number))
    }

    private func undo(
        _ change: Money, of holder: Balance.Holder, _ undoing: inout Undoing
    ) throws(ShopError) {
        let work = undoing.work
        try work.access.require(.refundPayments)
        var balance = try work.balance(of: holder)
        let cause = work.balanceCause(undoing.reason)
        let amount = Money(minorUnits: abs(change.minorUnits), change.currency)
        let entry =
            change.isNegative
            ? try balance.add(amount, holder.isGiftCard ? .issue : .grant, cause)
            : try balance.withdraw(amount, cause)
        work.transaction.put(balance)
        work.transaction.insert(entry)
        work.transaction.ids.append(balance.id)
        undoing.wrote(
            balance.id, change.isNegative ? "\(amount) added" : "\(amount) withdrawn")
    }
}

extension Balance.Holder {
    fileprivate var isGiftCard: Bool {
        if case .giftCard = self { return true }
        return false
    }
}

// MARK: - Errors

extension ShopError {
    static func providerMoney(_ payment: Payment) -> ShopError {
        .notUndoable(
            payment.number.description,
            "money of \(payment.number) is moved by \(payment.provider), and by nobody else",
            try: payment.capturable.isZero
                ? ["shopctl payment refund \(payment.number) --full"]
                : ["shopctl payment void \(payment.number)"])
    }

    static func moneyGone(_ payment: Payment, _ fact: String, _ verb: String) -> ShopError {
        .notUndoable(
            payment.number.description, "\(fact): only a new payment takes it again",
            try: ["shopctl payment \(verb) \(payment.order) --method \(payment.method.rawValue)"])
    }
}
