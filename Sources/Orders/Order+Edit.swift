package import Primitives

/// What is changed of an order's lines and shipping: freely of a draft, and of a placed order as
/// far as it has not left.
///
/// ```
///   draft ──edit──▶ draft
///   placed ──edit──▶ placed, or completed if all of the rest has left and is paid
///   placed, completed ──exchange──▶ placed, with new units to ship
/// ```
/// Units that are put on stand in lines of their own behind the others, at the price of today;
/// those that are taken off go from the last line on. So what left before is not touched by either.
extension Order {
    // MARK: - Queries

    /// What is to be put on and taken off for the order to have so many of each SKU.
    package func difference(
        to wanted: [UnitCount]
    ) throws(ShopError) -> (more: [UnitCount], less: [UnitCount]) {
        var (more, less): ([UnitCount], [UnitCount]) = ([], [])
        for unit in try UnitCount.summed(wanted) {
            let now = quantities.first { $0.sku == unit.sku }?.count ?? 0
            if unit.count > now { more.append(UnitCount(sku: unit.sku, count: unit.count - now)) }
            if unit.count < now { less.append(UnitCount(sku: unit.sku, count: now - unit.count)) }
        }
        return (more, less)
    }

    /// What is to be refunded before the order can be edited so.
    package func refundDue(
        adding more: [LineItem], removing less: [UnitCount], shipping: Money?
    ) throws(ShopError) -> Money {
        refundDue(of: try edited(adding: more, removing: less, shipping: shipping))
    }

    /// The order with these lines more and these units fewer.
    private func edited(
        adding more: [LineItem], removing less: [UnitCount], shipping: Money?
    ) throws(ShopError) -> Order {
        guard isEditable else { throw .notEditable(self) }
        if let shipping, shipping.isNegative { throw .negativeShipping(shipping) }
        let (shipped, ordered) = (shippedCounts, quantities)
        try check(less) { (unit) in
            let count = ordered.first { $0.sku == unit.sku }?.count ?? 0
            let out = shipped[unit.sku] ?? 0
            return count - unit.count < out ? .belowShipped(unit.sku, out, self) : nil
        }
        let lines = try lines(without: less) + more
        guard !lines.isEmpty else { throw .nothingLeft(self) }
        var order = self
        try order.setLines(lines, shipping: shipping ?? self.shipping)
        return order
    }

    /// The lines with these units fewer, taken from the last line on.
    func lines(without units: [UnitCount]) throws(ShopError) -> [LineItem] {
        var off: [SKU: Int64] = [:]
        for unit in units { off[unit.sku, default: 0] += unit.count }
        var left: [LineItem] = []
        for line in lines.reversed() {
            let part = min(off[line.sku] ?? 0, line.quantity)
            off[line.sku, default: 0] -= part
            if part < line.quantity { left.append(try line.without(part)) }
        }
        return left.reversed()
    }

    /// Whether its lines may still change.
    package var isEditable: Bool { status == .draft || status == .placed }

    // MARK: - Events

    /// Says anew whom the order is for, or what the caller calls it.
    ///
    /// - Throws: `order-not-editable`, `customer-fixed` (5).
    package mutating func rename(
        customer: EmailAddress?, reference: String?
    ) throws(ShopError) {
        guard customer != nil || reference != nil else { return }
        guard isEditable else { throw .notEditable(self) }
        guard customer ?? self.customer == self.customer || status == .draft else {
            throw .customerFixed(self)
        }
        self.customer = customer ?? self.customer
        if let reference { self.reference = reference.isEmpty ? nil : reference }
    }

    /// The customer turned out to be another one, who is known by an account.
    package mutating func reassign(to customer: EmailAddress) { self.customer = customer }

    /// Units are put on the order and taken off it, or its shipping changes; its total follows.
    ///
    /// A draft keeps no account of what it was before.
    ///
    /// - Throws: `order-not-editable`, `order-has-payment` (5), `not-on-order`, `below-shipped`,
    ///   `nothing-left-of-order`, `negative-shipping` (6).
    package mutating func edit(
        adding more: [LineItem], removing less: [UnitCount], shipping: Money?, reason: String?,
        by: String, at time: Timestamp
    ) throws(ShopError) -> OrderChange {
        let edited = try edited(adding: more, removing: less, shipping: shipping)
        let refund = refundDue(of: edited)
        guard refund.isZero else { throw .hasPaymentForEdit(self, edited, refund) }
        let change = OrderChange(
            at: time, by: by, kind: .edit, reason: reason,
            lines: try UnitCount.summed(more.map(\.units))
                + less.map { UnitCount(sku: $0.sku, count: -$0.count) },
            amount: edited.total.minorUnits - total.minorUnits)
        try setLines(edited.lines, shipping: edited.shipping)
        guard status == .placed else { return change }
        changes.append(change)
        noteCredit(at: time)
        completeIfDone(at: time)
        return change
    }

    /// Units come back and others are to leave in their place; the order is open again.
    ///
    /// What the customer owes changes once, by the difference: an even exchange leaves nothing due
    /// and nothing to be refunded.
    ///
    /// - Throws: `order-empty` (64), `order-not-returnable` (5), `not-on-order`, `over-return` (6).
    package mutating func exchange(
        _ units: [UnitCount], _ outcome: OrderReturn.Outcome, for more: [LineItem],
        reason: String?, earlier: [SKU: Int64] = [:], by: String, at time: Timestamp
    ) throws(ShopError) -> (back: OrderReturn, change: OrderChange) {
        guard !more.isEmpty else { throw .orderEmpty }
        var order = self
        let back = try order.addReturn(
            units, outcome, reason: reason, earlier: earlier, isOfRefund: false, by: by, at: time)
        try order.setLines(lines + more, shipping: shipping)
        let change = OrderChange(
            at: time, by: by, kind: .exchange, reason: reason,
            lines: try UnitCount.summed(more.map(\.units)),
            amount: order.total.minorUnits - total.minorUnits)
        order.changes.append(change)
        order.status = .placed
        order.completedAt = nil
        order.noteCredit(at: time)
        self = order
        return (back, change)
    }
}

extension LineItem {
    package var units: UnitCount { UnitCount(sku: sku, count: quantity) }
}

// MARK: - Errors

extension ShopError {
    static func notEditable(_ order: Order) -> ShopError {
        ShopError(
            .conflict, "order-not-editable",
            "\(order.number) cannot be edited: it is \(order.status.rawValue)",
            why: order.status == .completed
                ? "what has left comes back as a return, or is exchanged" : nil,
            try: order.status == .completed
                ? ["shopctl help order exchange"] : ["shopctl order show \(order.number)"])
    }

    static func customerFixed(_ order: Order) -> ShopError {
        ShopError(
            .conflict, "customer-fixed",
            "\(order.number) stays with \(order.customer): it is \(order.status.rawValue)",
            at: "--customer", why: "only a draft can still be for somebody else",
            try: ["shopctl order cancel \(order.number)"])
    }

    static func belowShipped(_ sku: SKU, _ out: Int64, _ order: Order) -> ShopError {
        ShopError(
            .refused, "below-shipped",
            "\(order.number) cannot have fewer than \(out) of \(sku): so many have left",
            at: sku.text, why: "what has left comes back as a return",
            try: ["shopctl order show \(order.number)"],
            details: [.init("sku", sku.text), .init("shipped", String(out))])
    }

    static func hasPaymentForEdit(_ order: Order, _ edited: Order, _ amount: Money) -> ShopError {
        ShopError(
            .conflict, "order-has-payment",
            "\(order.number) cannot come to \(edited.total): \(amount) captured beyond that are "
                + "not refunded",
            why: "money is never refunded silently, and never kept silently",
            try: ["shopctl payment refund \(order.number) --amount \(amount.decimalText)"],
            details: [.init("refund", amount.decimalText)])
    }
}
