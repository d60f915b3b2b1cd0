import Orders
import Primitives
import ShopCore

/// The columns of every command that shows orders.
enum OrderColumns {
    static let all: [Column<Order>] = [
        .text("number") { $0.number.description },
        .text("customer", mayBeCut: true) { $0.customer.text },
        .text("status") { $0.status.rawValue },
        .text("payment") { $0.payment.rawValue },
        .text("fulfillment") { $0.fulfillment.rawValue },
        .money("total") { $0.total },
        .money("subtotal", shown: .wide) { $0.subtotal },
        .money("discount", shown: .wide) { $0.discount.isZero ? nil : $0.discount },
        .money("shipping", shown: .wide) { $0.shipping.isZero ? nil : $0.shipping },
        .money("tax", shown: .wide) { $0.tax.isZero ? nil : $0.tax },
        .money("captured", shown: .wide) { $0.captured },
        .money("refunded", shown: .wide) { $0.refunded },
        .money("due", shown: .wide) { $0.due },
        .money("overpaid", shown: .record) { $0.overpaid.isZero ? nil : $0.overpaid },
        .money("authorized", shown: .record) { held($0.holds.authorized, of: $0) },
        .money("disputed", shown: .record) { held($0.holds.disputed, of: $0) },
        .integer("units", shown: .wide) { $0.units },
        .time("createdAt") { $0.createdAt },
        .text("createdBy", shown: .wide) { $0.createdBy },
        .text("reference", shown: .wide) { $0.reference },
        .text("location", shown: .wide) { $0.location?.text },
        .time("placedAt", shown: .record) { $0.placedAt },
        .time("completedAt", shown: .record) { $0.completedAt },
        .time("cancelledAt", shown: .record) { $0.cancelledAt },
        .text("cancelReason", shown: .record) { $0.cancelReason },
        .time("expiredAt", shown: .record) { $0.expiredAt },
        .text("placedBy", shown: .record) { $0.details.placedBy },
        .text("cancelledBy", shown: .record) { $0.details.cancelledBy },
        .list("tags") { $0.details.tags },
        .text("billTo", shown: .record) { $0.details.billTo },
        .text("shipTo", shown: .record) { $0.details.shipTo },
        .bool("pricesIncludeTax", shown: .record) { $0.includesTax ? true : nil },
        .text("region", shown: .record) { $0.pricing?.region?.text },
        .text("coupon", shown: .record) { $0.pricing?.coupon?.text },
        .text("shippingMethod", shown: .record) { $0.pricing?.shippingMethod },
        .rows("lines", lines) { $0.lines },
        .rows("discounts", PriceColumns.discounts) { order in
            (order.pricing?.discounts ?? []).map { ($0, order.currency) }
        },
        .rows("taxes", PriceColumns.taxes) { order in
            (order.pricing?.taxes ?? []).map { ($0, order.currency) }
        },
        .rows("shippingTaxes", PriceColumns.shares) { order in
            (order.pricing?.shippingTaxes ?? []).map { ($0, order.currency) }
        },
        .rows("shipments", shipments) { $0.shipments },
        .rows("returns", returns) { order in
            order.returns.map { Amounted($0, Money(minorUnits: $0.amount, order.currency)) }
        },
        .rows("changes", changes) { order in
            order.changes.map { Amounted($0, Money(minorUnits: $0.amount, order.currency)) }
        },
        .rows("credits", credits) { order in
            order.credits.map { Amounted($0, Money(minorUnits: $0.amount, order.currency)) }
        },
        .rows("notes", notes) { $0.details.notes },
        .rows("invoices", invoices) { order in
            order.details.invoices.map { Amounted($0, Money(minorUnits: $0.total, order.currency)) }
        },
    ]

    static let events: [Column<OrderEvent>] = [
        .time("at") { $0.at },
        .text("by") { $0.by },
        .text("event") { $0.kind },
        .pairs("units", shown: .always) { units($0.units) },
        .money("amount") { $0.amount },
        .text("detail", mayBeCut: true) { $0.detail },
    ]

    private static let invoices: [Column<Amounted<Invoice>>] = [
        .text("number") { $0.part.number.description },
        .time("at") { $0.part.at },
        .text("by") { $0.part.by },
        .text("billTo", shown: .record) { $0.part.billTo },
        .money("total") { $0.amount },
    ]

    private static let notes: [Column<OrderNote>] = [
        .time("at") { $0.at },
        .text("by") { $0.by },
        .text("text", mayBeCut: true) { $0.text },
    ]

    private static func held(_ amount: Int64, of order: Order) -> Money? {
        amount == 0 ? nil : Money(minorUnits: amount, order.currency)
    }

    private static let lines: [Column<LineItem>] = [
        .text("sku", "SKU") { $0.sku.text },
        .text("name", mayBeCut: true) { $0.name },
        .integer("quantity") { $0.quantity },
        .money("unitPrice") { $0.unitPrice },
        .money("tax", shown: .wide) { $0.tax.isZero ? nil : $0.tax },
        .money("total") { $0.total },
        .rows("discounts", PriceColumns.shares) { line in
            line.discounts.map { ($0, line.unitPrice.currency) }
        },
        .rows("taxes", PriceColumns.shares) { line in
            line.taxes.map { ($0, line.unitPrice.currency) }
        },
    ]

    private static let shipments: [Column<Shipment>] = [
        .integer("number", "NO") { Int64($0.number) },
        .time("at") { $0.at },
        .text("by") { $0.by },
        .text("carrier") { $0.carrier },
        .text("tracking") { $0.tracking },
        .pairs("units", shown: .always) { units($0.lines) },
        .time("deliveredAt") { $0.deliveredAt },
        .text("deliveredBy", shown: .record) { $0.deliveredBy },
    ]

    /// A part of an order with what it comes to in the order's currency.
    private struct Amounted<Part: Sendable>: Sendable {
        let part: Part
        let amount: Money

        init(_ part: Part, _ amount: Money) {
            self.part = part
            self.amount = amount
        }
    }

    private static let returns: [Column<Amounted<OrderReturn>>] = [
        .integer("number", "NO") { Int64($0.part.number) },
        .time("at") { $0.part.at },
        .text("by") { $0.part.by },
        .text("outcome") { $0.part.outcome.rawValue },
        .text("reason") { $0.part.reason },
        .pairs("units", shown: .always) { units($0.part.lines) },
        .money("amount") { $0.amount },
        .bool("refund", shown: .record) { $0.part.isOfRefund ? true : nil },
    ]

    private static let changes: [Column<Amounted<OrderChange>>] = [
        .time("at") { $0.part.at },
        .text("by") { $0.part.by },
        .text("kind") { $0.part.kind.rawValue },
        .text("reason") { $0.part.reason },
        .pairs("units", shown: .always) { units($0.part.lines) },
        .money("amount") { $0.amount },
    ]

    private static let credits: [Column<Amounted<OrderCredit>>] = [
        .time("at") { $0.part.at },
        .money("amount") { $0.amount },
    ]

    private static func units(_ counts: [UnitCount]) -> [(name: String, value: String)] {
        counts.map { ($0.sku.text, String($0.count)) }
    }
}

/// `SKU=QTY`: units of an order.
struct CountedItem: Sendable {
    let units: UnitCount

    init(parsing text: String) throws(ShopError) {
        let item = try OrderedItem(parsing: text)
        guard item.price == nil else { throw .invalidItem(text) }
        units = UnitCount(sku: item.sku, count: item.quantity.count)
    }
}

/// `SKU=QTY` or `SKU=QTY@PRICE`.
struct OrderedItem: Sendable {
    let sku: SKU
    let quantity: Quantity
    /// In the shop's currency, which only the shop knows.
    let price: String?

    init(parsing text: String) throws(ShopError) {
        // All three signs are ASCII, so that bytes will do.
        let bytes = text.utf8
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
            throw .invalidItem(text)
        }
        sku = try SKU(parsing: String(text[..<equals]))
        let start = bytes.index(after: equals)
        let at = bytes[start...].firstIndex(of: UInt8(ascii: "@"))
        quantity = try Quantity(parsing: String(text[start..<(at ?? text.endIndex)]))
        price = at.map { String(text[bytes.index(after: $0)...]) }
    }
}

extension ShopError {
    static func invalidItem(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-item", "\"\(text)\" is not SKU=QUANTITY",
            try: ["--item MUG-1=2", "--item MUG-1=2@9.99"])
    }
}
