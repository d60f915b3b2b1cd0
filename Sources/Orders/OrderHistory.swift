package import Primitives

/// An order as another system or an export remembers it: what `Order` is made from that this shop
/// never saw happen.
package struct OrderHistory: Sendable {
    package var customer: EmailAddress
    package var status: OrderStatus
    package var lines: [LineItem]
    package var shipping: Money?
    package var pricing: OrderPricing?
    /// Tax of the whole order, to be spread over lines that state none.
    package var tax: Money?
    /// The total as it is remembered; nil: whatever the parts add up to.
    package var total: Money?
    package var captured: Money?
    package var refunded: Money?
    /// Whether a provider took some of it: that may be more than was due.
    package var isTakenByProvider = false
    package var reference: String?
    /// Where its units are; nil is `main`.
    package var location: LocationName?
    /// nil: a completed order was shipped whole, any other not at all.
    package var shipments: [Shipment]?
    package var returns: [OrderReturn] = []
    package var changes: [OrderChange] = []
    package var credits: [OrderCredit] = []
    package var createdBy: String?
    package var createdAt: Timestamp?
    package var placedAt: Timestamp?
    package var completedAt: Timestamp?
    package var cancelledAt: Timestamp?
    package var cancelReason: String?
    package var expiredAt: Timestamp?
    package var details = OrderDetails()

    package init(customer: EmailAddress, status: OrderStatus) {
        self.customer = customer
        self.status = status
        lines = []
    }

    /// When the order was placed or, where it never was, made.
    package var time: Timestamp? { placedAt ?? createdAt }

    /// Lines, each with its part of the order's tax (largest remainder).
    fileprivate func taxedLines() throws(ShopError) -> [LineItem] {
        guard pricing == nil, let tax, !tax.isZero,
            lines.indices.allSatisfy({ lines[$0].tax.isZero })
        else {
            return lines
        }
        guard !tax.isNegative else { throw .impossibleHistory("tax cannot be \(tax)") }
        var weights = lines.indices.map { lines[$0].total.minorUnits }
        if weights.allSatisfy({ $0 == 0 }) { weights[0] = 1 }
        let parts = try tax.split(by: weights)
        var taxed = lines
        for index in taxed.indices { taxed[index].tax = parts[index] }
        return taxed
    }
}

extension Order {
    /// The order that a history tells of.
    ///
    /// - Parameters:
    ///   - by: who takes it in; stands for whoever the history does not name.
    ///   - now: stands for times that the history does not say.
    /// - Throws: `total-mismatch`, `impossible-history` (65), and what `init` refuses.
    package init(
        _ number: OrderNumber, _ history: OrderHistory, by: String, at now: Timestamp
    ) throws(ShopError) {
        let lines = try history.taxedLines()
        guard let currency = lines.first?.unitPrice.currency else { throw .orderEmpty }
        try self.init(
            number, customer: history.customer, lines: lines,
            shipping: history.shipping ?? .zero(currency), pricing: history.pricing,
            reference: history.reference,
            by: history.createdBy ?? by, at: history.createdAt ?? history.placedAt ?? now)
        if pricing != history.pricing {
            throw .impossibleHistory("its lines' shares do not add up to its discounts and taxes")
        }
        if let problem = priceProblems().first { throw .impossibleHistory(problem) }
        if let tax = history.tax, tax != self.tax {
            throw .impossibleHistory("the lines' taxes add up to \(self.tax), not \(tax)")
        }
        if let stated = history.total, stated != total { throw .totalMismatch(self, stated) }
        location = history.location
        status = history.status
        placedAt = history.placedAt
        captured = history.captured ?? .zero(currency)
        refunded = history.refunded ?? .zero(currency)
        if status == .completed {
            completedAt = history.completedAt ?? history.placedAt
        }
        if status == .cancelled {
            cancelledAt = history.cancelledAt ?? history.placedAt ?? createdAt
            cancelReason = history.cancelReason
        }
        if status == .expired { expiredAt = history.expiredAt }
        shipments = history.shipments ?? []
        returns = history.returns
        changes = history.changes
        credits = history.credits
        details = history.details
        if history.shipments == nil, status == .completed {
            shipments = [
                Shipment(
                    number: 1, at: completedAt ?? createdAt, by: createdBy, carrier: nil,
                    tracking: nil, lines: quantities.map { Shipment.Line(sku: $0, count: $1) })
            ]
        }
        try checkHistory(
            ofShipments: history.shipments != nil, byProvider: history.isTakenByProvider)
    }

    /// Refuses what could not have happened.
    ///
    /// - Parameter told: whether the history says what was shipped.
    private func checkHistory(
        ofShipments told: Bool, byProvider isTakenByProvider: Bool
    ) throws(ShopError) {
        let isBinding = status == .placed || status == .completed
        if isBinding, placedAt == nil {
            throw .impossibleHistory("an order that is \(status.rawValue) has a time of placing")
        }
        if status == .draft, placedAt != nil {
            throw .impossibleHistory("a draft was not placed")
        }
        guard !captured.isNegative, !refunded.isNegative else {
            throw .impossibleHistory("captured and refunded are amounts from 0 up")
        }
        // What was taken off the order, or captured by mistake, was captured beyond the total.
        let taken = changes.reduce(credited.minorUnits) { $0 &+ max(0, 0 &- $1.amount) }
        guard isTakenByProvider || captured.minorUnits - total.minorUnits <= taken else {
            throw .impossibleHistory("captured \(captured) is more than the total, \(total)")
        }
        guard refunded <= captured else {
            throw .impossibleHistory("refunded \(refunded) is more than was captured, \(captured)")
        }
        if !isBinding, captured != refunded {
            throw .impossibleHistory(
                "captured \(captured) of an order that is \(status.rawValue) is not refunded")
        }
        // What the history leaves open was shipped whole or not at all, which fits.
        if told || !returns.isEmpty, let problem = unitProblems().first {
            throw .impossibleHistory(problem)
        }
        guard credited <= refunded else {
            throw .impossibleHistory("credited \(credited) is more than was refunded, \(refunded)")
        }
        guard changes.isEmpty || placedAt != nil else {
            throw .impossibleHistory("a draft has no changes")
        }
        guard told, !shipments.isEmpty else { return }
        guard isBinding else {
            throw .impossibleHistory("an order that is \(status.rawValue) was not shipped")
        }
        var left: [SKU: Int64] = [:]
        for (sku, count) in quantities { left[sku] = count }
        for line in shipments.flatMap(\.lines) {
            guard line.count > 0, line.count <= left[line.sku] ?? 0 else {
                throw .impossibleHistory("more of \(line.sku) was shipped than ordered")
            }
            left[line.sku, default: 0] -= line.count
        }
    }

    /// Whether a history says of an order what is known of it already.
    package func saysTheSame(as other: Order) -> Bool {
        customer == other.customer && status == other.status && total == other.total
            && shipping == other.shipping && tax == other.tax
            && pricing == other.pricing && captured == other.captured
            && refunded == other.refunded && placedAt == other.placedAt
            && lines.count == other.lines.count && location == other.location
            && zip(lines, other.lines).allSatisfy { mine, theirs in
                mine.sku == theirs.sku && mine.name == theirs.name
                    && mine.quantity == theirs.quantity && mine.unitPrice == theirs.unitPrice
            }
    }
}

// MARK: - Errors

extension ShopError {
    static func totalMismatch(_ order: Order, _ stated: Money) -> ShopError {
        ShopError(
            .data, "total-mismatch",
            "the total is \(stated), and its parts add up to \(order.total)", at: "total",
            why: "lines \(order.subtotal), shipping \(order.shipping), tax \(order.tax)",
            details: [
                .init("stated", stated.decimalText), .init("computed", order.total.decimalText),
            ])
    }

    package static func impossibleHistory(_ fact: String) -> ShopError {
        ShopError(.data, "impossible-history", fact)
    }
}
