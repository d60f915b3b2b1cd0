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
    /// - Parameter target: nil asks for all there is.
    /// - Returns: those that were asked for, whatever came of it.
    /// - Throws: `payment-not-found`, `order-not-found` (3).
    package func reconcile(_ target: PaymentTarget?) throws(ShopError) -> [Reconciled] {
        let pending = try read(.capturePayments) { (view, _) throws(ShopError) in
            try pendingPayments(target, in: view)
        }
        guard !request.isDryRun else {
            return pending.map { Reconciled(payment: $0, problem: nil) }
        }
        var found: [Reconciled] = []
        for payment in pending {
            do throws(ShopError) {
                try checkKeyIsGood(payment)
                let now = try ask(payment)
                let problem = now.pending?.url.map { ShopError.actionRequired(now, at: $0) }
                found.append(Reconciled(payment: now, problem: problem))
            } catch {
                found.append(Reconciled(payment: payment, problem: error))
            }
        }
        return found
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

    /// A provider that has forgotten a key would do again what it did.
    private func checkKeyIsGood(_ payment: Payment) throws(ShopError) {
        guard let intent = payment.pending, intent.url == nil else { return }
        let hours = try provider(payment.provider).keyHours
        guard intent.note.at.adding(seconds: hours * 3_600) > clock.now() else {
            throw .keyTooOld(payment, hours)
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
