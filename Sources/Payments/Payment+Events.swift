package import Primitives

/// What may happen to a payment. Each refusal leaves it as it was; what a provider did is added
/// without asking, since it has happened.
extension Payment {
    /// Takes money that is held.
    ///
    /// - Parameter amount: nil takes all that is left of the hold.
    /// - Throws: `payment-unknown`, `payment-not-capturable` (5), `amount-not-positive`,
    ///   `over-capture` (6).
    package mutating func capture(
        _ amount: Money? = nil, _ note: PaymentEntry.Note
    ) throws(ShopError) {
        try checkKnown()
        guard !capturable.isZero else { throw .notCapturable(self) }
        let amount = amount ?? capturable
        guard amount.minorUnits > 0 else { throw .amountNotPositive(amount) }
        guard try captured.adding(amount).adding(voided) <= authorized else {
            throw .overCapture(self, amount)
        }
        try add(PaymentEntry(.capture, amount, note))
    }

    /// Gives up what is left of a hold.
    ///
    /// - Throws: `payment-unknown`, `payment-not-voidable` (5).
    package mutating func void(_ note: PaymentEntry.Note) throws(ShopError) {
        try checkKnown()
        guard !capturable.isZero else { throw .notVoidable(self) }
        try add(PaymentEntry(.void, capturable, note))
    }

    /// Gives money back.
    ///
    /// - Parameter restocked: units that go back on the shelf with it.
    /// - Throws: `payment-unknown` (5), `amount-not-positive`, `over-refund`,
    ///   `currency-mismatch` (6).
    package mutating func refund(
        _ amount: Money, restocked: [PaymentEntry.Restock], _ note: PaymentEntry.Note
    ) throws(ShopError) {
        try checkKnown()
        guard amount.minorUnits > 0 else { throw .amountNotPositive(amount) }
        guard try refunded.adding(amount).adding(disputed) <= captured else {
            throw .overRefund(self, amount)
        }
        try add(PaymentEntry(.refund, amount, note, restocked: restocked))
    }

    /// The customer's bank claims captured money back.
    ///
    /// - Parameter amount: nil claims all that is not refunded.
    /// - Throws: `payment-unknown`, `payment-not-disputable` (5), `amount-not-positive`,
    ///   `over-dispute` (6).
    package mutating func dispute(
        _ amount: Money? = nil, _ note: PaymentEntry.Note
    ) throws(ShopError) {
        try checkKnown()
        guard disputed.isZero, !refundable.isZero else { throw .notDisputable(self) }
        let amount = amount ?? refundable
        guard amount.minorUnits > 0 else { throw .amountNotPositive(amount) }
        guard try refunded.adding(amount) <= captured else { throw .overDispute(self, amount) }
        try add(PaymentEntry(.dispute, amount, note))
    }

    /// An open dispute ends: the shop keeps the money, or the bank has taken it, which counts as
    /// refunded.
    ///
    /// - Throws: `no-open-dispute` (5).
    package mutating func endDispute(
        won: Bool, _ note: PaymentEntry.Note
    ) throws(ShopError) {
        guard !disputed.isZero else { throw .noOpenDispute(self) }
        try add(PaymentEntry(won ? .won : .lost, disputed, note))
    }

    // MARK: - Steps

    /// - Throws: `payment-unknown` (5) while the provider owes an answer.
    func checkKnown() throws(ShopError) {
        guard pending == nil else { throw .paymentUnknown(self) }
    }

    /// Adds an entry and what it does to the amounts: the one place that says so.
    ///
    /// - Throws: `amount-overflow`, `currency-mismatch` (6).
    mutating func add(_ entry: PaymentEntry) throws(ShopError) {
        let amount = entry.amount
        switch entry.kind {
        case .authorize: authorized = try authorized.adding(amount)
        case .capture:
            captured = try captured.adding(amount)
            // Taken without a hold, or more than was held: a provider may do that.
            authorized = max(authorized, try captured.adding(voided))
        case .void: voided = try voided.adding(amount)
        case .refund: refunded = try refunded.adding(amount)
        case .dispute: disputed = try disputed.adding(amount)
        case .won: disputed = try disputed.subtracting(amount)
        case .lost:
            disputed = try disputed.subtracting(amount)
            refunded = try refunded.adding(amount)
        case .decline, .fail:
            guard amount.currency == currency else {
                throw .currencyMismatch(currency, amount.currency)
            }
        }
        entries.append(entry)
    }
}

// MARK: - Errors

extension ShopError {
    static func amountNotPositive(_ amount: Money) -> ShopError {
        ShopError(
            .refused, "amount-not-positive", "\(amount) cannot be captured or refunded",
            why: "an amount of money to move is above zero", try: ["--amount 12.99"])
    }

    static func overRefund(_ payment: Payment, _ amount: Money) -> ShopError {
        let disputed = payment.disputed.isZero ? "" : ", disputed \(payment.disputed)"
        return ShopError(
            .refused, "over-refund",
            "refund of \(amount) is more than what is left: captured "
                + "\(payment.captured), refunded \(payment.refunded)\(disputed)",
            at: "--amount",
            try: payment.refundable.isZero
                ? ["shopctl payment show \(payment.number)"]
                : ["shopctl payment refund \(payment.number) --full"],
            details: [.init("refundable", payment.refundable.decimalText)])
    }

    static func notCapturable(_ payment: Payment) -> ShopError {
        ShopError(
            .conflict, "payment-not-capturable",
            "nothing is held on \(payment.number) that could be captured: it is "
                + payment.status.rawValue,
            try: ["shopctl payment show \(payment.number)"])
    }

    static func overCapture(_ payment: Payment, _ amount: Money) -> ShopError {
        ShopError(
            .refused, "over-capture",
            "\(amount) is more than what \(payment.number) holds: \(payment.capturable) of "
                + "\(payment.authorized)",
            at: "--amount", try: ["shopctl payment capture \(payment.number)"],
            details: [.init("capturable", payment.capturable.decimalText)])
    }

    static func notVoidable(_ payment: Payment) -> ShopError {
        ShopError(
            .conflict, "payment-not-voidable",
            "nothing is held on \(payment.number) that could be voided: it is "
                + payment.status.rawValue,
            why: "captured money is refunded",
            try: payment.refundable.isZero
                ? ["shopctl payment show \(payment.number)"]
                : ["shopctl payment refund \(payment.number) --full"])
    }

    static func notDisputable(_ payment: Payment) -> ShopError {
        ShopError(
            .conflict, "payment-not-disputable",
            "\(payment.number) cannot be disputed: it is \(payment.status.rawValue)",
            try: ["shopctl payment show \(payment.number)"])
    }

    static func overDispute(_ payment: Payment, _ amount: Money) -> ShopError {
        ShopError(
            .refused, "over-dispute",
            "a dispute of \(amount) is more than what is left: captured \(payment.captured), "
                + "refunded \(payment.refunded)",
            at: "--amount", try: ["shopctl payment dispute \(payment.number)"])
    }

    static func noOpenDispute(_ payment: Payment) -> ShopError {
        ShopError(
            .conflict, "no-open-dispute",
            "\(payment.number) has no open dispute: it is \(payment.status.rawValue)",
            try: ["shopctl payment dispute \(payment.number) --reason fraudulent"])
    }

    static func paymentUnknown(_ payment: Payment) -> ShopError {
        ShopError(
            .conflict, "payment-unknown",
            "\(payment.number) waits for an answer of \(payment.provider): whether money moved "
                + "is not known",
            why: "until it is known nothing else may happen, or money could move twice",
            try: ["shopctl payment reconcile \(payment.number)"])
    }
}
