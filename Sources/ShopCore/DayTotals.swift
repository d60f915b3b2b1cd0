package import Formats
import Orders
package import Primitives
import Storage

/// What happened on one day of the shop's calendar, kept up to date in every transaction that
/// moves an order or money. Amounts count on the day of the event, not of the order.
package struct DayTotals: Sendable, Equatable {
    package internal(set) var day: CalendarDay
    package internal(set) var currency: Currency
    package internal(set) var sums = Sums()

    /// Counts, and amounts in minor units.
    package struct Sums: Sendable, Equatable {
        /// Orders placed, their units, and the sum of their totals.
        package internal(set) var orders: Int64 = 0
        package internal(set) var units: Int64 = 0
        package internal(set) var gross: Int64 = 0
        /// Orders cancelled or expired, and the sum of their totals and of what was taken off
        /// others.
        package internal(set) var cancelledOrders: Int64 = 0
        package internal(set) var cancelled: Int64 = 0
        package internal(set) var captured: Int64 = 0
        package internal(set) var refunded: Int64 = 0
        /// What came back, at what it had cost.
        package internal(set) var returned: Int64 = 0
        /// The part of `refunded` that gave back what `cancelled` or `returned` counts already.
        package internal(set) var refundedOfCancelled: Int64 = 0

        package init() {}

        /// Gross less cancelled, returned and refunded.
        package var net: Int64 { gross - cancelled - returned - (refunded - refundedOfCancelled) }
    }
}

extension DayTotals.Sums {
    /// A change of an order after it was placed.
    mutating func add(_ change: OrderFigures.Change) {
        units &+= change.added
        if change.amount > 0 { gross &+= change.amount } else { cancelled &-= change.amount }
    }

    /// Sums of days never come near what 64 bits hold: each amount in them did not.
    package mutating func add(_ other: DayTotals.Sums) {
        orders += other.orders
        units += other.units
        gross += other.gross
        cancelledOrders += other.cancelledOrders
        cancelled += other.cancelled
        captured += other.captured
        refunded += other.refunded
        returned += other.returned
        refundedOfCancelled += other.refundedOfCancelled
    }
}

extension DayTotals: StoredRecord {
    var recordKey: RecordKey { Records.day(day) }

    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var day: CalendarDay?
        var code = ""
        var read = DayTotals.Sums()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "day": day = CalendarDay(try reader.string())
            case "currency": code = try reader.string()
            case "orders": read.orders = try reader.int64()
            case "units": read.units = try reader.int64()
            case "gross": read.gross = try reader.int64()
            case "cancelledOrders": read.cancelledOrders = try reader.int64()
            case "cancelled": read.cancelled = try reader.int64()
            case "captured": read.captured = try reader.int64()
            case "refunded": read.refunded = try reader.int64()
            case "returned": read.returned = try reader.int64()
            case "refundedOfCancelled": read.refundedOfCancelled = try reader.int64()
            default: try reader.skip()
            }
        }
        guard let day else { throw JSONError(offset: start, reason: "a day's totals without day") }
        self.init(day: day, currency: try reader.currency(code, start), sums: read)
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("day", day.description)
        writer.member("currency", currency.code)
        writer.member("orders", sums.orders)
        writer.member("units", sums.units)
        writer.member("gross", sums.gross)
        writer.member("cancelledOrders", sums.cancelledOrders)
        writer.member("cancelled", sums.cancelled)
        writer.member("captured", sums.captured)
        writer.member("refunded", sums.refunded)
        if sums.returned != 0 { writer.member("returned", sums.returned) }
        writer.member("refundedOfCancelled", sums.refundedOfCancelled)
        writer.endObject()
    }
}
