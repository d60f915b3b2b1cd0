import Catalog
import Formats
import Orders
import Payments
package import Primitives
import Storage

/// A record that has a place in the store.
protocol StoredRecord: JSONRecord {
    var recordKey: RecordKey { get }
}

/// Where each kind of record is kept; the names are part of the data format.
enum Records {
    /// In name order.
    static let layout = Layout([
        .init("balance-movements", in: "payments"),
        .init("balances", in: "payments"),
        .init("codes", in: "users"),
        .init("corrections", in: "payments"),
        .init("counters", in: "index"),
        .init("coupon-uses", in: "index", isDerived: true),
        .init("coupons", in: "catalog"),
        .init("customer-orders", in: "index", isDerived: true),
        .init("days", in: "index", isDerived: true),
        .init("denials", in: "users"),
        .init("idempotency", in: "index"),
        .init("key-ages", in: "index"),
        .init("locations", in: "catalog"),
        .init("movements", in: "catalog"),
        .init("order-payments", in: "index", isDerived: true),
        .init("orders", in: "orders"),
        .init("payments", in: "payments"),
        .init("pending-payments", in: "index", isDerived: true),
        .init("prices", in: "catalog"),
        .init("products", in: "catalog"),
        .init("purges", in: "payments"),
        .init("seals", in: "payments"),
        .init("sessions", in: "users"),
        .init("shipping-methods", in: "catalog"),
        .init("signin-failures", in: "users"),
        .init("status-orders", in: "index", isDerived: true),
        .init("stock", in: "catalog"),
        .init("tax-rates", in: "catalog"),
        .init("users", in: "users"),
    ])

    static func product(_ sku: SKU) -> RecordKey { RecordKey("products", sku.folded) }
    static func stock(_ sku: SKU) -> RecordKey { RecordKey("stock", sku.folded) }
    static func movements(_ sku: SKU) -> RecordKey { RecordKey("movements", sku.folded) }

    static func prices(_ sku: SKU) -> RecordKey { RecordKey("prices", sku.folded) }

    static func location(_ name: LocationName) -> RecordKey {
        RecordKey("locations", name.text)
    }

    static func order(_ number: OrderNumber) -> RecordKey {
        RecordKey("orders", number: number.value)
    }

    static func payment(_ number: PaymentNumber) -> RecordKey {
        RecordKey("payments", number: number.value)
    }

    static func orders(of customer: EmailAddress) -> RecordKey {
        RecordKey("customer-orders", customer.folded)
    }

    static func orders(in status: OrderStatus) -> RecordKey {
        RecordKey("status-orders", status.rawValue)
    }

    static func payments(of order: OrderNumber) -> RecordKey {
        RecordKey("order-payments", number: order.value)
    }

    static func day(_ day: CalendarDay) -> RecordKey { RecordKey("days", day.description) }
    static func seal(_ day: CalendarDay) -> RecordKey { RecordKey("seals", day.description) }
    /// What was dated into a day after it was sealed.
    static func corrections(_ day: CalendarDay) -> RecordKey {
        RecordKey("corrections", day.description)
    }

    static func coupon(_ code: CouponCode) -> RecordKey { RecordKey("coupons", code.folded) }

    /// - Parameter customer: nil for the uses by everybody.
    static func couponUses(_ code: CouponCode, _ customer: EmailAddress?) -> RecordKey {
        guard let customer else { return RecordKey("coupon-uses", code.folded) }
        return RecordKey("coupon-uses", code.folded, customer.folded)
    }

    static func shippingMethod(_ name: SKU) -> RecordKey {
        RecordKey("shipping-methods", name.folded)
    }

    /// - Parameter country: empty for the rates of anywhere.
    static func taxRates(of country: String) -> RecordKey {
        RecordKey("tax-rates", country.isEmpty ? "any" : country)
    }

    static let counters = RecordKey("counters", "shop")

    static func idempotency(_ key: IdempotencyKey) -> RecordKey {
        RecordKey("idempotency", key.text)
    }
}

extension Product: StoredRecord {
    var recordKey: RecordKey { Records.product(sku) }
}

extension StockLevel: StoredRecord {
    var recordKey: RecordKey { Records.stock(sku) }
}

extension StockMovement: StoredRecord {
    var recordKey: RecordKey {
        RecordKey("movements", sku.folded, number: number)
    }
}

extension Coupon: StoredRecord {
    var recordKey: RecordKey { Records.coupon(code) }
}

extension ShippingMethod: StoredRecord {
    var recordKey: RecordKey { Records.shippingMethod(name) }
}

extension TaxRate: StoredRecord {
    var recordKey: RecordKey {
        RecordKey("tax-rates", country.isEmpty ? "any" : country, number: number)
    }
}

extension StockLocation: StoredRecord {
    var recordKey: RecordKey { Records.location(name) }
}

extension PastPrice: StoredRecord {
    var recordKey: RecordKey { RecordKey("prices", sku.folded, number: number) }
}

extension Order: StoredRecord {
    var recordKey: RecordKey { Records.order(number) }
}

extension Payment: StoredRecord {
    var recordKey: RecordKey { Records.payment(number) }
}

// MARK: - Reading and writing them

extension View {
    /// The record of `key`, nil where there is none.
    ///
    /// - Throws: `record-damaged` (65) when it is not what it should be.
    func find<Record: JSONRecord>(
        _ type: Record.Type, _ key: RecordKey
    ) throws(ShopError) -> Record? {
        guard let bytes = try record(key) else { return nil }
        return try read(type, bytes, key)
    }

    /// What the bytes of the record `key` say.
    func read<Record: JSONRecord>(
        _ type: Record.Type, _ bytes: [UInt8], _ key: RecordKey
    ) throws(ShopError) -> Record {
        do throws(JSONError) {
            return try Record(json: bytes)
        } catch {
            throw .recordDamaged(key.description, error)
        }
    }

    /// Shows the records of a range one by one until `visit` says false.
    func each<Record: JSONRecord>(
        _ type: Record.Type, _ range: KeyRange, _ direction: ScanDirection = .ascending,
        _ visit: (Record) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try scan(range, direction) { (found) throws(ShopError) in
            let record = try found.read { (reader) throws(JSONError) in
                try Record(from: &reader)
            }
            return try visit(record)
        }
    }

    func product(_ sku: SKU) throws(ShopError) -> Product {
        guard let product = try find(Product.self, Records.product(sku)) else {
            throw .noProduct(sku)
        }
        return product
    }

    func order(_ number: OrderNumber) throws(ShopError) -> Order {
        guard let order = try find(Order.self, Records.order(number)) else {
            throw .noOrder(number)
        }
        return order
    }

    func payment(_ number: PaymentNumber) throws(ShopError) -> Payment {
        guard let payment = try find(Payment.self, Records.payment(number)) else {
            throw .noPayment(number)
        }
        return payment
    }

    /// The payments of an order, oldest first.
    func payments(of order: OrderNumber) throws(ShopError) -> [Payment] {
        var numbers: [PaymentNumber] = []
        try scan(KeyRange(under: Records.payments(of: order))) { (found) throws(ShopError) in
            let digits = found.key.suffix(10)
            numbers.append(PaymentNumber(Int64(String(decoding: digits, as: UTF8.self)) ?? 0))
            return true
        }
        var payments: [Payment] = []
        for number in numbers { payments.append(try payment(number)) }
        return payments
    }
}

/// The payments of orders that come by rising number: their index is walked beside the orders,
/// and so are the payments themselves as far as their numbers rise too.
final class PaymentWalk {
    private let view: View
    private let index, payments: RisingLookup
    private var highest: Int64 = 0

    init(_ view: View) {
        self.view = view
        index = RisingLookup(view, "order-payments")
        payments = RisingLookup(view, "payments")
    }

    /// The payments of an order, oldest first.
    func payments(of order: OrderNumber) throws(ShopError) -> [Payment] {
        var found: [Payment] = []
        let prefix = Array("\(RecordKey.padded(order.value))/".utf8)
        try prefix.withBytes { (prefix) throws(ShopError) in
            try index.each(under: prefix) { (key) throws(ShopError) in
                let digits = String(decoding: key.suffix(10), as: UTF8.self)
                found.append(try payment(PaymentNumber(Int64(digits) ?? 0)))
            }
        }
        return found
    }

    private func payment(_ number: PaymentNumber) throws(ShopError) -> Payment {
        guard number.value > highest else { return try view.payment(number) }
        highest = number.value
        guard let payment: Payment = try payments.record(RecordKey.padded(number.value)) else {
            throw .noPayment(number)
        }
        return payment
    }
}

extension RisingLookup {
    func record<Record: JSONRecord>(_ key: String) throws(ShopError) -> Record? {
        try Array(key.utf8).withBytes { (key) throws(ShopError) in try record(key) }
    }

    /// The record of a key whose bytes need no escaping, nil where there is none.
    ///
    /// - Throws: `record-damaged` (65).
    func record<Record: JSONRecord>(
        _ key: UnsafeRawBufferPointer
    ) throws(ShopError) -> Record? {
        guard let bytes = try find(key) else { return nil }
        var reader = JSONReader(bytes)
        do throws(JSONError) {
            return try Record(from: &reader)
        } catch {
            let name = String(decoding: key, as: UTF8.self)
            throw .recordDamaged("\(collection)/\(name)", error)
        }
    }
}

extension Transaction {
    func put(_ record: some StoredRecord) {
        set(record.recordKey, record.json)
    }

    /// Stores a record whose number was just given.
    func insert(_ record: some StoredRecord) {
        insert(record.recordKey, record.json)
    }

    /// An index entry, which is all key.
    func insert(entry key: RecordKey) {
        insert(key, Array("{}".utf8))
    }
}

extension Load {
    func put(_ record: some StoredRecord) throws(ShopError) {
        try set(record.recordKey, record.json)
    }
}

// MARK: - Errors

extension ShopError {
    static func recordDamaged(_ key: String, _ error: JSONError) -> ShopError {
        ShopError(
            .data, "record-damaged", "the record \(key) is not what it should be: \(error.reason)",
            at: key, why: "nothing was changed")
    }

    package static func noProduct(_ sku: SKU) -> ShopError {
        ShopError(
            .notFound, "product-not-found", "no product with SKU \"\(sku)\"", at: sku.text,
            try: ["shopctl product list --search \(sku)"], details: [.init("sku", sku.text)])
    }

    package static func noOrder(_ number: OrderNumber) -> ShopError {
        ShopError(
            .notFound, "order-not-found", "no order \(number)", at: number.description,
            try: ["shopctl order list --limit 10"])
    }

    package static func noPayment(_ number: PaymentNumber) -> ShopError {
        ShopError(
            .notFound, "payment-not-found", "no payment \(number)", at: number.description,
            try: ["shopctl payment list --limit 10"])
    }
}
