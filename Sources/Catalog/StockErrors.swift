package import Primitives

// MARK: - Errors

extension ShopError {
    package static func insufficientStock(
        _ wanted: Quantity, _ level: StockFigures
    ) -> ShopError {
        let sku = level.sku
        return ShopError(
            .refused, "insufficient-stock",
            "not enough stock for \(level.name): \(wanted) wanted, \(level.available) available "
                + "(\(level.onHand) on hand, \(level.reserved) reserved)",
            at: "--item \(sku)=\(wanted)",
            try: [
                "shopctl stock receive \(sku) --quantity \(wanted.count - level.available)"
                    + level.flag
            ],
            details: [
                .init("sku", sku.text), .init("wanted", String(wanted.count)),
                .init("available", String(level.available)), .init("onHand", String(level.onHand)),
                .init("reserved", String(level.reserved)),
            ])
    }

    /// - Parameter location: what asked for it, where that was no correction.
    static func stockBelowReserved(
        _ level: StockFigures, _ difference: Int64, at location: String? = nil
    ) -> ShopError {
        ShopError(
            .refused, "stock-below-reserved",
            "\(level.name) cannot lose \(difference.magnitude): only \(level.available) of "
                + "\(level.onHand) on hand are not promised to orders",
            at: location ?? "--by \(difference)",
            try: (level.available > 0 && location == nil
                ? [
                    "shopctl stock adjust \(level.sku) --by -\(level.available) --reason lost"
                        + level.flag
                ] : [])
                + ["shopctl order list --status placed"],
            details: [.init("available", String(level.available))])
    }

    static func stockBelowZero(
        _ level: StockFigures, _ count: Int64, at location: String?
    ) -> ShopError {
        ShopError(
            .refused, "stock-below-zero",
            "\(level.name) cannot lose \(count): only \(level.onHand) on hand",
            at: location ?? "--by -\(count)", try: ["shopctl stock history \(level.sku)"],
            details: [.init("onHand", String(level.onHand))])
    }

    static func onBackorder(
        _ level: StockFigures, _ quantity: Quantity, _ order: OrderNumber?
    ) -> ShopError {
        let part = order.map { "shopctl order ship \($0) --item \(level.sku)=\(level.onHand)" }
        return ShopError(
            .refused, "on-backorder",
            "\(quantity) of \(level.name) cannot leave: only \(level.onHand) on hand",
            at: level.sku.text, why: "the others are promised and have not arrived",
            try: [
                "shopctl stock receive \(level.sku) --quantity \(level.backordered)" + level.flag
            ]
                + (level.onHand > 0 ? [part].compactMap { $0 } : []),
            details: [.init("onHand", String(level.onHand))])
    }

    static func notReserved(_ level: StockFigures, _ quantity: Quantity) -> ShopError {
        ShopError(
            .data, "reservation-missing",
            "\(level.name) has \(level.reserved) units reserved, \(quantity) should be",
            why: "the stock and the orders do not agree; nothing was changed")
    }

    static func tooManyUnits(_ sku: SKU, _ onHand: Int64, _ change: Int64) -> ShopError {
        ShopError(
            .refused, "too-many-units",
            "\(sku) would have more than \(Quantity.most) units: \(onHand) and \(change) more")
    }
}
