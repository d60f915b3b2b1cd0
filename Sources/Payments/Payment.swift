import Formats
package import Primitives

/// Money taken for one order by one method, and what of it was given back.
///
/// ```
///   capture ──▶ captured ──refund──▶ partiallyRefunded ──refund──▶ refunded
/// ```
/// Amounts are amounts, not extra states: 0 ≤ refunded ≤ captured ≤ authorized. The state is
/// derived from them. Entries are the history: nothing is changed, only added. What the
/// operator takes at the counter is authorized and captured in one.
package struct Payment: Sendable, Equatable {
    package internal(set) var number: PaymentNumber
    package internal(set) var order: OrderNumber
    package internal(set) var method: PaymentMethod
    /// Who moved the money: `manual` is the operator, by cash, bank or card terminal.
    package internal(set) var provider: String
    package internal(set) var authorized: Money
    package internal(set) var captured: Money
    package internal(set) var refunded: Money
    package internal(set) var entries: [PaymentEntry]
    package internal(set) var createdAt: Timestamp
    var unknown = UnknownMembers()

    package var currency: Currency { captured.currency }

    /// A payment the operator took: authorized and captured at once.
    ///
    /// - Throws: `amount-not-positive` (6).
    package init(
        _ number: PaymentNumber, for order: OrderNumber, _ method: PaymentMethod,
        capturing amount: Money, _ note: PaymentEntry.Note
    ) throws(ShopError) {
        guard amount.minorUnits > 0 else { throw .amountNotPositive(amount) }
        self.number = number
        self.order = order
        self.method = method
        provider = "manual"
        authorized = amount
        captured = amount
        refunded = .zero(amount.currency)
        entries = [PaymentEntry(kind: .capture, amount: amount, note: note, restocked: [])]
        createdAt = note.at
    }

    /// Captured and not given back.
    package var refundable: Money {
        Money(minorUnits: captured.minorUnits - refunded.minorUnits, currency)
    }

    package var status: PaymentStatus {
        if refunded.isZero { return .captured }
        return refunded == captured ? .refunded : .partiallyRefunded
    }

    /// Gives money back.
    ///
    /// - Parameter restocked: units that go back on the shelf with it.
    /// - Throws: `amount-not-positive`, `over-refund` (6), `currency-mismatch` (6).
    package mutating func refund(
        _ amount: Money, restocked: [PaymentEntry.Restock], _ note: PaymentEntry.Note
    ) throws(ShopError) {
        guard amount.minorUnits > 0 else { throw .amountNotPositive(amount) }
        let sum = try refunded.adding(amount)
        guard sum <= captured else { throw .overRefund(self, amount) }
        refunded = sum
        entries.append(
            PaymentEntry(kind: .refund, amount: amount, note: note, restocked: restocked))
    }
}

/// One movement of money within a payment.
package struct PaymentEntry: Sendable, Equatable {
    package let kind: Kind
    package let amount: Money
    package let note: Note
    /// Of a refund: the units that went back on the shelf.
    package let restocked: [Restock]
    var unknown = UnknownMembers()

    package enum Kind: String, Sendable {
        case capture, refund
    }

    package struct Note: Sendable, Equatable {
        package var at: Timestamp
        package var by: String
        package var reason: String?
        /// The bank's or terminal's own name for it.
        package var reference: String?

        package init(at: Timestamp, by: String, reason: String? = nil, reference: String? = nil) {
            self.at = at
            self.by = by
            self.reason = reason
            self.reference = reference
        }
    }

    package struct Restock: Sendable, Equatable {
        package let sku: SKU
        package let count: Int64
        var unknown = UnknownMembers()

        package init(sku: SKU, count: Int64) {
            self.sku = sku
            self.count = count
        }
    }
}

/// How money reached the shop. A card is one the operator's own terminal took: no card number
/// ever comes here.
package enum PaymentMethod: String, Sendable, CaseIterable {
    case cash, transfer, card
}

package enum PaymentStatus: String, Sendable, CaseIterable {
    case captured, partiallyRefunded, refunded
}

// MARK: - Errors

extension ShopError {
    static func amountNotPositive(_ amount: Money) -> ShopError {
        ShopError(
            .refused, "amount-not-positive", "\(amount) cannot be captured or refunded",
            why: "an amount of money to move is above zero", try: ["--amount 12.99"])
    }

    static func overRefund(_ payment: Payment, _ amount: Money) -> ShopError {
        ShopError(
            .refused, "over-refund",
            "refund of \(amount) is more than what is left: captured "
                + "\(payment.captured), refunded \(payment.refunded)",
            at: "--amount",
            try: payment.refundable.isZero
                ? ["shopctl payment show \(payment.number)"]
                : ["shopctl payment refund \(payment.number) --full"],
            details: [.init("refundable", payment.refundable.decimalText)])
    }
}
