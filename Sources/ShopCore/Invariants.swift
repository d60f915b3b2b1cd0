import Catalog
import Formats
import Orders
import Payments
import Primitives
import Storage
import Users

/// One pass over every record, collection by collection, and what it finds.
struct InvariantCheck {
    let view: View
    var found: [Violation] = []
    private var products: [SKU: Units] = [:]
    private var locations: Set<LocationName> = []
    /// What the payments of an order come to.
    private var paid: [OrderNumber: Paid] = [:]
    private var cancelled: [OrderNumber: Timestamp] = [:]
    private var invoices: Set<Int64> = []
    private var entries: [String: DerivedRecords.Entries] = [:]
    var derived: DerivedRecords
    let roles: RoleTable
    /// The order read last, and in the end the last one.
    private var lastOrder = OrderNumber.first.value - 1

    /// What movements and orders say of a product's units.
    private struct Units {
        var isTracked: Bool
        var allowsBackorders: Bool
        /// How many past prices there must be; less those found.
        var priceChanges: Int64
        var onHand: Int64 = 0
        var movements: Int64 = 0
        var isGapless = true
        /// Promised by placed orders and not shipped.
        var unshipped: Int64 = 0
        /// The same of places other than `main`.
        var places: [LocationName: (onHand: Int64, unshipped: Int64)] = [:]
    }

    private struct Paid: Equatable {
        var captured: Int64 = 0
        var refunded: Int64 = 0
        var holds = OrderHolds()
    }

    init(view: View, zone: TimeZoneName, roles: RoleTable) {
        self.view = view
        self.roles = roles
        derived = DerivedRecords(in: zone)
    }

    mutating func add(
        _ invariant: String, in collection: String, _ record: String, _ what: String,
        isDerived: Bool = false
    ) {
        let directory = Records.layout.directory(of: collection) ?? "index"
        found.append(
            Violation(
                invariant: invariant, place: "\(directory)/\(collection)", record: record,
                what: what, isDerived: isDerived))
    }

    /// Shows the records of a collection one by one, but for those that are damaged.
    mutating func each<Record: StoredRecord>(
        _ type: Record.Type, _ collection: String,
        _ visit: (inout InvariantCheck, Record) throws(ShopError) -> Void
    ) throws(ShopError) {
        let prefix = collection.utf8.count + 1
        try view.scan(KeyRange(collection: collection)) { (found) throws(ShopError) in
            let record: Record
            do throws(JSONError) {
                var reader = JSONReader(found.record)
                record = try Record(from: &reader)
            } catch {
                let key = String(decoding: found.key, as: UTF8.self)
                add("record-damaged", in: collection, key, error.reason)
                return true
            }
            guard record.recordKey.bytes.dropFirst(prefix).elementsEqual(found.key) else {
                let key = String(decoding: found.key, as: UTF8.self)
                let own = record.recordKey.description
                add("record-damaged", in: collection, key, "it is the record of \(own)")
                return true
            }
            try visit(&self, record)
            return true
        }
    }

    private mutating func expect(_ location: LocationName, of collection: String, _ id: String) {
        guard !locations.contains(location) else { return }
        add("I5", in: collection, id, "no location \(location)")
    }

    private mutating func expect(_ key: RecordKey) {
        let collection = key.bytes.prefix { $0 != UInt8(ascii: "/") }
        entries[String(decoding: collection, as: UTF8.self), default: .init()].add(key.bytes)
    }

    mutating func checkProducts() throws(ShopError) {
        try each(StockLocation.self, "locations") { (check, location) in
            check.locations.insert(location.name)
        }
        var parents: [(sku: SKU, parent: SKU)] = []
        try each(Product.self, "products") { (check, product) in
            check.products[product.sku] = Units(
                isTracked: product.isTracked, allowsBackorders: product.allowsBackorders,
                priceChanges: product.priceChanges)
            if let parent = product.parent { parents.append((product.sku, parent)) }
        }
        try checkPastPrices()
        for (sku, parent) in parents where products[parent] == nil {
            add("I5", in: "products", sku.text, "no product \(parent)")
        }
    }

    private mutating func checkPastPrices() throws(ShopError) {
        var (last, number) = (SKU(stored: ""), Int64(0))
        try each(PastPrice.self, "prices") { (check, past) in
            let id = "\(past.sku) price \(past.number)"
            guard check.products[past.sku] != nil else {
                return check.add("I5", in: "prices", id, "no product \(past.sku)")
            }
            number = past.sku == last ? number + 1 : 1
            last = past.sku
            if past.number != number { check.add("I6", in: "prices", id, "expected \(number)") }
            check.products[past.sku]?.priceChanges -= 1
        }
        for (sku, units) in products where units.priceChanges != 0 {
            add("I6", in: "products", sku.text, "its past prices are not all there")
        }
    }

    mutating func sumPayments() throws(ShopError) {
        // Damaged ones are named when they are checked.
        try view.scan(KeyRange(collection: "payments")) { (found) throws(ShopError) in
            var reader = JSONReader(found.record)
            guard let payment = try? Payment(from: &reader) else { return true }
            paid[payment.order, default: Paid()].captured &+= payment.captured.minorUnits
            paid[payment.order, default: Paid()].refunded &+= payment.refunded.minorUnits
            paid[payment.order, default: Paid()].holds.add(payment.share)
            return true
        }
    }

    mutating func checkOrders() throws(ShopError) {
        try each(Order.self, "orders") { (check, order) in
            let expected = check.lastOrder + 1
            if order.number.value != expected {
                check.add("I6", in: "orders", order.number.description, "expected ORD-\(expected)")
            }
            check.lastOrder = order.number.value
            check.check(order)
            let figures = OrderFigures(order)
            check.derived.add(figures)
            check.derived.addCoupon(of: order)
            for key in DerivedRecords.entries(of: order) { check.expect(key) }
            if let time = figures.refundsCountAt { check.cancelled[order.number] = time }
        }
        let first = InvoiceNumber.first.value
        for number in first..<(first + Int64(invoices.count)) where !invoices.contains(number) {
            add("I6", in: "orders", InvoiceNumber(number).description, "no order has it")
        }
    }

    private mutating func check(_ order: Order) {
        let id = order.number.description
        for problem in order.priceProblems() { add("I3", in: "orders", id, problem) }
        if order.credited > order.refunded {
            add("I4", in: "orders", id, "credited \(order.credited), refunded \(order.refunded)")
        }
        for invoice in order.details.invoices {
            if let problem = invoice.problem { add("I3", in: "orders", id, problem) }
            if !invoices.insert(invoice.number.value).inserted {
                add("I6", in: "orders", id, "another order has \(invoice.number) too")
            }
        }
        for problem in order.unitProblems() { add("I1", in: "orders", id, problem) }
        if let location = order.location { expect(location, of: "orders", id) }
        for (sku, count) in order.unshipped {
            products[sku]?.unshipped &+= count
            guard let location = order.location else { continue }
            products[sku]?.places[location, default: (0, 0)].unshipped &+= count
        }
        for line in order.lines where products[line.sku] == nil {
            add("I5", in: "orders", id, "no product \(line.sku)")
        }
        let sums = paid.removeValue(forKey: order.number) ?? Paid()
        if sums.captured != order.captured.minorUnits || sums.refunded != order.refunded.minorUnits
        {
            add(
                "I4", in: "orders", id,
                "its payments say \(sums.captured) captured and \(sums.refunded) refunded")
        }
        if sums.holds != order.holds {
            add("I4", in: "orders", id, "its payments hold other amounts than it says")
        }
    }

    mutating func checkPayments() throws(ShopError) {
        var expected = PaymentNumber.first.value
        let withoutOrder = paid
        try each(Payment.self, "payments") { (check, payment) in
            let id = payment.number.description
            if payment.number.value != expected {
                check.add("I6", in: "payments", id, "expected PAY-\(expected)")
            }
            expected = payment.number.value &+ 1
            if withoutOrder[payment.order] != nil {
                check.add("I5", in: "payments", id, "no order \(payment.order)")
            }
            check.derived.add(
                PaymentFigures(payment), ofOrderCancelledAt: check.cancelled[payment.order])
            for key in DerivedRecords.entries(of: payment) { check.expect(key) }
            check.check(payment)
        }
    }

    private mutating func check(_ payment: Payment) {
        let id = payment.number.description
        for problem in payment.amountProblems() { add("I4", in: "payments", id, problem) }
        for entry in payment.entries {
            for back in entry.restocked where products[back.sku] == nil {
                add("I5", in: "payments", id, "no product \(back.sku)")
            }
        }
    }

    /// Gift cards and store credit are what their movements come to, and pay for what exists.
    mutating func checkBalances() throws(ShopError) {
        var sums: [String: (amount: Int64, count: Int64)] = [:]
        var spent: [PaymentNumber: Int64] = [:]
        try each(BalanceMovement.self, "balance-movements") {
            (check, movement) throws(ShopError) in
            let name = movement.holder.name
            let before = sums[name] ?? (0, 0)
            sums[name] = (before.amount &+ movement.amount.minorUnits, before.count + 1)
            if movement.number != before.count + 1 {
                check.add("I6", in: "balance-movements", name, "expected \(before.count + 1)")
            }
            if movement.after.minorUnits != before.amount &+ movement.amount.minorUnits {
                check.add(
                    "I4", in: "balance-movements", name,
                    "movement \(movement.number) leaves \(movement.after)")
            }
            if let payment = movement.cause.payment {
                spent[payment, default: 0] &-= movement.amount.minorUnits
            }
        }
        try check(spent)
        try each(Balance.self, "balances") { (check, balance) in
            let sum = sums.removeValue(forKey: balance.holder.name) ?? (0, 0)
            if sum != (balance.amount.minorUnits, balance.movements) || sum.amount < 0 {
                check.add(
                    "I4", in: "balances", balance.id, "its movements come to \(sum.amount)")
            }
        }
        for name in sums.keys.sorted() {
            add("I5", in: "balance-movements", name, "no balance has these movements")
        }
    }

    /// What payments took from balances, less what they gave back.
    private mutating func check(_ spent: [PaymentNumber: Int64]) throws(ShopError) {
        for (number, amount) in spent.sorted(by: { $0.key.value < $1.key.value }) {
            guard let payment = try? view.find(Payment.self, Records.payment(number)) else {
                add("I5", in: "balance-movements", number.description, "no such payment")
                continue
            }
            let given = payment.entries.reduce(Int64(0)) {
                $0 &+ ($1.kind == .refund ? $1.amount.minorUnits : 0)
            }
            if payment.captured.minorUnits &- given != amount {
                add(
                    "I4", in: "balance-movements", number.description,
                    "its balance gave \(amount) for it")
            }
        }
    }

    mutating func checkStock() throws(ShopError) {
        try each(StockMovement.self, "movements") { (check, movement) in
            let id = "\(movement.sku) movement \(movement.number)"
            if let order = movement.cause.order, !check.isGiven(order) {
                check.add("I5", in: "movements", id, "no order \(order)")
            }
            guard var units = check.products[movement.sku] else {
                return check.add("I5", in: "movements", id, "no product \(movement.sku)")
            }
            units.onHand &+= movement.onHand
            units.movements += 1
            if movement.number != units.movements { units.isGapless = false }
            if let location = movement.cause.location {
                check.expect(location, of: "movements", id)
                units.places[location, default: (0, 0)].onHand &+= movement.onHand
            }
            check.products[movement.sku] = units
        }
        try each(StockLevel.self, "stock") { (check, level) in
            guard let units = check.products[level.sku] else {
                return check.add("I5", in: "stock", level.sku.text, "no product \(level.sku)")
            }
            check.check(level, units)
            check.products[level.sku]?.unshipped = 0
        }
        for (sku, units) in products where units.isTracked && units.unshipped > 0 {
            add("I1", in: "stock", sku.text, "orders hold \(units.unshipped), no stock level")
        }
    }

    /// Order numbers have no gaps, or those are named.
    private func isGiven(_ order: OrderNumber) -> Bool {
        order.value >= OrderNumber.first.value && order.value <= lastOrder
    }

    private mutating func check(_ level: StockLevel, _ units: Units) {
        let id = level.sku.text
        if !units.isGapless || units.movements != level.movements {
            add("I6", in: "stock", id, "its movements are not numbered 1 to \(level.movements)")
        }
        if units.onHand != level.onHand {
            add("I2", in: "stock", id, "\(level.onHand) on hand, movements say \(units.onHand)")
        }
        if units.isTracked, level.reserved != units.unshipped {
            add("I1", in: "stock", id, "\(level.reserved) reserved, orders hold \(units.unshipped)")
        }
        for here in level.allFigures {
            let isShort = units.isTracked && !units.allowsBackorders && here.available < 0
            if here.reserved < 0 || here.onHand < 0 || isShort {
                add("I1", in: "stock", id, "\(here.reserved) reserved of \(here.onHand) on hand")
            }
        }
        checkPlaces(of: level, units)
    }

    /// Each place by itself agrees with its movements and the orders that leave from it.
    private mutating func checkPlaces(of level: StockLevel, _ units: Units) {
        let id = level.sku.text
        for place in level.places { if let name = place.location { expect(name, of: "stock", id) } }
        for name in Set(units.places.keys).union(level.places.compactMap(\.location)).sorted() {
            let here = level.figures(at: name)
            let sums = units.places[name] ?? (0, 0)
            if here.onHand != sums.onHand {
                add(
                    "I2", in: "stock", id,
                    "\(here.onHand) on hand at \(name), movements say \(sums.onHand)")
            }
            if units.isTracked, here.reserved != sums.unshipped {
                add(
                    "I1", in: "stock", id,
                    "\(here.reserved) reserved at \(name), orders hold \(sums.unshipped)")
            }
        }
    }

    /// Coupons, ways of shipping and taxes, and how often coupons are in use.
    mutating func checkPrices() throws(ShopError) {
        try each(Coupon.self, "coupons") { (check, coupon) in
            var skus = coupon.skus
            if case .gift(let gift) = coupon.benefit { skus += [gift.buy.sku, gift.get.sku] }
            for sku in skus where check.products[sku] == nil {
                check.add("I5", in: "coupons", coupon.code.text, "no product \(sku)")
            }
        }
        try each(ShippingMethod.self, "shipping-methods") { (_, _) in }
        try each(TaxRate.self, "tax-rates") { (check, rate) in check.derived.add(rate) }
        var expected = derived.couponUses
        try each(CouponUses.self, "coupon-uses") { (check, uses) in
            let count = expected.removeValue(forKey: uses.recordKey)?.uses ?? 0
            if count != uses.uses {
                check.add(
                    "I5", in: "coupon-uses", uses.code.text,
                    "\(uses.uses) uses, orders say \(count)", isDerived: true)
            }
        }
        for uses in expected.values.sorted(by: { $0.recordKey < $1.recordKey }) {
            add(
                "I5", in: "coupon-uses", uses.code.text, "no uses, orders say \(uses.uses)",
                isDerived: true)
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
                    "I5", in: index, index,
                    "its \(actual.count) entries are not those of \(expected.count) records",
                    isDerived: true)
            }
        }
        do throws(ShopError) {
            if try !derived.agrees(with: view.counters()) {
                add(
                    "I6", in: "counters", "shop", "the last numbers given are not those used",
                    isDerived: true)
            }
        } catch  where error.code == "record-damaged" {
            add("record-damaged", in: "counters", "shop", error.message)
        }
        var expected = derived.days
        try each(DayTotals.self, "days") { (check, day) in
            let sums = expected.removeValue(forKey: day.day) ?? DayTotals.Sums()
            if sums != day.sums {
                check.add(
                    "I3", in: "days", day.day.description,
                    "the day's totals are not the sum of it", isDerived: true)
            }
        }
        for day in expected.keys.sorted() {
            add("I3", in: "days", day.description, "the day has no totals", isDerived: true)
        }
    }
}
