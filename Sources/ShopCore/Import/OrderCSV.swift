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

    func reference(_ reader: CSVReader) throws(ShopError) -> String {
        guard let reference = text(reference, reader) else { throw .cellMissing("reference") }
        guard reference.utf8.count <= 200 else {
            throw .badCell("reference", String(reference.prefix(40)) + "…", "of up to 200 bytes")
        }
        return reference
    }

    /// The order that a row begins, without its line.
    func order(_ reader: CSVReader, _ reference: String) throws(ShopError) -> OrderRow {
        guard let customer = text(customer, reader) else { throw .cellMissing("customer") }
        guard let word = text(status, reader) else { throw .cellMissing("status") }
        guard let status = OrderStatus(rawValue: word) else {
            let words = OrderStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badCell("status", word, "one of \(words)")
        }
        var history = OrderHistory(
            customer: try EmailAddress(parsing: customer), status: status)
        history.reference = reference
        history.placedAt = try time(placedAt, reader)
        history.captured = try money(captured, "captured", reader)
        history.refunded = try money(refunded, "refunded", reader)
        history.shipping = try money(shipping, "shipping", reader)
        history.tax = try money(tax, "tax", reader)
        history.total = try money(total, "total", reader)
        var row = OrderRow(line: reader.line, history: history)
        if let word = text(method, reader) {
            guard let method = PaymentMethod(rawValue: word) else {
                throw .badCell("method", word, "one of cash, transfer, card")
            }
            row.method = method
        }
        return row
    }

    /// What a row says of the order's line.
    func lineItem(_ reader: CSVReader) throws(ShopError) -> LineItem {
        guard let sku = text(sku, reader) else { throw .skuMissing }
        guard let quantity = try count(quantity, "quantity", reader) else {
            throw .cellMissing("quantity")
        }
        guard let price = try money(unitPrice, "unitPrice", reader) else {
            throw .cellMissing("unitPrice")
        }
        return try LineItem(
            try SKU(parsing: sku), named: text(name, reader) ?? "",
            try Quantity(quantity), at: price)
    }

    /// The cells of an order's first row, to compare later ones with.
    struct Cells {
        fileprivate var bytes: [UInt8] = []
        fileprivate var ends: [Int] = []
    }

    func note(_ reader: CSVReader, in cells: inout Cells) {
        cells.bytes.removeAll(keepingCapacity: true)
        cells.ends.removeAll(keepingCapacity: true)
        for column in ofOrder {
            cells.bytes += reader.bytes(column)
            cells.ends.append(cells.bytes.count)
        }
    }

    /// - Throws: `order-rows-differ` when a later row says something else of its order.
    func check(
        _ reader: CSVReader, against first: Cells, _ names: CSVHeader
    ) throws(ShopError) {
        for (index, column) in ofOrder.enumerated() {
            let bytes = reader.bytes(column)
            guard !bytes.isEmpty else { continue }
            let expected = first.bytes[
                (index == 0 ? 0 : first.ends[index - 1])..<first.ends[index]]
            guard bytes.elementsEqual(expected) else {
                throw .orderRowsDiffer(
                    names.name(column), String(decoding: bytes, as: UTF8.self),
                    String(decoding: expected, as: UTF8.self))
            }
        }
    }

    private func text(_ column: Int?, _ reader: CSVReader) -> String? {
        guard let column else { return nil }
        return reader.text(column)
    }

    private func money(
        _ column: Int?, _ name: String, _ reader: CSVReader
    ) throws(ShopError) -> Money? {
        guard let column, let text = Self.bytes(column, reader) else { return nil }
        if let money = Money(plain: text, currency) { return money }
        return try Money(
            parsing: String(decoding: text, as: UTF8.self), currency, named: name)
    }

    private func count(
        _ column: Int?, _ name: String, _ reader: CSVReader
    ) throws(ShopError) -> Int64? {
        guard let column, let text = Self.bytes(column, reader) else { return nil }
        // Up to nine digits, as counts are, need no second look.
        if text.count <= 9, text.allSatisfy({ $0 &- 0x30 < 10 }), text[0] != 0x30 {
            return text.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        return try JSONCells.count(String(decoding: text, as: UTF8.self), name)
    }

    /// The bytes of a cell; nil where it is empty.
    private static func bytes(_ column: Int, _ reader: CSVReader) -> UnsafeBufferPointer<UInt8>? {
        let bytes = reader.bytes(column)
        return bytes.isEmpty ? nil : bytes
    }

    private func time(_ column: Int?, _ reader: CSVReader) throws(ShopError) -> Timestamp? {
        guard let column, let bytes = Self.bytes(column, reader) else { return nil }
        if let time = Timestamp(rfc3339: bytes) { return time }
        let text = String(decoding: bytes, as: UTF8.self)
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
