import Formats
package import Primitives

/// A lower price for a time: from its first moment up to, and not including, its last.
package struct Sale: Sendable, Equatable {
    package internal(set) var price: Money
    /// nil: since ever.
    package internal(set) var from: Timestamp?
    /// nil: until somebody ends it.
    package internal(set) var to: Timestamp?

    package func isOn(at time: Timestamp) -> Bool {
        (from.map { $0 <= time } ?? true) && !isOver(at: time)
    }

    package func isOver(at time: Timestamp) -> Bool { to.map { $0 <= time } ?? false }
}

extension Product {
    /// The price of a unit at a moment, whether or not the product may be sold.
    package func price(at time: Timestamp) -> Money? {
        guard let sale, sale.isOn(at: time) else { return price }
        return sale.price
    }

    /// What is left of the regular price when the unit is paid for; nil where either is unknown.
    package var margin: Money? {
        guard let price, let cost else { return nil }
        return try? price.subtracting(cost)
    }

    /// The margin in tenths of a percent of the regular price, rounded half away from zero.
    package var marginPermille: Int64? {
        guard let price, price.minorUnits > 0, let margin else { return nil }
        let (product, overflow) = margin.minorUnits.multipliedReportingOverflow(by: 2_000)
        guard !overflow else { return nil }
        let (doubled, half) = (product / price.minorUnits, Int64(product < 0 ? -1 : 1))
        return (doubled + half) / 2
    }

    /// Changes the sale to what a draft states: a price begins a new one, days alone move it.
    mutating func apply(saleOf draft: Draft, at time: Timestamp) throws(ShopError) {
        if draft.endsSale { sale = nil }
        if let price = draft.salePrice {
            sale = Sale(price: price, from: draft.saleFrom, to: draft.saleTo)
        } else if draft.saleFrom != nil || draft.saleTo != nil {
            guard sale != nil else { throw .saleWithoutPrice(sku) }
            if let from = draft.saleFrom { sale?.from = from }
            if let to = draft.saleTo { sale?.to = to }
        }
        guard let sale else { return }
        guard let price else { throw .priceMissing(sku) }
        guard sale.price.currency == price.currency else {
            throw .currencyMismatch(price.currency, sale.price.currency)
        }
        guard !sale.price.isNegative else { throw .negativePrice(sku, sale.price) }
        if let from = sale.from, let to = sale.to, to <= from { throw .saleEndsFirst(sku) }
        // What is over may stand as it was, whatever the price is now.
        guard sale.isOver(at: time) || sale.price < price else {
            throw .saleNotBelowPrice(sku, sale.price, price)
        }
    }
}

// MARK: - Errors

extension ShopError {
    static func saleWithoutPrice(_ sku: SKU) -> ShopError {
        ShopError(
            .usage, "sale-without-price", "\(sku) is on no sale whose days could be set",
            at: "--sale-from", try: ["--sale-price 9.99"])
    }

    static func saleEndsFirst(_ sku: SKU) -> ShopError {
        ShopError(
            .refused, "sale-ends-first", "the sale of \(sku) would end before it begins",
            at: "--sale-to")
    }

    static func saleNotBelowPrice(_ sku: SKU, _ sale: Money, _ price: Money) -> ShopError {
        ShopError(
            .refused, "sale-not-below-price",
            "\(sku) cannot be on sale at \(sale): its price is \(price)", at: "--sale-price",
            try: ["shopctl product edit \(sku) --no-sale"])
    }
}
