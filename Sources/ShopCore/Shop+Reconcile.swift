import Formats
package import Payments
package import Primitives
import Storage
import Users

/// Finding out what became of money whose movement is not known.
extension Shop {
    /// What the person found out who asked the provider by other means.
    package enum Verdict: String, Sendable, CaseIterable {
        /// The money moved; it did not, and will not.
        case succeeded, failed
    }

    /// What came of asking once more.
    package struct Reconciled: Sendable {
        package let payment: Payment
        /// Why it is not known yet.
        package let problem: ShopError?
    }

    /// Asks the providers once more for what they owe an answer to, with the same keys.
    ///
    /// Under an idempotency key it is about the payments that were pending the first time, and
    /// what came of each is kept: repeated, it asks for those that are still not known.
    ///
    /// - Parameter targets: none asks for all there is.
    /// - Returns: those that were asked for, whatever came of it.
    /// - Throws: `payment-not-found`, `order-not-found` (3).
    package func reconcile(_ targets: [PaymentTarget] = []) throws(ShopError) -> [Reconciled] {
        let pending = try toReconcile(targets)
        guard !request.isDryRun else {
            return pending.map { Reconciled(payment: $0, problem: nil) }
        }
        var found: [Reconciled] = []
        for payment in pending { found.append(reconciled(payment)) }
        if request.idempotencyKey != nil, pending.contains(where: { $0.pending != nil }) {
            try keep(RecordList(found.map(\.payment)))
        }
        return found
    }

    private func reconciled(_ payment: Payment) -> Reconciled {
        do throws(ShopError) {
            guard payment.pending != nil else { return Reconciled(payment: payment, problem: nil) }
            let before = try store.read { (view) throws(ShopError) in
                try view.payment(payment.number)
            }
            // Somebody else has asked meanwhile.
            guard before.pending?.key == payment.pending?.key else {
                return Reconciled(payment: before, problem: nil)
            }
            let now = try ask(before)
            let problem = now.pending?.url.map { ShopError.actionRequired(now, at: $0) }
            return Reconciled(payment: now, problem: problem)
        } catch {
            return Reconciled(payment: payment, problem: error)
        }
    }

    private func toReconcile(_ targets: [PaymentTarget]) throws(ShopError) -> [Payment] {
        func pending() throws(ShopError) -> [Payment] {
            try read(.capturePayments) { (view, _) throws(ShopError) in
                try pendingPayments(targets, in: view)
            }
        }
        guard !request.isDryRun else { return try pending() }
        // Under the lock: a question whose writer died before it could announce it is seen by the
        // next writer, and by no reader before.
        guard request.idempotencyKey != nil else { return try store.holdingLock(pending) }
        return try change(.capturePayments) { (work) throws(ShopError) in
            RecordList(try pendingPayments(targets, in: work.transaction))
        }.items
    }

    /// What a repeated command gets is what is known now.
    private func keep(_ payments: RecordList<Payment>) throws(ShopError) {
        guard let key = request.idempotencyKey else { return }
        var stamp = try signedStamp()
        stamp.idempotencyKey = nil
        try store.transact(stamp) { (transaction) throws(ShopError) in
            guard
                var record = try transaction.find(
                    IdempotentResult.self, Records.idempotency(key))
            else { return }
            record.result = payments.json
            transaction.set(Records.idempotency(key), record.json)
        }
    }

    private func pendingPayments(
        _ targets: [PaymentTarget], in view: View
    ) throws(ShopError) -> [Payment] {
        var payments: [Payment] = []
        let wanted: [PaymentTarget?] = targets.isEmpty ? [nil] : targets
        for target in wanted {
            for payment in try pendingPayments(target, in: view)
            where !payments.contains(payment) { payments.append(payment) }
        }
        return payments
    }

    private func pendingPayments(
        _ target: PaymentTarget?, in view: View
    ) throws(ShopError) -> [Payment] {
        switch target {
        case .payment(let number):
            let payment = try view.payment(number)
            return payment.pending == nil ? [] : [payment]
        case .order(let number):
            _ = try view.order(number)
            return try view.payments(of: number).filter { $0.pending != nil }
        case nil:
            var payments: [Payment] = []
            try view.scan(KeyRange(collection: "pending-payments")) {
                (found) throws(ShopError) in
                let digits = String(decoding: found.key, as: UTF8.self)
                payments.append(try view.payment(PaymentNumber(Int64(digits) ?? 0)))
                return true
            }
            return payments
        }
    }

    /// Puts on record what a person found out about what is pending in a payment.
    ///
    /// - Throws: `payment-not-found` (3), `nothing-pending` (5).
    package func settlePayment(
        _ number: PaymentNumber, as verdict: Verdict, reference: String?
    ) throws(ShopError) -> Payment {
        try change(.refundPayments) { (work) throws(ShopError) in
            try work.access.requireUnlimitedRefunds()
            let payment = try work.transaction.payment(number)
            guard payment.pending != nil else { throw .nothingPending(payment) }
            let outcome: ProviderOutcome =
                verdict == .succeeded
                ? .succeeded(handle: reference)
                : .failed(code: "settled-by-hand", message: reference ?? "it did not happen")
            return try settle(payment, by: outcome, in: work)
        }
    }
}

extension ShopError {
    static func keyTooOld(_ payment: Payment, _ hours: Int64) -> ShopError {
        ShopError(
            .unknown, "provider-silent",
            "\(payment.provider) was asked for \(payment.number) more than \(hours) hours ago, and "
                + "may not know it any more",
            why: "asked again under a forgotten key it could move the money twice",
            try: [
                "shopctl payment reconcile \(payment.number) --outcome succeeded --reference ID",
                "shopctl payment reconcile \(payment.number) --outcome failed",
            ])
    }

    static func nothingPending(_ payment: Payment) -> ShopError {
        ShopError(
            .conflict, "nothing-pending",
            "\(payment.number) waits for no answer: it is \(payment.status.rawValue)",
            try: ["shopctl payment show \(payment.number)"])
    }
}
