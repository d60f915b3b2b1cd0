import Formats
package import Primitives

/// Money taken for one order by one method, and what of it was given back.
///
/// ```
///   ask ─▶ unknown ─┬─▶ declined, failed
///                   └─▶ actionRequired ─▶ …
///   authorize ─▶ authorized ──capture──▶ partiallyCaptured ──capture──▶ captured
///                    │                          └──────void──────────▶ captured
///                    └──void──▶ voided
///   captured ──refund──▶ partiallyRefunded ──refund──▶ refunded
///       └────dispute────▶ disputed ──won──▶ as before
///                             └──────lost──▶ partiallyRefunded, refunded
/// ```
/// Amounts are amounts, not extra states: 0 ≤ refunded + disputed ≤ captured, and captured + voided
/// ≤ authorized. They are what the entries come to, and the state is derived from them. Entries are
/// the history: nothing is changed, only added. What the operator takes at the counter is
/// authorized and captured in one.
package struct Payment: Sendable, Equatable {
    package internal(set) var number: PaymentNumber
    package internal(set) var order: OrderNumber
    package internal(set) var method: PaymentMethod
    /// Who moved the money: `manual` is the operator, by cash, bank or card terminal.
    package internal(set) var provider: String
    package internal(set) var authorized: Money
    package internal(set) var captured: Money
    package internal(set) var refunded: Money
    /// What of the authorized money was given up without being captured.
    package internal(set) var voided: Money
    /// What of the captured money an open dispute holds.
    package internal(set) var disputed: Money
    /// The gift card or store credit that it was made with.
    package internal(set) var holder: Balance.Holder?
    /// The provider's own name for the payment, which later requests carry.
    package internal(set) var handle: String?
    /// What the provider was asked for and has not answered yet.
    package internal(set) var pending: PaymentIntent?
    package internal(set) var entries: [PaymentEntry]
    package internal(set) var createdAt: Timestamp
    var unknown = UnknownMembers()

    package var currency: Currency { captured.currency }

    /// A payment of which nothing has happened yet.
    init(
        _ number: PaymentNumber, for order: OrderNumber, _ method: PaymentMethod,
        by provider: String, in currency: Currency, at time: Timestamp
    ) {
        self.number = number
        self.order = order
        self.method = method
        self.provider = provider
        authorized = .zero(currency)
        captured = .zero(currency)
        refunded = .zero(currency)
        voided = .zero(currency)
        disputed = .zero(currency)
        entries = []
        createdAt = time
    }

    /// A payment the operator took: authorized and captured at once.
    ///
    /// - Throws: `amount-not-positive` (6).
    package init(
        _ number: PaymentNumber, for order: OrderNumber, _ method: PaymentMethod,
        capturing amount: Money, _ note: PaymentEntry.Note
    ) throws(ShopError) {
        guard amount.minorUnits > 0 else { throw .amountNotPositive(amount) }
        self.init(
            number, for: order, method, by: Self.manual, in: amount.currency, at: note.at)
        try add(PaymentEntry(.capture, amount, note))
    }

    /// A payment by a gift card or store credit.
    ///
    /// - Throws: `amount-not-positive` (6).
    package init(
        _ number: PaymentNumber, for order: OrderNumber, from holder: Balance.Holder,
        capturing amount: Money, _ note: PaymentEntry.Note
    ) throws(ShopError) {
        let method: PaymentMethod =
            switch holder {
            case .giftCard: .giftCard
            case .customer: .storeCredit
            }
        try self.init(number, for: order, method, capturing: amount, note)
        self.holder = holder
    }

    /// A hold that the operator took, at a card terminal for example.
    ///
    /// - Throws: `amount-not-positive` (6).
    package init(
        _ number: PaymentNumber, for order: OrderNumber, _ method: PaymentMethod,
        authorizing amount: Money, _ note: PaymentEntry.Note
    ) throws(ShopError) {
        guard amount.minorUnits > 0 else { throw .amountNotPositive(amount) }
        self.init(
            number, for: order, method, by: Self.manual, in: amount.currency, at: note.at)
        try add(PaymentEntry(.authorize, amount, note))
    }

    /// The provider that is the operator.
    package static let manual = "manual"

    // MARK: - Queries

    package var isManual: Bool { provider == Self.manual }

    /// Captured and neither given back nor disputed.
    package var refundable: Money {
        Money(
            minorUnits: captured.minorUnits - refunded.minorUnits - disputed.minorUnits, currency)
    }

    /// Authorized and neither captured nor voided.
    package var capturable: Money {
        Money(
            minorUnits: authorized.minorUnits - captured.minorUnits - voided.minorUnits, currency)
    }

    package var status: PaymentStatus {
        if let pending { return pending.url == nil ? .unknown : .actionRequired }
        guard !authorized.isZero else {
            return entries.last?.kind == .decline ? .declined : .failed
        }
        if captured.isZero { return capturable.isZero ? .voided : .authorized }
        if !disputed.isZero { return .disputed }
        if refunded == captured { return .refunded }
        if !refunded.isZero { return .partiallyRefunded }
        return capturable.isZero ? .captured : .partiallyCaptured
    }

    /// Why the provider said no, where that was its last word.
    package var refusal: PaymentEntry? {
        guard let last = entries.last, last.kind == .decline || last.kind == .fail else {
            return nil
        }
        return last
    }
}

/// How money reached the shop. A card is one that a terminal or a provider took: no card number
/// ever comes here.
package enum PaymentMethod: String, Sendable, CaseIterable {
    case cash, transfer, card
    case giftCard = "gift-card"
    case storeCredit = "store-credit"
}

package enum PaymentStatus: String, Sendable, CaseIterable {
    case unknown, actionRequired, declined, failed
    case authorized, voided, partiallyCaptured, captured
    case disputed, partiallyRefunded, refunded
}
