import Formats
import Orders
import Payments
import Primitives

/// The columns of orders, in any order; a row is a line item.
struct OrderCSVColumns {
    static let known = [
        "reference", "customer", "status", "placedAt", "captured", "refunded", "method", "sku",
        "name", "quantity", "unitPrice", "shipping", "tax", "total",
    ]
    static let required = ["reference", "customer", "status", "sku", "quantity", "unitPrice"]

    let count: Int
    private let currency: Currency
    private let zone: TimeZoneName
    private let reference, sku, name, quantity, unitPrice: Int?
    private let customer, status, placedAt, captured, refunded, method: Int?
    private let shipping, tax, total: Int?
    /// Columns that say something of the order and not of the line.
    private let ofOrder: [Int]

    init(_ header: CSVHeader, _ currency: Currency, _ zone: TimeZoneName) {
        self.currency = currency
        self.zone = zone
        count = header.count
        reference = header.position("reference")
        sku = header.position("sku")
        name = header.position("name")
        quantity = header.position("quantity")
        unitPrice = header.position("unitprice")
        customer = header.position("customer")
        status = header.position("status")
        placedAt = header.position("placedat")
        captured = header.position("captured")
        refunded = header.position("refunded")
        method = header.position("method")
        shipping = header.position("shipping")
        tax = header.position("tax")
        total = header.position("total")
        ofOrder = [
            customer, status, placedAt, captured, refunded, method, shipping, tax, total,
        ].compactMap(\.self)
    }

    func reference(_ reader: inout CSVReader) throws(ShopError) -> String {
        guard let reference = text(reference, &reader) else { throw .cellMissing("reference") }
        guard reference.utf8.count <= 200 else {
            throw .badCell("reference", String(reference.prefix(40)) + "…", "of up to 200 bytes")
        }
        return reference
    }

    /// The order that a row begins, without its line.
    func order(_ reader: inout CSVReader, _ reference: String) throws(ShopError) -> OrderRow {
        guard let customer = text(customer, &reader) else { throw .cellMissing("customer") }
        guard let word = text(status, &reader) else { throw .cellMissing("status") }
        guard let status = OrderStatus(rawValue: word) else {
            let words = OrderStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badCell("status", word, "one of \(words)")
        }
        var history = OrderHistory(
            customer: try EmailAddress(parsing: customer), status: status)
        history.reference = reference
        history.placedAt = try time(text(placedAt, &reader))
        history.captured = try money(captured, "captured", &reader)
        history.refunded = try money(refunded, "refunded", &reader)
        history.shipping = try money(shipping, "shipping", &reader)
        history.tax = try money(tax, "tax", &reader)
        history.total = try money(total, "total", &reader)
        var row = OrderRow(line: reader.line, history: history)
        if let word = text(method, &reader) {
            guard let method = PaymentMethod(rawValue: word) else {
                throw .badCell("method", word, "one of cash, transfer, card")
            }
            row.method = method
        }
        return row
    }

    /// What a row says of the order's line.
    func lineItem(_ reader: inout CSVReader) throws(ShopError) -> LineItem {
        guard let sku = text(sku, &reader) else { throw .skuMissing }
        guard let quantity = text(quantity, &reader) else { throw .cellMissing("quantity") }
        guard let price = try money(unitPrice, "unitPrice", &reader) else {
            throw .cellMissing("unitPrice")
        }
        return try LineItem(
            try SKU(parsing: sku), named: text(name, &reader) ?? "",
            try Quantity(try JSONCells.count(quantity, "quantity")), at: price)
    }

    /// The cells of an order's first row, to compare later ones with.
    struct Cells {
        fileprivate var bytes: [UInt8] = []
        fileprivate var ends: [Int] = []
    }

    func note(_ reader: inout CSVReader, in cells: inout Cells) {
        cells.bytes.removeAll(keepingCapacity: true)
        cells.ends.removeAll(keepingCapacity: true)
        for column in ofOrder {
            cells.bytes += reader.bytes(column)
            cells.ends.append(cells.bytes.count)
        }
    }

    /// - Throws: `order-rows-differ` when a later row says something else of its order.
    func check(
        _ reader: inout CSVReader, against first: Cells, _ names: CSVHeader
    ) throws(ShopError) {
        for (index, column) in ofOrder.enumerated() {
            let bytes = reader.bytes(column)
            let expected = first.bytes[
                (index == 0 ? 0 : first.ends[index - 1])..<first.ends[index]]
            guard bytes.isEmpty || bytes.elementsEqual(expected) else {
                throw .orderRowsDiffer(
                    names.name(column), String(decoding: bytes, as: UTF8.self),
                    String(decoding: expected, as: UTF8.self))
            }
        }
    }

    private func text(_ column: Int?, _ reader: inout CSVReader) -> String? {
        guard let column else { return nil }
        return reader.text(column)
    }

    private func money(
        _ column: Int?, _ name: String, _ reader: inout CSVReader
    ) throws(ShopError) -> Money? {
        guard let text = text(column, &reader) else { return nil }
        return try Money(parsing: text, currency, named: name)
    }

    private func time(_ text: String?) throws(ShopError) -> Timestamp? {
        guard let text else { return nil }
        if let time = Timestamp(rfc3339: text) { return time }
        guard let day = CalendarDay(text) else {
            throw .badCell("placedAt", text, "a day or a time such as 2026-11-23T18:31:07Z")
        }
        return day.beginning(in: zone)
    }
}

extension ShopError {
    static func orderRowsDiffer(_ name: String, _ text: String, _ first: String) -> ShopError {
        ShopError(
            .data, "order-rows-differ",
            "\(name) is \"\(text)\", and in the order's first row \"\(first)\"", at: name,
            why: "what is of the whole order stands in its first row, or alike in all of them")
    }
}
