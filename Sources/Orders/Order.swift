import Formats
package import Primitives

/// What a customer bought, at the prices of that moment, and how far it has come.
///
/// Three independent states. `status` is stored:
/// ```
///   draft ──place──▶ placed ──ship, and paid in full──▶ completed
///     │                │ └──────────expire──▶ expired
///     └────cancel──────┴──────────────cancel──▶ cancelled
/// ```
/// `payment` and `fulfillment` are derived, the one from the money captured and refunded, the
/// other from the shipments. Lines keep name, price and tax as they were at placement.
package struct Order: Sendable, Equatable {
    package internal(set) var number: OrderNumber
    package internal(set) var customer: EmailAddress
    package internal(set) var status: OrderStatus
    package internal(set) var currency: Currency
    package internal(set) var lines: [LineItem]
    /// Sum of the lines' totals.
    package internal(set) var subtotal: Money
    package internal(set) var shipping: Money
    package internal(set) var tax: Money
    /// Subtotal plus shipping plus tax (I3).
    package internal(set) var total: Money
    /// Captured and refunded over all payments of the order (I4).
    package internal(set) var captured: Money
    package internal(set) var refunded: Money
    /// The caller's own name for the order.
    package internal(set) var reference: String?
    package internal(set) var shipments: [Shipment]
    package internal(set) var createdBy: String
    package internal(set) var createdAt: Timestamp
    package internal(set) var placedAt: Timestamp?
    package internal(set) var completedAt: Timestamp?
    package internal(set) var cancelledAt: Timestamp?
    package internal(set) var cancelReason: String?
    var unknown = UnknownMembers()

    /// A draft of the lines given.
    ///
    /// - Throws: `order-empty` (64), `currency-mismatch`, `amount-overflow` (6).
    package init(
        _ number: OrderNumber, customer: EmailAddress, lines: [LineItem], shipping: Money,
        reference: String?, by: String, at time: Timestamp
    ) throws(ShopError) {
        guard let first = lines.first else { throw .orderEmpty }
        guard !shipping.isNegative else { throw .negativeShipping(shipping) }
        currency = first.unitPrice.currency
        var subtotal = Money.zero(currency)
        var tax = Money.zero(currency)
        for line in lines {
            subtotal = try subtotal.adding(line.total)
            tax = try tax.adding(line.tax)
        }
        self.number = number
        self.customer = customer
        self.lines = lines
        self.subtotal = subtotal
        self.shipping = shipping
        self.tax = tax
        self.reference = reference
        total = try subtotal.adding(shipping).adding(tax)
        guard total.minorUnits <= Money.mostStored else { throw .amountOverflow(currency) }
        captured = .zero(currency)
        refunded = .zero(currency)
        status = .draft
        shipments = []
        createdBy = by
        createdAt = time
    }

    // MARK: - Queries

    /// Units of each SKU over all lines, in the order the SKUs first appear.
    package var quantities: [(sku: SKU, count: Int64)] {
        var sums: [(sku: SKU, count: Int64)] = []
        for line in lines {
            if let index = sums.firstIndex(where: { $0.sku == line.sku }) {
                sums[index].count += line.quantity
            } else {
                sums.append((line.sku, line.quantity))
            }
        }
        return sums
    }

    /// Units of each SKU that are promised and not shipped yet.
    package var unshipped: [(sku: SKU, count: Int64)] {
        guard status == .placed else { return [] }
        let shipped = shippedCounts
        return quantities.compactMap { sku, count in
            let rest = count - (shipped[sku] ?? 0)
            return rest > 0 ? (sku, rest) : nil
        }
    }

    private var shippedCounts: [SKU: Int64] {
        var counts: [SKU: Int64] = [:]
        for line in shipments.flatMap(\.lines) { counts[line.sku, default: 0] += line.count }
        return counts
    }

    package var units: Int64 { lines.reduce(0) { $0 + $1.quantity } }

    /// Captured and not refunded: what the shop holds for this order.
    package var paid: Money {
        Money(minorUnits: captured.minorUnits - refunded.minorUnits, currency)
    }

    /// What is still to be captured; never below zero.
    package var due: Money {
        guard status == .placed || status == .completed else { return .zero(currency) }
        return Money(minorUnits: max(0, total.minorUnits - captured.minorUnits), currency)
    }

    package var payment: OrderPayment {
        if captured.isZero { return total.isZero && status != .draft ? .captured : .unpaid }
        if refunded == captured { return .refunded }
        if !refunded.isZero { return .partiallyRefunded }
        if captured < total { return .partiallyCaptured }
        return captured == total ? .captured : .overcaptured
    }

    package var fulfillment: OrderFulfillment {
        let shipped = shipments.reduce(0) { $0 + $1.lines.reduce(0) { $0 + $1.count } }
        if shipped == 0 { return .unfulfilled }
        return shipped < units ? .partiallyShipped : .shipped
    }

    // MARK: - Events

    /// The order becomes binding; its units have just been reserved.
    package mutating func place(at time: Timestamp) throws(ShopError) {
        guard status == .draft else { throw .notPossible("placed", self) }
        status = .placed
        placedAt = time
    }

    /// Everything not shipped yet leaves the shop.
    ///
    /// - Returns: what was shipped.
    /// - Throws: `order-not-shippable` (5).
    package mutating func ship(
        carrier: String?, tracking: String?, by: String, at time: Timestamp
    ) throws(ShopError) -> Shipment {
        let rest = unshipped
        guard status == .placed, !rest.isEmpty else { throw .notShippable(self) }
        let shipment = Shipment(
            number: shipments.count + 1, at: time, by: by, carrier: carrier, tracking: tracking,
            lines: rest.map { Shipment.Line(sku: $0.sku, count: $0.count) })
        shipments.append(shipment)
        completeIfDone(at: time)
        return shipment
    }

    /// The order is off; what it had reserved is to be released.
    ///
    /// - Throws: `order-has-payment` (5) while captured money is not refunded,
    ///   `order-not-cancellable` (5) after shipping.
    package mutating func cancel(reason: String?, at time: Timestamp) throws(ShopError) {
        guard status == .placed || status == .draft else { throw .notCancellable(self) }
        guard shipments.isEmpty else { throw .notCancellable(self) }
        guard paid.isZero else { throw .hasPayment(self) }
        status = .cancelled
        cancelledAt = time
        cancelReason = reason
    }

    /// Money was captured for this order.
    ///
    /// - Throws: `order-not-payable` (5), `over-capture`, `amount-not-positive` (6).
    package mutating func capture(_ amount: Money, at time: Timestamp) throws(ShopError) {
        guard status == .placed || status == .completed else { throw .notPayable(self) }
        guard amount.minorUnits > 0 else { throw .notAboveZero(amount, self) }
        let sum = try captured.adding(amount)
        guard sum <= total else { throw .overCapture(self, amount) }
        captured = sum
        completeIfDone(at: time)
    }

    /// Captured money was given back.
    ///
    /// - Throws: `over-refund`, `amount-not-positive` (6).
    package mutating func refund(_ amount: Money) throws(ShopError) {
        guard amount.minorUnits > 0 else { throw .notAboveZero(amount, self) }
        let sum = try refunded.adding(amount)
        guard sum <= captured else { throw .overRefundOfOrder(self, amount) }
        refunded = sum
    }

    private mutating func completeIfDone(at time: Timestamp) {
        guard status == .placed, fulfillment == .shipped, captured >= total else { return }
        status = .completed
        completedAt = time
    }
}

package enum OrderStatus: String, Sendable, CaseIterable {
    case draft, placed, completed, cancelled, expired
}

/// How far an order is paid, derived from the money captured and refunded.
package enum OrderPayment: String, Sendable, CaseIterable {
    case unpaid, partiallyCaptured, captured, overcaptured, partiallyRefunded, refunded
}

/// How far an order is shipped, derived from its shipments.
package enum OrderFulfillment: String, Sendable, CaseIterable {
    case unfulfilled, partiallyShipped, shipped
}

// MARK: - Errors

extension ShopError {
    static var orderEmpty: ShopError {
        ShopError(
            .usage, "order-empty", "an order needs at least one item", at: "--item",
            try: ["--item MUG-1=2"])
    }

    static func negativeShipping(_ amount: Money) -> ShopError {
        ShopError(.refused, "negative-shipping", "shipping cannot cost \(amount)", at: "--shipping")
    }

    static func notPossible(_ event: String, _ order: Order) -> ShopError {
        ShopError(
            .conflict, "order-not-\(event)",
            "\(order.number) cannot be \(event): it is \(order.status.rawValue)",
            try: ["shopctl order show \(order.number)"])
    }

    static func notShippable(_ order: Order) -> ShopError {
        let state = order.fulfillment == .shipped ? "shipped already" : order.status.rawValue
        return ShopError(
            .conflict, "order-not-shippable", "\(order.number) cannot be shipped: it is \(state)",
            why: "only a placed order with units to ship can be shipped",
            try: ["shopctl order show \(order.number)"])
    }

    static func notCancellable(_ order: Order) -> ShopError {
        let state = order.shipments.isEmpty ? order.status.rawValue : "shipped"
        return ShopError(
            .conflict, "order-not-cancellable",
            "\(order.number) cannot be cancelled: it is \(state)",
            why: "what has left the shop is refunded, not cancelled",
            try: ["shopctl payment list --order \(order.number)"])
    }

    static func hasPayment(_ order: Order) -> ShopError {
        ShopError(
            .conflict, "order-has-payment",
            "\(order.number) cannot be cancelled: \(order.paid) captured are not refunded",
            why: "money is never refunded silently, and never kept silently",
            try: [
                "shopctl payment refund \(order.number) --full",
                "shopctl order cancel \(order.number) --refund",
            ], details: [.init("paid", order.paid.decimalText)])
    }

    static func notPayable(_ order: Order) -> ShopError {
        ShopError(
            .conflict, "order-not-payable",
            "no money can be captured for \(order.number): it is \(order.status.rawValue)",
            try: ["shopctl order show \(order.number)"])
    }

    static func notAboveZero(_ amount: Money, _ order: Order) -> ShopError {
        ShopError(
            .refused, "amount-not-positive",
            "\(amount) cannot be captured or refunded for \(order.number)",
            at: "--amount", why: "an amount of money to move is above zero",
            try: ["--amount 12.99"])
    }

    static func overCapture(_ order: Order, _ amount: Money) -> ShopError {
        var suggestions: [String] = []
        if !order.due.isZero {
            suggestions = [
                "shopctl payment capture \(order.number) --amount \(order.due.decimalText)"
                    + " --method cash"
            ]
        }
        return ShopError(
            .refused, "over-capture",
            "\(amount) is more than what is due on \(order.number): \(order.due) of \(order.total)",
            at: "--amount", try: suggestions,
            details: [
                .init("due", order.due.decimalText), .init("captured", order.captured.decimalText),
            ])
    }

    static func overRefundOfOrder(_ order: Order, _ amount: Money) -> ShopError {
        ShopError(
            .refused, "over-refund",
            "a refund of \(amount) is more than what is left of \(order.number): captured "
                + "\(order.captured), refunded \(order.refunded)",
            at: "--amount",
            try: order.paid.isZero ? [] : ["shopctl payment refund \(order.number) --full"])
    }
}
