import Formats
package import Primitives

/// What a customer bought, at the prices of that moment, and how far it has come.
///
/// Three independent states. `status` is stored:
/// ```
///   draft ──place──▶ placed ──ship, and paid in full──▶ completed
///     │                │ ▲                                    │
///     │                │ └──exchange, or its payment undone──┘
///     │                │ └──────────expire──▶ expired
///     └────cancel──────┴──────────────cancel──▶ cancelled
/// ```
/// `payment` and `fulfillment` are derived, the one from the money captured and refunded, the
/// other from shipments and returns. Lines keep name, price and tax as they were at placement.
package struct Order: Sendable, Equatable {
    package internal(set) var number: OrderNumber
    package internal(set) var customer: EmailAddress
    package internal(set) var status: OrderStatus
    package internal(set) var currency: Currency
    package internal(set) var lines: [LineItem]
    /// Sum of the lines' totals.
    package internal(set) var subtotal: Money
    /// Sum of what is taken off the lines.
    package internal(set) var discount: Money
    package internal(set) var shipping: Money
    /// On lines and shipping; within them where prices include tax.
    package internal(set) var tax: Money
    /// Subtotal less discount plus shipping, plus tax where prices do not include it (I3).
    package internal(set) var total: Money
    /// Captured and refunded over all payments of the order (I4).
    package internal(set) var captured: Money
    package internal(set) var refunded: Money
    /// What its payments come to besides.
    package var holds = OrderHolds()
    /// How it came to its prices, where there is more to them than products, shipping and tax.
    package internal(set) var pricing: OrderPricing?
    /// The caller's own name for the order.
    package internal(set) var reference: String?
    /// Where its units are reserved and leave from; nil is `main`.
    package var location: LocationName?
    package internal(set) var shipments: [Shipment]
    package internal(set) var returns: [OrderReturn] = []
    /// What was changed of the lines after the order was placed; never altered or removed.
    package internal(set) var changes: [OrderChange] = []
    /// How far refunds gave back what was changed or returned.
    package internal(set) var credits: [OrderCredit] = []
    package internal(set) var createdBy: String
    package internal(set) var createdAt: Timestamp
    package internal(set) var placedAt: Timestamp?
    package internal(set) var completedAt: Timestamp?
    package internal(set) var cancelledAt: Timestamp?
    package internal(set) var cancelReason: String?
    package internal(set) var expiredAt: Timestamp?
    package var details = OrderDetails()
    var unknown = UnknownMembers()

    /// A draft of the lines given.
    ///
    /// - Throws: `order-empty` (64), `currency-mismatch`, `amount-overflow` (6).
    package init(
        _ number: OrderNumber, customer: EmailAddress, lines: [LineItem], shipping: Money,
        pricing: OrderPricing? = nil, reference: String?, by: String, at time: Timestamp
    ) throws(ShopError) {
        guard let first = lines.first else { throw .orderEmpty }
        guard !shipping.isNegative else { throw .negativeShipping(shipping) }
        currency = first.unitPrice.currency
        self.number = number
        self.customer = customer
        self.lines = []
        subtotal = .zero(currency)
        discount = subtotal
        self.shipping = shipping
        tax = .zero(currency)
        self.pricing = pricing
        self.reference = reference
        total = .zero(currency)
        captured = .zero(currency)
        refunded = .zero(currency)
        status = .draft
        shipments = []
        createdBy = by
        createdAt = time
        try setLines(lines, shipping: shipping)
    }

    /// Gives the order these lines, and the totals that they come to (I3).
    ///
    /// - Throws: `currency-mismatch`, `amount-overflow` (6).
    mutating func setLines(_ lines: [LineItem], shipping: Money) throws(ShopError) {
        var subtotal = Money.zero(currency)
        var tax = Money.zero(currency)
        // By position: a loop over the lines would copy each.
        for index in lines.indices {
            subtotal = try subtotal.adding(lines[index].total)
            tax = try tax.adding(lines[index].tax)
        }
        var discount = Money.zero(currency)
        if var pricing {
            if shipping != self.shipping, !pricing.shippingTaxes.isEmpty {
                pricing.shippingTaxes = try pricing.shippingTaxes(on: shipping)
            }
            pricing.sumUp(lines)
            discount = Money(
                minorUnits: pricing.discounts.reduce(0) { $0 &+ $1.amount }, currency)
            tax = try tax.adding(Money(minorUnits: pricing.shippingTaxes.sum, currency))
            self.pricing = pricing
        }
        let net = try subtotal.subtracting(discount).adding(shipping)
        let total = includesTax ? net : try net.adding(tax)
        guard total.minorUnits <= Money.mostStored else { throw .amountOverflow(currency) }
        self.lines = lines
        self.subtotal = subtotal
        self.discount = discount
        self.shipping = shipping
        self.tax = tax
        self.total = total
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

    package var units: Int64 { lines.indices.reduce(0) { $0 + lines[$1].quantity } }

    /// Captured and not refunded: what the shop holds for this order.
    package var paid: Money {
        Money(minorUnits: captured.minorUnits - refunded.minorUnits, currency)
    }

    // MARK: - Events

    /// The order becomes binding; its units have just been reserved.
    package mutating func place(by: String? = nil, at time: Timestamp) throws(ShopError) {
        guard status == .draft else { throw .notPossible("placed", self) }
        status = .placed
        placedAt = time
        details.placedBy = by == createdBy ? nil : by
    }

    /// The order is off; what it had reserved is to be released.
    ///
    /// - Throws: `order-has-payment` (5) while captured money is not refunded,
    ///   `order-not-cancellable` (5) after shipping.
    package mutating func cancel(
        reason: String?, by: String? = nil, at time: Timestamp
    ) throws(ShopError) {
        guard status == .placed || status == .draft else { throw .notCancellable(self) }
        guard shipments.isEmpty else { throw .notCancellable(self) }
        guard paid.isZero else { throw .hasPayment(self) }
        guard holds.isSettled else { throw .hasHold(self) }
        status = .cancelled
        cancelledAt = time
        cancelReason = reason
        details.cancelledBy = by
        noteCredit(at: time)
    }

    /// Money was captured for this order.
    ///
    /// - Throws: `order-not-payable`, `payment-unknown` (5), `over-capture`,
    ///   `amount-not-positive` (6).
    package mutating func capture(_ amount: Money, at time: Timestamp) throws(ShopError) {
        try checkPayable(amount)
        _ = try captured.adding(amount)
        guard amount <= due else { throw .overCapture(self, amount) }
        try receive(amount, at: time)
    }

    /// Captured money was given back.
    ///
    /// - Throws: `over-refund`, `amount-not-positive` (6).
    package mutating func refund(_ amount: Money, at time: Timestamp) throws(ShopError) {
        guard amount.minorUnits > 0 else { throw .notAboveZero(amount, self) }
        let sum = try refunded.adding(amount)
        guard sum <= captured else { throw .overRefundOfOrder(self, amount) }
        refunded = sum
        noteCredit(at: time)
    }

    mutating func completeIfDone(at time: Timestamp) {
        guard status == .placed, hasLeft, due.isZero else { return }
        status = .completed
        completedAt = time
    }
}

package enum OrderStatus: String, Sendable, CaseIterable {
    case draft, placed, completed, cancelled, expired
}
