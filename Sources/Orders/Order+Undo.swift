package import Primitives

/// What takes back something that was put on record by mistake. Nothing of the record goes: each
/// is an event of its own.
///
/// ```
///   completed ──take a capture back──▶ placed, where the money is due again
///   draft, placed ──take an edit back──▶ the same, with the lines of before
/// ```
extension Order {
    /// Money that never came is given back, and is due again.
    ///
    /// Of a refund only what is credited is due again, so that all of it is.
    ///
    /// - Throws: `over-refund`, `amount-not-positive` (6).
    package mutating func takeBackCapture(_ amount: Money, at time: Timestamp) throws(ShopError) {
        let before = credited
        try refund(amount, at: time)
        let rest = amount.minorUnits - (credited.minorUnits - before.minorUnits)
        if rest > 0 { credits.append(OrderCredit(at: time, amount: rest)) }
        guard status == .completed, !due.isZero else { return }
        status = .placed
        completedAt = nil
    }

    /// The order has the lines, prices and shipping again that it had before it was edited or
    /// cancelled in part.
    ///
    /// - Returns: what is on it more or less by that.
    /// - Throws: `order-not-editable`, `order-has-payment` (5), `below-shipped` (6).
    package mutating func takeBackEdit(
        to earlier: Order, reason: String?, by: String, at time: Timestamp
    ) throws(ShopError) -> OrderChange {
        guard isEditable else { throw .notEditable(self) }
        var edited = self
        edited.pricing = earlier.pricing
        edited.shipping = earlier.shipping
        try edited.setLines(earlier.lines, shipping: earlier.shipping)
        let (shipped, ordered) = (shippedCounts, edited.quantities)
        var problems: [ShopError] = []
        for (sku, count) in quantities {
            let (left, out) = (ordered.first { $0.sku == sku }?.count ?? 0, shipped[sku] ?? 0)
            if left < count, left < out { problems.append(.belowShipped(sku, out, self)) }
        }
        if let error = ShopError.combining(problems) { throw error }
        let refund = refundDue(of: edited)
        guard refund.isZero else { throw .hasPaymentForEdit(self, edited, refund) }
        let change = OrderChange(
            at: time, by: by, kind: .edit, reason: reason,
            lines: edited.difference(from: self),
            amount: edited.total.minorUnits - total.minorUnits)
        self = edited
        guard status == .placed else { return change }
        changes.append(change)
        noteCredit(at: time)
        completeIfDone(at: time)
        return change
    }

    /// Units more of each SKU than `other` has, below zero where it has fewer.
    private func difference(from other: Order) -> [UnitCount] {
        var counts = quantities
        for (sku, count) in other.quantities {
            if let index = counts.firstIndex(where: { $0.sku == sku }) {
                counts[index].count -= count
            } else {
                counts.append((sku, -count))
            }
        }
        return counts.filter { $0.count != 0 }.map { UnitCount(sku: $0.sku, count: $0.count) }
    }
}
