import Formats
package import Primitives

/// Money that the shop owes to somebody and takes as payment: a gift card, or a customer's store
/// credit.
///
/// ```
///   issue, grant ─▶ amount ──spend, withdraw──▶ less ──give back──▶ more
/// ```
/// The amount is the sum of the movements and never below zero.
package struct Balance: Sendable, Equatable {
    package let holder: Holder
    package internal(set) var amount: Money
    /// How many movements there were: the number of the last.
    package internal(set) var movements: Int64
    package let createdAt: Timestamp
    var unknown = UnknownMembers()

    /// Whose money it is.
    package enum Holder: Sendable, Equatable {
        /// Whoever has the code, of which this is the SHA-256 in hexadecimal digits.
        case giftCard(codeHash: String)
        case customer(EmailAddress)

        /// The hash of a code; blanks, dashes and case make no difference.
        package init(code: String) throws(ShopError) {
            let plain = code.uppercased().filter { $0 != "-" && !$0.isWhitespace }
            guard (8...64).contains(plain.utf8.count),
                plain.utf8.allSatisfy({ $0 < 0x80 && $0 > 0x20 })
            else { throw .invalidGiftCode }
            self = .giftCard(codeHash: Hex.encode(SHA256.of(Array(plain.utf8))))
        }

        /// `card/9f0c…` or `customer/ana@x.example`: under this it is stored.
        package var name: String {
            switch self {
            case .giftCard(let hash): "card/\(hash)"
            case .customer(let email): "customer/\(email.folded)"
            }
        }

        /// `GC-9f0c1a2b` or the address: what people see, and nobody can pay with.
        package var id: String {
            switch self {
            case .giftCard(let hash): "GC-\(hash.prefix(8))"
            case .customer(let email): email.text
            }
        }
    }

    /// Of a holder who has nothing yet.
    package init(of holder: Holder, in currency: Currency, at time: Timestamp) {
        self.holder = holder
        amount = .zero(currency)
        movements = 0
        createdAt = time
    }

    package var id: String { holder.id }

    /// Adds to the balance.
    ///
    /// - Throws: `amount-not-positive`, `currency-mismatch`, `amount-overflow` (6).
    package mutating func add(
        _ more: Money, _ kind: BalanceMovement.Kind, _ cause: BalanceMovement.Cause
    ) throws(ShopError) -> BalanceMovement {
        guard more.minorUnits > 0 else { throw .amountNotPositive(more) }
        return try move(kind, more, cause)
    }

    /// Pays with it.
    ///
    /// - Throws: `amount-not-positive`, `balance-too-low` (6).
    package mutating func spend(
        _ wanted: Money, _ cause: BalanceMovement.Cause
    ) throws(ShopError) -> BalanceMovement {
        guard wanted.minorUnits > 0 else { throw .amountNotPositive(wanted) }
        guard wanted <= amount else { throw .balanceTooLow(self, wanted) }
        return try move(.spend, Money(minorUnits: -wanted.minorUnits, wanted.currency), cause)
    }

    /// Takes back what was issued or granted by mistake.
    ///
    /// - Throws: `balance-too-low` (6) where some of it is spent.
    package mutating func withdraw(
        _ wanted: Money, _ cause: BalanceMovement.Cause
    ) throws(ShopError) -> BalanceMovement {
        guard wanted <= amount else { throw .balanceTooLow(self, wanted) }
        return try move(.withdraw, Money(minorUnits: -wanted.minorUnits, wanted.currency), cause)
    }

    private mutating func move(
        _ kind: BalanceMovement.Kind, _ change: Money, _ cause: BalanceMovement.Cause
    ) throws(ShopError) -> BalanceMovement {
        let sum = try amount.adding(change)
        guard sum.minorUnits <= Money.mostStored else { throw .amountOverflow(amount.currency) }
        amount = sum
        movements += 1
        return BalanceMovement(
            holder: holder, number: movements, kind: kind, amount: change, after: amount,
            cause: cause)
    }
}

/// One change of a balance, kept for ever.
package struct BalanceMovement: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case issue, grant, spend
        /// It was issued or granted by mistake.
        case withdraw
        /// A payment that was made with it is refunded.
        case giveBack
    }

    package struct Cause: Sendable, Equatable {
        package let at: Timestamp
        package let by: String
        package let reason: String?
        package let payment: PaymentNumber?

        package init(
            at: Timestamp, by: String, reason: String? = nil, payment: PaymentNumber? = nil
        ) {
            self.at = at
            self.by = by
            self.reason = reason
            self.payment = payment
        }
    }

    package let holder: Balance.Holder
    package let number: Int64
    package let kind: Kind
    /// Below zero where it was spent or withdrawn.
    package let amount: Money
    package let after: Money
    package let cause: Cause
    var unknown = UnknownMembers()

    /// The same, in a shop that does not have the payment.
    package var withoutPayment: BalanceMovement {
        BalanceMovement(
            holder: holder, number: number, kind: kind, amount: amount, after: after,
            cause: Cause(at: cause.at, by: cause.by, reason: cause.reason))
    }
}

// MARK: - Errors

extension ShopError {
    static var invalidGiftCode: ShopError {
        ShopError(
            .usage, "invalid-gift-code", "that is no gift card's code",
            why: "a code is 8 to 64 letters and digits", try: ["the code as it stands on the card"])
    }

    static func balanceTooLow(_ balance: Balance, _ wanted: Money) -> ShopError {
        ShopError(
            .refused, "balance-too-low",
            "\(wanted) are more than what \(balance.id) has left: \(balance.amount)",
            at: "--amount",
            try: balance.amount.isZero ? [] : ["--amount \(balance.amount.decimalText)"],
            details: [.init("balance", balance.amount.decimalText)])
    }
}
