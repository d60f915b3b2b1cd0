import Catalog
import Orders
import Payments
package import Primitives
import Storage
import Users

/// Something that must always hold and does not.
package struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// The invariant's number, `I1` to `I6`.
    package let invariant: String
    package let record: String
    package let what: String
    /// The record can be worked out again from the others.
    package var isDerived = false

    package var description: String { "\(invariant) \(record): \(what)" }
}

extension Shop {
    /// Checks every record against the invariants of docs/glossary.md: after each use case in
    /// tests, by `shopctl doctor` on real data.
    ///
    /// - I1 reserved = unshipped units of placed orders, and never below zero
    /// - I2 on hand = sum of the movements
    /// - I3 an order's total is what its lines add up to, and the totals by day what orders and
    ///   payments add up to
    /// - I4 captured and refunded of an order are those of its payments
    /// - I5 every id that a record names exists, and every index entry its record
    /// - I6 order, payment and movement numbers have no gaps and no duplicates
    ///
    /// Reads the records one by one; keeps one number for each SKU and each paid order.
    package func violations() throws(ShopError) -> [Violation] {
        try store.read { (view) throws(ShopError) in
            var check = InvariantCheck(view: view, zone: settings.timeZone)
            try check.checkProducts()
            try check.sumPayments()
            try check.checkOrders()
            try check.checkPayments()
            try check.checkStock()
            try check.checkDerived()
            return check.found
        }
    }
}

private struct InvariantCheck {
    let view: View
    var found: [Violation] = []
    private var products: [SKU: Units] = [:]
    /// What the payments of an order come to.
    private var paid: [OrderNumber: Paid] = [:]
    private var cancelled: [OrderNumber: Timestamp] = [:]
    private var entries: [String: DerivedRecords.Entries] = [:]
    private var derived: DerivedRecords

    /// What movements and orders say of a product's units.
    private struct Units {
        var isTracked: Bool
        var onHand: Int64 = 0
        var movements: Int64 = 0
        var isGapless = true
        /// Promised by placed orders and not shipped.
        var unshipped: Int64 = 0
    }

    private struct Paid: Equatable {
        var captured: Int64 = 0
        var refunded: Int64 = 0
    }

    init(view: View, zone: TimeZoneName) {
        self.view = view
        derived = DerivedRecords(in: zone)
    }

    private mutating func add(
        _ invariant: String, _ record: String, _ what: String, isDerived: Bool = false
    ) {
        found.append(
            Violation(invariant: invariant, record: record, what: what, isDerived: isDerived))
    }

    private mutating func expect(_ key: RecordKey) {
        let collection = key.bytes.prefix { $0 != UInt8(ascii: "/") }
        entries[String(decoding: collection, as: UTF8.self), default: .init()].add(key.bytes)
    }

    mutating func checkProducts() throws(ShopError) {
        var parents: [(sku: SKU, parent: SKU)] = []
        try view.each(Product.self, KeyRange(collection: "products")) {
            (product) throws(ShopError) in
            products[product.sku] = Units(isTracked: product.isTracked)
            if let parent = product.parent { parents.append((product.sku, parent)) }
            return true
        }
        for (sku, parent) in parents where products[parent] == nil {
            add("I5", sku.text, "no product \(parent)")
        }
    }

    mutating func sumPayments() throws(ShopError) {
        try view.each(Payment.self, KeyRange(collection: "payments")) {
            (payment) throws(ShopError) in
            paid[payment.order, default: Paid()].captured += payment.captured.minorUnits
            paid[payment.order, default: Paid()].refunded += payment.refunded.minorUnits
            return true
        }
    }

    mutating func checkOrders() throws(ShopError) {
        var expected = OrderNumber.first.value
        try view.each(Order.self, KeyRange(collection: "orders")) { (order) throws(ShopError) in
            if order.number.value != expected {
                add("I6", order.number.description, "expected ORD-\(expected)")
            }
            expected = order.number.value + 1
            check(order)
            derived.add(OrderFigures(order))
            for key in DerivedRecords.entries(of: order) { expect(key) }
            if order.placedAt != nil, let time = order.cancelledAt {
                cancelled[order.number] = time
            }
            return true
        }
    }

    private mutating func check(_ order: Order) {
        let id = order.number.description
        let lines = order.lines.reduce(Int64(0)) { $0 + $1.unitPrice.minorUnits * $1.quantity }
        let tax = order.lines.reduce(Int64(0)) { $0 + $1.tax.minorUnits }
        if lines != order.subtotal.minorUnits { add("I3", id, "lines add up to \(lines)") }
        if lines + tax + order.shipping.minorUnits != order.total.minorUnits {
            add("I3", id, "the total is not the sum of its parts")
        }
        for (sku, count) in order.unshipped { products[sku]?.unshipped += count }
        for line in order.lines where products[line.sku] == nil {
            add("I5", id, "no product \(line.sku)")
        }
        let sums = paid.removeValue(forKey: order.number) ?? Paid()
        if sums.captured != order.captured.minorUnits || sums.refunded != order.refunded.minorUnits
        {
            add(
                "I4", id,
                "its payments say \(sums.captured) captured and \(sums.refunded) refunded")
        }
    }

    mutating func checkPayments() throws(ShopError) {
        var expected = PaymentNumber.first.value
        let withoutOrder = paid
        try view.each(Payment.self, KeyRange(collection: "payments")) {
            (payment) throws(ShopError) in
            let id = payment.number.description
            if payment.number.value != expected { add("I6", id, "expected PAY-\(expected)") }
            expected = payment.number.value + 1
            if withoutOrder[payment.order] != nil { add("I5", id, "no order \(payment.order)") }
            derived.add(
                PaymentFigures(payment), ofOrderCancelledAt: cancelled[payment.order])
            expect(DerivedRecords.entry(of: payment))
            let refunds = payment.entries.filter { $0.kind == .refund }
                .reduce(Int64(0)) { $0 + $1.amount.minorUnits }
            if refunds != payment.refunded.minorUnits || refunds > payment.captured.minorUnits {
                add("I4", id, "refunds add up to \(refunds)")
            }
            return true
        }
    }

    mutating func checkStock() throws(ShopError) {
        try view.each(StockMovement.self, KeyRange(collection: "movements")) {
            (movement) throws(ShopError) in
            guard var units = products[movement.sku] else {
                add("I5", movement.sku.text, "movement \(movement.number) of no product")
                return true
            }
            units.onHand += movement.onHand
            units.movements += 1
            if movement.number != units.movements { units.isGapless = false }
            products[movement.sku] = units
            return true
        }
        try view.each(StockLevel.self, KeyRange(collection: "stock")) {
            (level) throws(ShopError) in
            guard let units = products[level.sku] else {
                add("I5", level.sku.text, "a stock level of no product")
                return true
            }
            check(level, units)
            products[level.sku]?.unshipped = 0
            return true
        }
        for (sku, units) in products where units.isTracked && units.unshipped > 0 {
            add("I1", sku.text, "orders hold \(units.unshipped), no stock level")
        }
    }

    private mutating func check(_ level: StockLevel, _ units: Units) {
        let id = level.sku.text
        if !units.isGapless || units.movements != level.movements {
            add("I6", id, "its movements are not numbered 1 to \(level.movements)")
        }
        if units.onHand != level.onHand { add("I2", id, "movements say \(units.onHand)") }
        if units.isTracked, level.reserved != units.unshipped || level.available < 0 {
            add("I1", id, "\(level.reserved) reserved, orders hold \(units.unshipped)")
        }
    }

    /// Indexes, day totals and counters are what the records come to.
    mutating func checkDerived() throws(ShopError) {
        for index in DerivedRecords.indexes {
            var actual = DerivedRecords.Entries()
            let prefix = Array("\(index)/".utf8)
            try view.scan(KeyRange(collection: index)) { (entry) throws(ShopError) in
                actual.add(prefix + Array(entry.key))
                return true
            }
            let expected = entries[index] ?? DerivedRecords.Entries()
            if actual != expected {
                add(
                    "I5", index,
                    "its \(actual.count) entries are not those of \(expected.count) records",
                    isDerived: true)
            }
        }
        try view.each(User.self, KeyRange(collection: "users")) { (user) throws(ShopError) in
            derived.add(user)
            return true
        }
        if try view.counters() != derived.counters {
            add("I6", "counters", "the last numbers given are not those used", isDerived: true)
        }
        var expected = derived.days
        try view.each(DayTotals.self, KeyRange(collection: "days")) { (day) throws(ShopError) in
            let sums = expected.removeValue(forKey: day.day) ?? DayTotals.Sums()
            if sums != day.sums {
                add(
                    "I3", day.day.description, "the day's totals are not the sum of it",
                    isDerived: true)
            }
            return true
        }
        for day in expected.keys.sorted() {
            add("I3", day.description, "the day has no totals", isDerived: true)
        }
    }
}
