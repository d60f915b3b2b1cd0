import Catalog
import Orders
import Payments
package import Primitives
import Storage

/// Something that must always hold and does not.
package struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// The invariant's number, `I1` to `I6`.
    package let invariant: String
    package let record: String
    package let what: String

    package var description: String { "\(invariant) \(record): \(what)" }
}

extension Shop {
    /// Checks every record against the invariants of docs/glossary.md: after each use case in
    /// tests, on real data by hand.
    ///
    /// - I1 reserved = unshipped units of placed orders, and never below zero
    /// - I2 on hand = sum of the movements
    /// - I3 an order's total is what its lines add up to
    /// - I4 captured and refunded of an order are those of its payments
    /// - I5 every id that a record names exists, and every index entry its record
    /// - I6 order, payment and movement numbers have no gaps and no duplicates
    package func violations() throws(ShopError) -> [Violation] {
        try store.read { (view) throws(ShopError) in
            var check = InvariantCheck(view: view)
            try check.checkOrders()
            try check.checkPayments()
            try check.checkStock()
            try check.checkIndexes()
            try check.checkDays(in: settings.timeZone)
            return check.found
        }
    }
}

private struct InvariantCheck {
    let view: View
    var found: [Violation] = []
    private var unshipped: [SKU: Int64] = [:]
    private var orders: [OrderNumber: Order] = [:]
    private var captured: [OrderNumber: (captured: Int64, refunded: Int64)] = [:]
    private var paymentCount: Int64 = 0

    init(view: View) {
        self.view = view
    }

    private mutating func add(_ invariant: String, _ record: String, _ what: String) {
        found.append(Violation(invariant: invariant, record: record, what: what))
    }

    mutating func checkOrders() throws(ShopError) {
        var all: [Order] = []
        try view.each(Order.self, KeyRange(collection: "orders")) { (order) throws(ShopError) in
            all.append(order)
            return true
        }
        var expected = OrderNumber.first.value
        for order in all {
            let id = order.number.description
            if order.number.value != expected { add("I6", id, "expected ORD-\(expected)") }
            expected = order.number.value + 1
            orders[order.number] = order
            let lines = order.lines.reduce(Int64(0)) { $0 + $1.unitPrice.minorUnits * $1.quantity }
            let tax = order.lines.reduce(Int64(0)) { $0 + $1.tax.minorUnits }
            if lines != order.subtotal.minorUnits { add("I3", id, "lines add up to \(lines)") }
            if lines + tax + order.shipping.minorUnits != order.total.minorUnits {
                add("I3", id, "the total is not the sum of its parts")
            }
            for (sku, count) in order.unshipped where try isTracked(sku) {
                unshipped[sku, default: 0] += count
            }
            for line in order.lines
            where try view.find(Product.self, Records.product(line.sku)) == nil {
                add("I5", id, "no product \(line.sku)")
            }
        }
        if try view.counters().orders != expected - 1 { add("I6", "counters", "orders") }
    }

    private func isTracked(_ sku: SKU) throws(ShopError) -> Bool {
        try view.find(Product.self, Records.product(sku))?.isTracked ?? false
    }

    mutating func checkPayments() throws(ShopError) {
        var all: [Payment] = []
        try view.each(Payment.self, KeyRange(collection: "payments")) {
            (payment) throws(ShopError) in
            all.append(payment)
            return true
        }
        var expected = PaymentNumber.first.value
        for payment in all {
            let id = payment.number.description
            if payment.number.value != expected { add("I6", id, "expected PAY-\(expected)") }
            expected = payment.number.value + 1
            if orders[payment.order] == nil { add("I5", id, "no order \(payment.order)") }
            captured[payment.order, default: (0, 0)].captured += payment.captured.minorUnits
            captured[payment.order, default: (0, 0)].refunded += payment.refunded.minorUnits
            let refunds = payment.entries.filter { $0.kind == .refund }
                .reduce(Int64(0)) { $0 + $1.amount.minorUnits }
            if refunds != payment.refunded.minorUnits || refunds > payment.captured.minorUnits {
                add("I4", id, "refunds add up to \(refunds)")
            }
        }
        paymentCount = Int64(all.count)
        for order in orders.values.sorted(by: { $0.number < $1.number }) {
            let sums = captured[order.number] ?? (0, 0)
            if sums.captured != order.captured.minorUnits
                || sums.refunded != order.refunded.minorUnits
            {
                add("I4", order.number.description, "its payments say \(sums)")
            }
        }
    }

    mutating func checkStock() throws(ShopError) {
        var levels: [StockLevel] = []
        try view.each(StockLevel.self, KeyRange(collection: "stock")) {
            (level) throws(ShopError) in
            levels.append(level)
            return true
        }
        for level in levels {
            let id = level.sku.text
            var sum: (onHand: Int64, reserved: Int64) = (0, 0)
            var number: Int64 = 0
            var isGapless = true
            let range = KeyRange(under: Records.movements(level.sku))
            try view.each(StockMovement.self, range) { (movement) throws(ShopError) in
                sum.onHand += movement.onHand
                sum.reserved += movement.reserved
                number += 1
                if movement.number != number { isGapless = false }
                return true
            }
            if !isGapless || number != level.movements { add("I6", id, "movement numbers") }
            if sum.onHand != level.onHand { add("I2", id, "movements say \(sum.onHand)") }
            let promised = unshipped.removeValue(forKey: level.sku) ?? 0
            if try isTracked(level.sku), level.reserved != promised || level.available < 0 {
                add("I1", id, "\(level.reserved) reserved, orders hold \(promised)")
            }
        }
        for (sku, count) in unshipped { add("I1", sku.text, "orders hold \(count), no stock level") }
    }

    mutating func checkIndexes() throws(ShopError) {
        var expected: Set<String> = []
        for order in orders.values {
            let number = RecordKey.descending(order.number.value)
            expected.insert(
                RecordKey("customer-orders", order.customer.folded, number).description)
            expected.insert(RecordKey("status-orders", order.status.rawValue, number).description)
        }
        var actual: Set<String> = []
        for index in ["customer-orders", "status-orders"] {
            try view.scan(KeyRange(collection: index)) { (entry) throws(ShopError) in
                actual.insert("\(index)/\(String(decoding: entry.key, as: UTF8.self))")
                return true
            }
        }
        for entry in expected.subtracting(actual).sorted() { add("I5", entry, "not in the index") }
        for entry in actual.subtracting(expected).sorted() { add("I5", entry, "names nothing") }
        var links: Int64 = 0
        try view.scan(KeyRange(collection: "order-payments")) { (_) throws(ShopError) in
            links += 1
            return true
        }
        if links != paymentCount { add("I5", "order-payments", "\(links) entries") }
    }

    /// Totals by day are what the orders and payments add up to.
    mutating func checkDays(in zone: TimeZoneName) throws(ShopError) {
        var sums = DayTotals.Sums()
        try view.each(DayTotals.self, KeyRange(collection: "days")) { (day) throws(ShopError) in
            sums.add(day.sums)
            return true
        }
        var expected = DayTotals.Sums()
        for order in orders.values where order.placedAt != nil {
            expected.orders += 1
            expected.units += order.units
            expected.gross += order.total.minorUnits
            expected.captured += order.captured.minorUnits
            expected.refunded += order.refunded.minorUnits
            guard order.status == .cancelled else { continue }
            expected.cancelledOrders += 1
            expected.cancelled += order.total.minorUnits
            expected.refundedOfCancelled += order.refunded.minorUnits
        }
        if sums != expected { add("I3", "days", "\(sums) is not \(expected)") }
    }
}
