import Formats
package import Primitives

/// One line of an order: what, how many, at which price, as it was when the order was placed.
package struct LineItem: Sendable, Equatable {
    package let sku: SKU
    package let name: String
    package let quantity: Int64
    package let unitPrice: Money
    /// Tax on the whole line, or within its price where prices include tax.
    package internal(set) var tax: Money
    /// Unit price times quantity.
    package let total: Money
    /// Its shares in the discounts and taxes of its order.
    var shares: Shares?
    var unknown = UnknownMembers()

    /// - Throws: `amount-overflow` (6), `negative-price` (6).
    package init(
        _ sku: SKU, named name: String, _ quantity: Quantity, at unitPrice: Money
    ) throws(ShopError) {
        guard !unitPrice.isNegative else { throw .negativeUnitPrice(sku, unitPrice) }
        self.sku = sku
        self.name = name
        self.quantity = quantity.count
        self.unitPrice = unitPrice
        tax = .zero(unitPrice.currency)
        total = try unitPrice.multiplied(by: quantity.count)
    }

    package struct Shares: Sendable, Equatable {
        package var discounts: [PriceShare] = []
        package var taxes: [PriceShare] = []

        package init(discounts: [PriceShare], taxes: [PriceShare]) {
            self.discounts = discounts
            self.taxes = taxes
        }

        var isEmpty: Bool { discounts.isEmpty && taxes.isEmpty }
    }

    package var discounts: [PriceShare] { shares?.discounts ?? [] }
    package var taxes: [PriceShare] { shares?.taxes ?? [] }

    /// What is taken off the whole line.
    package var discount: Money { Money(minorUnits: discounts.sum, unitPrice.currency) }

    package func named(_ name: String) -> LineItem {
        LineItem(
            stored: sku, name: name, quantity: quantity, unitPrice: unitPrice, tax: tax,
            total: total, shares: shares, unknown: unknown)
    }

    /// The same line with the tax on it.
    package func taxed(_ tax: Money) -> LineItem {
        LineItem(
            stored: sku, name: name, quantity: quantity, unitPrice: unitPrice, tax: tax,
            total: total, shares: shares, unknown: unknown)
    }

    /// The same line with its shares in what is taken off its order, and in its taxes.
    package func sharing(_ shares: Shares) -> LineItem {
        var line = self
        line.shares = shares.isEmpty ? nil : shares
        if !shares.taxes.isEmpty { line.tax = Money(minorUnits: shares.taxes.sum, tax.currency) }
        return line
    }

    /// The tax on `count` of its units; over all of them it comes to that of the line.
    func tax(on count: Int64) throws(ShopError) -> Money {
        tax.isZero ? tax : try tax.split(by: [count, quantity - count])[0]
    }

    /// What is taken off `count` of its units; over all of them, off the line.
    ///
    /// What is left of the price is what is split, not each discount: several of them rounded up
    /// on one unit could be more than it costs.
    func discount(on count: Int64) throws(ShopError) -> Money {
        let discount = discount
        guard !discount.isZero else { return discount }
        let kept = try total.subtracting(discount).split(by: [count, quantity - count])[0]
        return try unitPrice.multiplied(by: count).subtracting(kept)
    }

    /// What the customer pays for `count` of its units; over all of them, for the line.
    func cost(of count: Int64, includesTax: Bool) throws(ShopError) -> Money {
        let net = try unitPrice.multiplied(by: count).subtracting(discount(on: count))
        return includesTax ? net : try net.adding(tax(on: count))
    }

    /// The same line with so many units fewer, at least one of them left.
    func without(_ count: Int64) throws(ShopError) -> LineItem {
        guard count > 0 else { return self }
        let off = try tax(on: count)
        var left = shares
        if let shares {
            left = Shares(
                discounts: try shares.discounts.without(discount(on: count)),
                taxes: shares.taxes.isEmpty ? [] : try shares.taxes.without(off))
        }
        return LineItem(
            stored: sku, name: name, quantity: quantity - count, unitPrice: unitPrice,
            tax: try tax.subtracting(off),
            total: try unitPrice.multiplied(by: quantity - count), shares: left, unknown: unknown)
    }

    init(
        stored sku: SKU, name: String, quantity: Int64, unitPrice: Money, tax: Money, total: Money,
        shares: Shares? = nil, unknown: UnknownMembers
    ) {
        self.sku = sku
        self.name = name
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.tax = tax
        self.total = total
        self.shares = shares
        self.unknown = unknown
    }
}

extension ShopError {
    static func negativeUnitPrice(_ sku: SKU, _ price: Money) -> ShopError {
        ShopError(.refused, "negative-price", "\(sku) cannot be sold at \(price)", at: "--item")
    }
}
