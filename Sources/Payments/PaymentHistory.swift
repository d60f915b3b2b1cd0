package import Primitives

extension Payment {
    /// A payment as another system or an export remembers it; its numbers are given later.
    ///
    /// - Parameter entries: what happened, oldest first, beginning with the capture.
    /// - Throws: `impossible-history` (65), `amount-not-positive`, `over-refund` (6).
    package init(
        _ method: PaymentMethod, provider: String?, entries: [PaymentEntry]
    ) throws(ShopError) {
        guard let first = entries.first, first.kind == .capture else {
            throw .noCapture
        }
        try self.init(
            PaymentNumber(0), for: OrderNumber(0), method, capturing: first.amount, first.note)
        self.provider = provider ?? self.provider
        for entry in entries.dropFirst() {
            guard entry.kind == .refund else { throw .noCapture }
            try refund(entry.amount, restocked: entry.restocked, entry.note)
        }
    }

    /// The same payment under the shop's own numbers.
    package func numbered(_ number: PaymentNumber, for order: OrderNumber) -> Payment {
        var copy = self
        copy.number = number
        copy.order = order
        return copy
    }
}

extension PaymentEntry {
    package init(_ kind: Kind, _ amount: Money, _ note: Note, restocked: [Restock] = []) {
        self.init(kind: kind, amount: amount, note: note, restocked: restocked)
    }
}

extension ShopError {
    static var noCapture: ShopError {
        ShopError(
            .data, "impossible-history", "a payment is one capture, then any number of refunds",
            at: "payments")
    }
}
