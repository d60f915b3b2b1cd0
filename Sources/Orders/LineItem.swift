import Formats
package import Primitives

/// One line of an order: what, how many, at which price, as it was when the order was placed.
package struct LineItem: Sendable, Equatable {
    package let sku: SKU
    package let name: String
    package let quantity: Int64
    package let unitPrice: Money
    /// Tax on the whole line.
    package internal(set) var tax: Money
    /// Unit price times quantity.
    package let total: Money
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

    package func named(_ name: String) -> LineItem {
        LineItem(
            stored: sku, name: name, quantity: quantity, unitPrice: unitPrice, tax: tax,
            total: total, unknown: unknown)
    }

    /// The same line with the tax on it.
    package func taxed(_ tax: Money) -> LineItem {
        LineItem(
            stored: sku, name: name, quantity: quantity, unitPrice: unitPrice, tax: tax,
            total: total, unknown: unknown)
    }

    /// The tax on `count` of its units; over all of them it comes to that of the line.
    func tax(on count: Int64) throws(ShopError) -> Money {
        tax.isZero ? tax : try tax.split(by: [count, quantity - count])[0]
    }

    /// The same line with so many units fewer, at least one of them left.
    func without(_ count: Int64) throws(ShopError) -> LineItem {
        guard count > 0 else { return self }
        return LineItem(
            stored: sku, name: name, quantity: quantity - count, unitPrice: unitPrice,
            tax: try tax.subtracting(tax(on: count)),
            total: try unitPrice.multiplied(by: quantity - count), unknown: unknown)
    }

    init(
        stored sku: SKU, name: String, quantity: Int64, unitPrice: Money, tax: Money, total: Money,
        unknown: UnknownMembers
    ) {
        self.sku = sku
        self.name = name
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.tax = tax
        self.total = total
        self.unknown = unknown
    }
}

extension ShopError {
    static func negativeUnitPrice(_ sku: SKU, _ price: Money) -> ShopError {
        ShopError(.refused, "negative-price", "\(sku) cannot be sold at \(price)", at: "--item")
    }
}
