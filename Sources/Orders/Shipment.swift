import Formats
package import Primitives

/// Units of an order that left the shop together.
///
/// ```
///   on its way ──deliver──▶ delivered
/// ```
package struct Shipment: Sendable, Equatable {
    /// From 1 within the order.
    package let number: Int
    package let at: Timestamp
    package let by: String
    package let carrier: String?
    package let tracking: String?
    package let lines: [Line]
    /// When the customer had it, and who said so; nil while it is on its way.
    package internal(set) var deliveredAt: Timestamp?
    package internal(set) var deliveredBy: String?
    var unknown = UnknownMembers()

    package typealias Line = UnitCount

    package init(
        number: Int, at: Timestamp, by: String, carrier: String?, tracking: String?, lines: [Line],
        deliveredAt: Timestamp? = nil, deliveredBy: String? = nil
    ) {
        self.number = number
        self.at = at
        self.by = by
        self.carrier = carrier
        self.tracking = tracking
        self.lines = lines
        self.deliveredAt = deliveredAt
        self.deliveredBy = deliveredBy
    }

    package var isDelivered: Bool { deliveredAt != nil }
}

/// So many units of one SKU.
package struct UnitCount: Sendable, Equatable {
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

    /// The same units, each SKU once, in the order the SKUs first appear.
    ///
    /// - Throws: `too-many-units` (6) where a sum is more than any shop has.
    static func summed(_ units: [UnitCount]) throws(ShopError) -> [UnitCount] {
        var sums: [UnitCount] = []
        for unit in units {
            guard let index = sums.firstIndex(where: { $0.sku == unit.sku }) else {
                sums.append(UnitCount(sku: unit.sku, count: unit.count))
                continue
            }
            let (sum, overflow) = sums[index].count.addingReportingOverflow(unit.count)
            guard !overflow else { throw .tooManyOfOne(unit.sku) }
            sums[index] = UnitCount(sku: sums[index].sku, count: sum)
        }
        return sums
    }
}

extension ShopError {
    static func tooManyOfOne(_ sku: SKU) -> ShopError {
        ShopError(.refused, "too-many-units", "that is more of \(sku) than any shop has")
    }
}
