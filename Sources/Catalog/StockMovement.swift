import Formats
package import Primitives

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
        /// Between two places: one movement takes units away, the next one brings them.
        case transfer
    }

    /// Why stock moved.
    package struct Cause: Sendable, Equatable {
        package var at: Timestamp
        package var by: String
        /// Of an adjustment: damaged, lost, found, correction, return.
        package var reason: String?
        package var order: OrderNumber?
        /// Where; nil is `main`.
        package var location: LocationName?
        package var note: String?

        package init(
            at: Timestamp, by: String, reason: String? = nil, order: OrderNumber? = nil,
            location: LocationName? = nil, note: String? = nil
        ) {
            self.at = at
            self.by = by
            self.reason = reason
            self.order = order
            self.location = location
            self.note = note
        }
    }
}
