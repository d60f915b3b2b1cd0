package import Formats
package import Primitives

/// What sums over many orders need of each, read without the rest of it.
package struct OrderFigures: Sendable, Equatable {
    package private(set) var number: OrderNumber
    package private(set) var isCancelled: Bool
    package private(set) var placedAt: Timestamp?
    package private(set) var cancelledAt: Timestamp?
    /// In minor units.
    package private(set) var total: Int64
    package private(set) var units: Int64

    package init(_ order: Order) {
        number = order.number
        isCancelled = order.status == .cancelled
        placedAt = order.placedAt
        cancelledAt = order.cancelledAt
        total = order.total.minorUnits
        units = order.units
    }

    /// Reads the figures of an order's record.
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        isCancelled = false
        number = OrderNumber(0)
        total = 0
        units = 0
        try reader.beginObject()
        while let member = try reader.nextMember(ofLengths: Self.lengths) {
            switch member.count {
            case 5 where member == "lines": units = try Self.units(from: &reader)
            case 5 where member == "total": total = try reader.amount()
            case 6 where member == "number": number = OrderNumber(try reader.int64())
            case 6 where member == "status": isCancelled = try reader.token() == "cancelled"
            case 8 where member == "placedAt": placedAt = try reader.timestamp()
            case 11 where member == "cancelledAt": cancelledAt = try reader.timestamp()
            default: try reader.skip()
            }
        }
        guard number.value > 0 else {
            throw JSONError(offset: start, reason: "an order without number")
        }
    }

    /// Of the names read here.
    private static var lengths: UInt64 { 1 << 5 | 1 << 6 | 1 << 8 | 1 << 11 }

    private static func units(from reader: inout JSONReader) throws(JSONError) -> Int64 {
        var units: Int64 = 0
        try reader.beginArray()
        while try reader.nextElement() {
            try reader.beginObject()
            while let member = try reader.nextMember(ofLengths: 1 << 8) {
                if member == "quantity" {
                    units += try reader.unitCount()
                } else {
                    try reader.skip()
                }
            }
        }
        return units
    }
}
