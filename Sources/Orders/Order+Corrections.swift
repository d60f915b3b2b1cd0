package import Primitives

/// What is taken off an order that was placed, and what comes back of it.
///
/// ```
///   placed ──cancel units──▶ placed, or completed if all of the rest has left and is paid
///   placed, completed ──return units──▶ the same, or completed if nothing is due any more
///   placed ──expire──▶ expired, while nothing is paid and nothing has left
/// ```
/// Units of a SKU that stands in several lines leave from the first line on, and come back in the
/// same order; what is cancelled is taken from the last line on. So a unit that left is never one
/// that was cancelled, and what it had cost is known.
extension Order {
    // MARK: - Queries

    /// Units of each SKU that came back.
    package var returnedCounts: [SKU: Int64] {
        var counts: [SKU: Int64] = [:]
        for line in returns.flatMap(\.lines) { counts[line.sku, default: 0] += line.count }
        return counts
    }

    /// What the units that came back had cost.
    package var returned: Money {
        Money(minorUnits: returns.reduce(0) { $0 &+ $1.amount }, currency)
    }

    /// When the order ended without being fulfilled.
    package var endedAt: Timestamp? { cancelledAt ?? expiredAt }

    /// Refunds so far that gave back what was taken off the order or came back of it.
    package var credited: Money {
        Money(minorUnits: credits.reduce(0) { $0 &+ $1.amount }, currency)
    }

    /// Whether anything happened that a refund may give back without being kindness.
    private var keepsCredits: Bool { !changes.isEmpty || !returns.isEmpty || !credits.isEmpty }

    /// The part of the refunds that the day's totals count with a cancellation or return.
    package var refundedOfReduced: Money {
        guard !keepsCredits else { return credited }
        return endedAt == nil || placedAt == nil ? .zero(currency) : refunded
    }

    /// What the customer is to pay for what they keep.
    var owed: Int64 {
        returns.isEmpty ? total.minorUnits : total.minorUnits &- returned.minorUnits
    }

    /// What is still to be captured; never below zero.
    package var due: Money {
        guard status == .placed || status == .completed else { return .zero(currency) }
        return Money(
            minorUnits: max(0, owed &- captured.minorUnits &+ credited.minorUnits), currency)
    }

    /// What the shop holds and the customer does not owe: to be refunded.
    package var overpaid: Money {
        overpaid(of: endedAt == nil ? owed : 0)
    }

    private func overpaid(of owed: Int64) -> Money {
        Money(minorUnits: max(0, paid.minorUnits &- max(0, owed)), currency)
    }

    /// Notes how far refunds give back what is not owed any more; to be called after whatever
    /// changes what is owed, and after refunds.
    ///
    /// A refund gives back first what is not owed. The rest of it is kindness: less is paid than
    /// is owed, and that is not due again. What was credited once stays so, so that what is put on
    /// the order later is to be paid. At any time, of a draft or an open order,
    ///
    ///     owed − kindness = paid + due − overpaid,   kindness = refunded − credited
    ///
    /// No refund, return or cancellation makes anything due, and whatever raises what is owed
    /// raises `due` by what was not overpaid before.
    mutating func noteCredit(at time: Timestamp) {
        guard keepsCredits else { return }
        let kept = endedAt == nil ? max(0, owed) : 0
        let notOwed = max(0, captured.minorUnits &- kept)
        let more = min(refunded.minorUnits, notOwed) &- credited.minorUnits
        if more > 0 { credits.append(OrderCredit(at: time, amount: more)) }
    }

    // MARK: - Returns

    /// Units that had left come back.
    ///
    /// - Parameters:
    ///   - earlier: units that came back before the order kept account of it.
    ///   - isOfRefund: a refund puts them back on the shelf.
    /// - Throws: `order-not-returnable` (5), `not-on-order`, `over-return` (6).
    package mutating func takeBack(
        _ wanted: [UnitCount], _ outcome: OrderReturn.Outcome, reason: String?,
        earlier: [SKU: Int64] = [:], isOfRefund: Bool = false, by: String, at time: Timestamp
    ) throws(ShopError) -> OrderReturn {
        let entry = try addReturn(
            wanted, outcome, reason: reason, earlier: earlier, isOfRefund: isOfRefund, by: by,
            at: time)
        noteCredit(at: time)
        completeIfDone(at: time)
        return entry
    }

    /// Puts a return on record, and nothing that follows from it.
    mutating func addReturn(
        _ wanted: [UnitCount], _ outcome: OrderReturn.Outcome, reason: String?,
        earlier: [SKU: Int64], isOfRefund: Bool, by: String, at time: Timestamp
    ) throws(ShopError) -> OrderReturn {
        let (shipped, back) = (shippedCounts, returnedCounts)
        func out(_ sku: SKU) -> Int64 {
            max(0, (shipped[sku] ?? 0) - (back[sku] ?? 0) - (earlier[sku] ?? 0))
        }
        guard shipped.keys.contains(where: { out($0) > 0 }) else { throw .notReturnable(self) }
        let units = try UnitCount.summed(wanted)
        try check(units) { (unit) in
            let most = out(unit.sku)
            return unit.count > most ? .overReturn(unit, most, self) : nil
        }
        var amount = Money.zero(currency)
        for unit in units {
            let before = (back[unit.sku] ?? 0) + (earlier[unit.sku] ?? 0)
            amount = try amount.adding(cost(of: before + unit.count, unit.sku))
                .subtracting(cost(of: before, unit.sku))
        }
        let entry = OrderReturn(
            number: returns.count + 1, at: time, by: by, outcome: outcome, reason: reason,
            lines: units, amount: amount.minorUnits, isOfRefund: isOfRefund)
        returns.append(entry)
        return entry
    }

    /// What the first `count` units of a SKU cost, tax included.
    private func cost(of count: Int64, _ sku: SKU) throws(ShopError) -> Money {
        var left = count
        var sum = Money.zero(currency)
        for line in lines where line.sku == sku && left > 0 {
            let part = min(left, line.quantity)
            sum = try sum.adding(line.cost(of: part, includesTax: includesTax))
            left -= part
        }
        return sum
    }

    // MARK: - Cancelling a part

    /// Units that have not left are taken off the order, which costs less from then on.
    ///
    /// - Throws: `order-not-cancellable`, `order-has-payment` (5), `not-on-order`, `over-cancel`,
    ///   `nothing-left-of-order` (6).
    package mutating func cancel(
        _ wanted: [UnitCount], reason: String?, by: String, at time: Timestamp
    ) throws(ShopError) -> OrderChange {
        let (reduced, units) = try reduced(by: wanted)
        let more = refundDue(of: reduced)
        guard more.isZero else { throw .hasPaymentForPart(self, units, more) }
        let change = OrderChange(
            at: time, by: by, kind: .cancel, reason: reason,
            lines: units.map { UnitCount(sku: $0.sku, count: -$0.count) },
            amount: reduced.total.minorUnits - total.minorUnits)
        try setLines(reduced.lines, shipping: shipping)
        changes.append(change)
        noteCredit(at: time)
        completeIfDone(at: time)
        return change
    }

    /// What is to be refunded before these units can be cancelled.
    package func refundDue(cancelling wanted: [UnitCount]) throws(ShopError) -> Money {
        refundDue(of: try reduced(by: wanted).order)
    }

    /// How much more the shop would hold than it may, with the totals of `other`.
    func refundDue(of other: Order) -> Money {
        Money(minorUnits: max(0, other.overpaid.minorUnits - overpaid.minorUnits), currency)
    }

    /// The order without these units, and the units summed up.
    private func reduced(
        by wanted: [UnitCount]
    ) throws(ShopError) -> (order: Order, units: [UnitCount]) {
        let rest = unshipped
        guard status == .placed, !rest.isEmpty else { throw .notCancellable(self) }
        let wanted = try UnitCount.summed(wanted)
        try check(wanted) { (unit) in
            let left = rest.first { $0.sku == unit.sku }?.count ?? 0
            return unit.count > left ? .overCancel(unit, left, self) : nil
        }
        let left = try lines(without: wanted)
        guard !left.isEmpty else { throw .nothingLeft(self) }
        var order = self
        try order.setLines(left, shipping: shipping)
        return (order, wanted)
    }

    // MARK: - Expiry

    /// The order was placed and not paid in time; what it had reserved is to be given back.
    ///
    /// - Throws: `order-not-expired` (5) for any other order.
    package mutating func expire(at time: Timestamp) throws(ShopError) {
        guard mayExpire else { throw .notPossible("expired", self) }
        status = .expired
        expiredAt = time
        noteCredit(at: time)
    }

    /// Whether nobody paid for the order and nothing of it has left.
    package var mayExpire: Bool {
        status == .placed && paid.isZero && shipments.isEmpty && holds.isSettled
    }
}

// MARK: - Errors

extension ShopError {
    static func notReturnable(_ order: Order) -> ShopError {
        let fact = order.shipments.isEmpty ? "nothing of it was shipped" : "all of it came back"
        return ShopError(
            .conflict, "order-not-returnable", "nothing of \(order.number) can come back: \(fact)",
            try: ["shopctl order show \(order.number)"])
    }

    static func overReturn(_ unit: UnitCount, _ most: Int64, _ order: Order) -> ShopError {
        ShopError(
            .refused, "over-return",
            "\(unit.count) of \(unit.sku) cannot come back: \(most) of \(order.number) "
                + (most == 1 ? "is" : "are") + " out",
            at: "--item \(unit.sku)=\(unit.count)", try: ["shopctl order show \(order.number)"],
            details: [.init("sku", unit.sku.text), .init("out", String(most))])
    }

    static func overCancel(_ unit: UnitCount, _ left: Int64, _ order: Order) -> ShopError {
        ShopError(
            .refused, "over-cancel",
            "\(unit.count) of \(unit.sku) cannot be cancelled: \(left) of \(order.number) "
                + (left == 1 ? "is" : "are") + " left to ship",
            at: "--item \(unit.sku)=\(unit.count)", why: "what has left comes back as a return",
            try: left > 0
                ? ["shopctl order cancel \(order.number) --item \(unit.sku)=\(left)"]
                : ["shopctl order show \(order.number)"])
    }

    static func nothingLeft(_ order: Order) -> ShopError {
        ShopError(
            .refused, "nothing-left-of-order", "nothing would be left of \(order.number)",
            at: "--item", try: ["shopctl order cancel \(order.number)"])
    }

    static func hasPaymentForPart(
        _ order: Order, _ units: [UnitCount], _ amount: Money
    ) -> ShopError {
        let items = units.map { "--item \($0.sku)=\($0.count)" }.joined(separator: " ")
        return ShopError(
            .conflict, "order-has-payment",
            "that part of \(order.number) cannot be cancelled: \(amount) captured for it are not "
                + "refunded",
            why: "money is never refunded silently, and never kept silently",
            try: [
                "shopctl payment refund \(order.number) --amount \(amount.decimalText)",
                "shopctl order cancel \(order.number) \(items) --refund",
            ], details: [.init("refund", amount.decimalText)])
    }
}
