import Formats
import Orders
import Payments
import Primitives
import Storage

/// Adds up what happened by day from the orders and payments of a whole shop.
struct DayScan {
    private let zone: TimeZoneName
    private let countsPayments: Bool

    /// - Parameter countsPayments: false leaves out what was captured and refunded.
    init(_ zone: TimeZoneName, countingPayments countsPayments: Bool) {
        self.zone = zone
        self.countsPayments = countsPayments
    }

    func days(of view: View) throws(ShopError) -> [CalendarDay: DayTotals.Sums] {
        var all = DerivedRecords(in: zone)
        var cancelled: [OrderNumber: Timestamp] = [:]
        let orders = try view.sum(over: "orders", from: { Part(in: zone) }) {
            (part, found) throws(ShopError) in
            try part.addOrder(found)
        }
        for part in orders {
            all.add(part.derived)
            cancelled.merge(part.cancelled) { first, _ in first }
        }
        guard countsPayments else { return all.days }
        let known = cancelled
        let payments = try view.sum(over: "payments", from: { Part(in: zone) }) {
            (part, found) throws(ShopError) in
            try part.addPayment(found, known)
        }
        for part in payments { all.add(part.derived) }
        return all.days
    }

    /// What one worker has added up.
    private struct Part {
        var derived: DerivedRecords
        /// When orders ended whose refunds count with that.
        var cancelled: [OrderNumber: Timestamp] = [:]

        init(in zone: TimeZoneName) {
            derived = DerivedRecords(in: zone)
        }

        mutating func addOrder(_ found: View.Scanned) throws(ShopError) {
            let order = try found.read { (reader) throws(JSONError) in
                try OrderFigures(from: &reader)
            }
            derived.add(order)
            if let time = order.refundsCountAt { cancelled[order.number] = time }
        }

        mutating func addPayment(
            _ found: View.Scanned, _ cancelled: [OrderNumber: Timestamp]
        ) throws(ShopError) {
            let payment = try found.read { (reader) throws(JSONError) in
                try PaymentFigures(from: &reader)
            }
            derived.add(payment, ofOrderCancelledAt: cancelled[payment.order])
        }
    }
}

extension View.Scanned {
    /// Reads the record, whose damage is named by its key.
    func read<Value>(
        _ body: (inout JSONReader) throws(JSONError) -> Value
    ) throws(ShopError) -> Value {
        var reader = JSONReader(record)
        do throws(JSONError) {
            return try body(&reader)
        } catch {
            throw .recordDamaged(String(decoding: key, as: UTF8.self), error)
        }
    }
}
