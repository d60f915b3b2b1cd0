import Formats
package import Primitives

/// One line of an order: what, how many, at which price, as it was when the order was placed.
package struct LineItem: Sendable, Equatable {
    package let sku: SKU
    package let name: String
    package let quantity: Int64
    package let unitPrice: Money
    /// Tax on the whole line.
    package let tax: Money
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

/// Units of an order that left the shop together.
package struct Shipment: Sendable, Equatable {
    /// From 1 within the order.
    package let number: Int
    package let at: Timestamp
    package let by: String
    package let carrier: String?
    package let tracking: String?
    package let lines: [Line]
    var unknown = UnknownMembers()

    package struct Line: Sendable, Equatable {
        package let sku: SKU
        package let count: Int64
        var unknown = UnknownMembers()

        package init(sku: SKU, count: Int64) {
            self.sku = sku
            self.count = count
        }

        init(sku: SKU, count: Int64, unknown: UnknownMembers) {
            self.init(sku: sku, count: count)
            self.unknown = unknown
        }
    }

    package init(
        number: Int, at: Timestamp, by: String, carrier: String?, tracking: String?, lines: [Line]
    ) {
        self.number = number
        self.at = at
        self.by = by
        self.carrier = carrier
        self.tracking = tracking
        self.lines = lines
    }

    init(
        number: Int, at: Timestamp, by: String, carrier: String?, tracking: String?, lines: [Line],
        unknown: UnknownMembers
    ) {
        self.init(
            number: number, at: at, by: by, carrier: carrier, tracking: tracking, lines: lines)
        self.unknown = unknown
    }
}

extension ShopError {
    static func negativeUnitPrice(_ sku: SKU, _ price: Money) -> ShopError {
        ShopError(.refused, "negative-price", "\(sku) cannot be sold at \(price)", at: "--item")
    }
}
