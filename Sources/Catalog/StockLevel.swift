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
/// Every change makes one movement; on hand is the sum of them (I2), and what is available,
/// on hand minus reserved, is derived and never stored. Untracked products have no stock level.
package struct StockLevel: Sendable, Equatable {
    package internal(set) var sku: SKU
    package internal(set) var onHand: Int64 = 0
    package internal(set) var reserved: Int64 = 0
    /// How many movements there are; the next one's number is one more.
    package internal(set) var movements: Int64 = 0
    var unknown = UnknownMembers()

    package init(_ sku: SKU) {
        self.sku = sku
    }

    /// Units that may still be promised.
    package var available: Int64 { onHand - reserved }

    /// Goods arrive.
    package mutating func receive(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        try move(.receive, onHand: quantity.count, reserved: 0, cause)
    }

    /// A correction, up or down, with a reason.
    ///
    /// - Throws: `stock-below-reserved` (6) when promised units would be missing.
    package mutating func adjust(
        by difference: Int64, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        guard difference.magnitude <= Quantity.most.magnitude else {
            throw .tooManyUnits(sku, onHand, difference)
        }
        guard difference >= 0 || available + difference >= 0 else {
            throw .stockBelowReserved(self, difference)
        }
        return try move(.adjust, onHand: difference, reserved: 0, cause)
    }

    /// What is on hand was counted. A count that agrees is a movement too, of no units.
    ///
    /// - Throws: `stock-below-reserved` (6) when promised units would be missing.
    package mutating func count(
        _ counted: Int64, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        let difference = counted - onHand
        guard difference >= 0 || available + difference >= 0 else {
            throw .stockBelowReserved(self, difference, at: sku.text)
        }
        return try move(.count, onHand: difference, reserved: 0, cause)
    }

    /// Promises units to an order.
    ///
    /// - Throws: `insufficient-stock` (6).
    package mutating func reserve(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        guard quantity.count <= available else { throw .insufficientStock(sku, quantity, self) }
        return try move(.reserve, onHand: 0, reserved: quantity.count, cause)
    }

    /// Takes a promise back.
    package mutating func release(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        guard quantity.count <= reserved else { throw .notReserved(self, quantity) }
        return try move(.release, onHand: 0, reserved: -quantity.count, cause)
    }

    /// Takes a promise back that was not paid for in time.
    package mutating func expire(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        guard quantity.count <= reserved else { throw .notReserved(self, quantity) }
        return try move(.expire, onHand: 0, reserved: -quantity.count, cause)
    }

    /// Ships promised units.
    package mutating func consume(
        _ quantity: Quantity, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        guard quantity.count <= reserved else { throw .notReserved(self, quantity) }
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
    /// - Throws: `stock-below-reserved` (6) when promised units would be missing.
    package mutating func writeOff(
        _ quantity: Quantity, isReturned: Bool = false, _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        guard isReturned || quantity.count <= available else {
            throw .stockBelowReserved(self, -quantity.count, at: "--quantity \(quantity)")
        }
        return try move(.writeOff, onHand: -quantity.count, reserved: 0, cause)
    }

    private mutating func move(
        _ kind: StockMovement.Kind, onHand change: Int64, reserved promise: Int64,
        _ cause: StockMovement.Cause
    ) throws(ShopError) -> StockMovement {
        let (sum, overflow) = onHand.addingReportingOverflow(change)
        guard !overflow, sum.magnitude <= Quantity.most.magnitude else {
            throw .tooManyUnits(sku, onHand, change)
        }
        onHand = sum
        reserved += promise
        movements += 1
        return StockMovement(
            sku: sku, number: movements, kind: kind, onHand: change, reserved: promise,
            onHandAfter: onHand, reservedAfter: reserved, cause: cause)
    }
}

/// One change of a stock level: what changed, why, when and by whom. Never altered or removed.
package struct StockMovement: Sendable, Equatable {
    package let sku: SKU
    /// Rises by one within the SKU.
    package let number: Int64
    package let kind: Kind
    /// Change of the units on hand, and of those reserved.
    package let onHand: Int64
    package let reserved: Int64
    package let onHandAfter: Int64
    package let reservedAfter: Int64
    package let cause: Cause
    var unknown = UnknownMembers()

    package init(
        sku: SKU, number: Int64, kind: Kind, onHand: Int64, reserved: Int64, onHandAfter: Int64,
        reservedAfter: Int64, cause: Cause
    ) {
        self.sku = sku
        self.number = number
        self.kind = kind
        self.onHand = onHand
        self.reserved = reserved
        self.onHandAfter = onHandAfter
        self.reservedAfter = reservedAfter
        self.cause = cause
    }

    package enum Kind: String, Sendable, CaseIterable {
        case receive, adjust, count, reserve, release, expire, consume, restock, `return`, writeOff
    }

    /// Why stock moved.
    package struct Cause: Sendable, Equatable {
        package var at: Timestamp
        package var by: String
        /// Of an adjustment: damaged, lost, found, correction, return.
        package var reason: String?
        package var order: OrderNumber?
        package var note: String?

        package init(
            at: Timestamp, by: String, reason: String? = nil, order: OrderNumber? = nil,
            note: String? = nil
        ) {
            self.at = at
            self.by = by
            self.reason = reason
            self.order = order
            self.note = note
        }
    }
}

// MARK: - Errors

extension ShopError {
    package static func insufficientStock(
        _ sku: SKU, _ wanted: Quantity, _ level: StockLevel
    ) -> ShopError {
        ShopError(
            .refused, "insufficient-stock",
            "not enough stock for \(sku): \(wanted) wanted, \(level.available) available "
                + "(\(level.onHand) on hand, \(level.reserved) reserved)",
            at: "--item \(sku)=\(wanted)",
            try: ["shopctl stock receive \(sku) --quantity \(wanted.count - level.available)"],
            details: [
                .init("sku", sku.text), .init("wanted", String(wanted.count)),
                .init("available", String(level.available)), .init("onHand", String(level.onHand)),
                .init("reserved", String(level.reserved)),
            ])
    }

    /// - Parameter location: what asked for it, where that was no correction.
    static func stockBelowReserved(
        _ level: StockLevel, _ difference: Int64, at location: String? = nil
    ) -> ShopError {
        ShopError(
            .refused, "stock-below-reserved",
            "\(level.sku) cannot lose \(difference.magnitude): only \(level.available) of "
                + "\(level.onHand) on hand are not promised to orders",
            at: location ?? "--by \(difference)",
            try: (level.available > 0 && location == nil
                ? ["shopctl stock adjust \(level.sku) --by -\(level.available) --reason lost"] : [])
                + ["shopctl order list --status placed"],
            details: [.init("available", String(level.available))])
    }

    static func notReserved(_ level: StockLevel, _ quantity: Quantity) -> ShopError {
        ShopError(
            .data, "reservation-missing",
            "\(level.sku) has \(level.reserved) units reserved, \(quantity) should be",
            why: "the stock and the orders do not agree; nothing was changed")
    }

    static func tooManyUnits(_ sku: SKU, _ onHand: Int64, _ change: Int64) -> ShopError {
        ShopError(
            .refused, "too-many-units",
            "\(sku) would have more than \(Quantity.most) units: \(onHand) and \(change) more")
    }
}
