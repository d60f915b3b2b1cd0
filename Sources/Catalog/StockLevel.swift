import Formats
package import Primitives

/// How many units of one SKU are in the shop and how many of them are promised.
///
/// ```
///   receive ──▶ on hand ◀── adjust, count ──▶
///                  │ reserve (an order is placed)
///                  ▼
///              reserved ──▶ release (cancelled), expire (not paid in time) ──▶ available again
///                  │ consume (shipped)
///                  ▼
///                 out ──▶ return (by the customer), restock (with a refund) ──▶ on hand
///                                                                                 │ writeOff
///                                                                                 ▼
///                                                                               gone
/// ```
/// Units are in `main` unless a cause names another place; what is promised of those in one place
/// is promised there. Every change makes one movement, moving units from place to place two; on
/// hand is the sum of them (I2), and what is available, on hand minus reserved, is derived and
/// never stored. Untracked products have no stock level.
package struct StockLevel: Sendable, Equatable {
    package internal(set) var sku: SKU
    package internal(set) var onHand: Int64 = 0
    package internal(set) var reserved: Int64 = 0
    /// How many movements there are; the next one's number is one more.
    package internal(set) var movements: Int64 = 0
    /// What of it is in places other than `main`, by name; the rest is there.
    package internal(set) var places: [StockFigures] = []
    var unknown = UnknownMembers()

    package init(_ sku: SKU) {
        self.sku = sku
    }

    /// Units that may still be promised; below zero where more is promised than there is.
    package var available: Int64 { onHand - reserved }
    /// Units promised that are yet to arrive.
    package var backordered: Int64 { allFigures.reduce(0) { $0 + $1.backordered } }

    /// Goods arrive.
    package mutating func receive(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        try move(.receive, onHand: quantity.count, reserved: 0, cause)
    }

    /// A correction, up or down, with a reason.
    ///
    /// - Parameter allowsBackorders: more may be promised than there is, here and below.
    /// - Throws: `stock-below-reserved` (6) when promised units would be missing,
    ///   `stock-below-zero` (6) where they may be, and there are not so many.
    package mutating func adjust(
        by difference: Int64, allowsBackorders: Bool = false, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        guard difference.magnitude <= Quantity.most.magnitude else {
            throw .tooManyUnits(sku, onHand, difference)
        }
        try requireUnits(toLose: -difference, allowsBackorders, in: cause.location)
        return try move(.adjust, onHand: difference, reserved: 0, cause)
    }

    /// What is on hand was counted. A count that agrees is a movement too, of no units.
    ///
    /// - Throws: `stock-below-reserved` (6) when promised units would be missing.
    package mutating func count(
        _ counted: Int64, allowsBackorders: Bool = false, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        let difference = counted - figures(at: cause.location).onHand
        try requireUnits(toLose: -difference, allowsBackorders, in: cause.location, at: sku.text)
        return try move(.count, onHand: difference, reserved: 0, cause)
    }

    /// Promises units to an order.
    ///
    /// - Throws: `insufficient-stock` (6).
    package mutating func reserve(
        _ quantity: Quantity, allowsBackorders: Bool = false, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        let here = figures(at: cause.location)
        guard allowsBackorders || quantity.count <= here.available else {
            throw .insufficientStock(quantity, here)
        }
        return try move(.reserve, onHand: 0, reserved: quantity.count, cause)
    }

    /// Takes a promise back.
    package mutating func release(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        try requireReserved(quantity, in: cause.location)
        return try move(.release, onHand: 0, reserved: -quantity.count, cause)
    }

    /// Takes a promise back that was not paid for in time.
    package mutating func expire(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        try requireReserved(quantity, in: cause.location)
        return try move(.expire, onHand: 0, reserved: -quantity.count, cause)
    }

    /// Ships promised units.
    ///
    /// - Throws: `on-backorder` (6) while they have not arrived.
    package mutating func consume(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        try requireReserved(quantity, in: cause.location)
        let here = figures(at: cause.location)
        guard quantity.count <= here.onHand else {
            throw .onBackorder(here, quantity, cause.order)
        }
        return try move(.consume, onHand: -quantity.count, reserved: -quantity.count, cause)
    }

    /// Units that were shipped go back on the shelf.
    package mutating func restock(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        try move(.restock, onHand: quantity.count, reserved: 0, cause)
    }

    /// A customer brings units back.
    package mutating func takeBack(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        try move(.return, onHand: quantity.count, reserved: 0, cause)
    }

    /// Units are gone for good.
    ///
    /// - Parameter isReturned: they have just come back, and were never available.
    /// - Throws: `stock-below-reserved`, `stock-below-zero` (6).
    package mutating func writeOff(
        _ quantity: Quantity, isReturned: Bool = false, allowsBackorders: Bool = false,
        _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        if !isReturned {
            try requireUnits(
                toLose: quantity.count, allowsBackorders, in: cause.location,
                at: "--quantity \(quantity)")
        }
        return try move(.writeOff, onHand: -quantity.count, reserved: 0, cause)
    }

    /// Whether so many units can go: those that nobody is promised, or any where backorders are
    /// allowed.
    func requireUnits(
        toLose count: Int64, _ allowsBackorders: Bool, in place: LocationName?,
        at flag: String? = nil
    ) throws(ShopError) {
        guard count > 0 else { return }
        let here = figures(at: place)
        if allowsBackorders {
            guard count <= here.onHand else { throw .stockBelowZero(here, count, at: flag) }
        } else if count > here.available {
            throw .stockBelowReserved(here, -count, at: flag)
        }
    }

    private func requireReserved(
        _ quantity: Quantity, in place: LocationName?
    ) throws(ShopError) {
        let here = figures(at: place)
        guard quantity.count <= here.reserved else { throw .notReserved(here, quantity) }
    }

    mutating func move(
        _ kind: StockMovement.Kind, onHand change: Int64, reserved promise: Int64,
        _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        let (sum, overflow) = onHand.addingReportingOverflow(change)
        guard !overflow, sum.magnitude <= Quantity.most.magnitude else {
            throw .tooManyUnits(sku, onHand, change)
        }
        guard reserved + promise <= Quantity.most else {
            throw .tooManyUnits(sku, reserved, promise)
        }
        if let place = cause.location { self.change(place, onHand: change, reserved: promise) }
        onHand = sum
        reserved += promise
        movements += 1
        return StockMovement(
            sku: sku, number: movements, kind: kind, onHand: change, reserved: promise,
            onHandAfter: onHand, reservedAfter: reserved, cause: cause)
    }
}
