package import Primitives

/// How far an order is paid, derived from the money its payments hold, took and gave back.
package enum OrderPayment: String, Sendable, CaseIterable {
    case unpaid, authorized, partiallyCaptured, captured, overcaptured
    case partiallyRefunded, refunded, voided, failed, disputed
    /// A provider owes an answer.
    case unknown
}

extension Order {
    // MARK: - Queries

    /// The first of these that holds.
    package var payment: OrderPayment {
        if holds.unknown > 0 { return .unknown }
        if holds.disputed > 0 { return .disputed }
        if captured.isZero {
            if owed == 0, status != .draft { return .captured }
            if holds.authorized > 0 { return .authorized }
            if holds.voided > 0 { return .voided }
            return holds.failed > 0 ? .failed : .unpaid
        }
        if refunded == captured { return .refunded }
        if !refunded.isZero { return .partiallyRefunded }
        if captured.minorUnits < owed { return .partiallyCaptured }
        return captured.minorUnits == owed ? .captured : .overcaptured
    }

    /// What is due and not held already.
    package var unsecured: Money {
        Money(minorUnits: max(0, due.minorUnits &- holds.authorized), currency)
    }

    // MARK: - Events

    /// Refuses to have `amount` held or taken for this order by another payment.
    ///
    /// - Throws: `order-not-payable`, `payment-unknown` (5), `over-capture`,
    ///   `amount-not-positive` (6).
    package func checkSecuring(_ amount: Money) throws(ShopError) {
        try checkPayable(amount)
        _ = try captured.adding(amount)
        guard amount <= unsecured else { throw .overAuthorization(self, amount) }
    }

    /// Refuses money while the order takes none, or some may be on its way.
    func checkPayable(_ amount: Money) throws(ShopError) {
        guard status == .placed || status == .completed else { throw .notPayable(self) }
        guard amount.minorUnits > 0 else { throw .notAboveZero(amount, self) }
        guard holds.unknown == 0 else { throw .paymentUnknown(self) }
    }

    /// Money came for this order. That it is not due, or the order has ended, makes no difference
    /// to that: the order is `overcaptured`, and says what to refund.
    ///
    /// - Throws: `currency-mismatch`, `amount-overflow` (6).
    package mutating func receive(_ amount: Money, at time: Timestamp) throws(ShopError) {
        captured = try captured.adding(amount)
        completeIfDone(at: time)
    }
}

// MARK: - Errors

extension ShopError {
    static func hasHold(_ order: Order) -> ShopError {
        let isUnknown = order.holds.unknown > 0
        let held = Money(minorUnits: order.holds.authorized, order.currency)
        let fact =
            isUnknown ? "a payment waits for its provider's answer" : "\(held) are held for it"
        return ShopError(
            .conflict, "order-has-payment", "\(order.number) cannot be cancelled: \(fact)",
            why: "money is never released silently, and never kept silently",
            try: [
                isUnknown
                    ? "shopctl payment reconcile \(order.number)"
                    : "shopctl payment void \(order.number)"
            ])
    }

    static func paymentUnknown(_ order: Order) -> ShopError {
        ShopError(
            .conflict, "payment-unknown",
            "a payment of \(order.number) waits for its provider's answer: whether money moved is "
                + "not known",
            why: "until it is known no other is taken, or the customer could pay twice",
            try: ["shopctl payment reconcile \(order.number)"])
    }

    static func overAuthorization(_ order: Order, _ amount: Money) -> ShopError {
        let held = Money(minorUnits: order.holds.authorized, order.currency)
        return ShopError(
            .refused, "over-capture",
            "\(amount) is more than what is due on \(order.number) and not held: "
                + "\(order.unsecured) of \(order.total), \(held) held",
            at: "--amount",
            try: held.isZero
                ? ["shopctl order show \(order.number)"]
                : ["shopctl payment list --order \(order.number) --status authorized"],
            details: [
                .init("due", order.due.decimalText), .init("authorized", held.decimalText),
            ])
    }
}
