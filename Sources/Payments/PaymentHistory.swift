package import Primitives

extension Payment {
    /// A payment as another system or an export remembers it; its numbers are given later.
    ///
    /// - Parameter entries: what happened, oldest first.
    /// - Throws: `impossible-history` (65), and what the events refuse.
    package init(
        _ method: PaymentMethod, provider: String?, handle: String? = nil,
        holder: Balance.Holder? = nil, entries: [PaymentEntry]
    ) throws(ShopError) {
        guard let first = entries.first else { throw .noCapture }
        self.init(
            PaymentNumber(0), for: OrderNumber(0), method, by: provider ?? Self.manual,
            in: first.amount.currency, at: first.note.at)
        self.handle = handle
        self.holder = holder
        for entry in entries { try remember(entry) }
    }

    private mutating func remember(_ entry: PaymentEntry) throws(ShopError) {
        guard entry.amount.minorUnits > 0 else { throw .amountNotPositive(entry.amount) }
        switch entry.kind {
        case .authorize, .decline, .fail:
            guard entry.kind != .authorize || authorized.isZero else { throw .noCapture }
            try add(entry)
        // A provider may have taken more than was held.
        case .capture where authorized.isZero || !isManual: try add(entry)
        case .capture: try capture(entry.amount, entry.note)
        case .void:
            guard entry.amount == capturable else { throw .noCapture }
            try void(entry.note)
        case .refund: try refund(entry.amount, restocked: entry.restocked, entry.note)
        case .dispute: try dispute(entry.amount, entry.note)
        case .won, .lost:
            guard entry.amount == disputed else { throw .noCapture }
            try endDispute(won: entry.kind == .won, entry.note)
        }
    }

    /// The same payment under the shop's own numbers.
    package func numbered(_ number: PaymentNumber, for order: OrderNumber) -> Payment {
        var copy = self
        copy.number = number
        copy.order = order
        return copy
    }

    /// What is wrong with the amounts of a stored payment; nothing in a sound one.
    package func amountProblems() -> [String] {
        var sums: [PaymentEntry.Kind: Int64] = [:]
        for entry in entries { sums[entry.kind, default: 0] &+= entry.amount.minorUnits }
        func sum(_ kinds: PaymentEntry.Kind...) -> Int64 {
            kinds.reduce(0) { $0 &+ (sums[$1] ?? 0) }
        }
        var problems: [String] = []
        if sum(.refund, .lost) != refunded.minorUnits || sum(.refund) > captured.minorUnits {
            problems.append("refunds add up to \(sum(.refund, .lost))")
        }
        if sum(.capture) != captured.minorUnits {
            problems.append("captures add up to \(sum(.capture))")
        }
        if sum(.void) != voided.minorUnits {
            problems.append("what was voided adds up to \(sum(.void))")
        }
        if sum(.dispute) &- sum(.won, .lost) != disputed.minorUnits {
            problems.append("disputes add up to \(sum(.dispute) &- sum(.won, .lost))")
        }
        if captured.minorUnits &+ voided.minorUnits > authorized.minorUnits {
            problems.append("more is captured than was authorized")
        }
        return problems
    }
}

extension ShopError {
    static var noCapture: ShopError {
        ShopError(
            .data, "impossible-history",
            "a payment is one capture or hold, then what may follow it", at: "payments")
    }
}
