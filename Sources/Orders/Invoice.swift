import Formats
package import Primitives

/// The number of an invoice or credit note: `INV-1001`. One series without gaps for both.
package struct InvoiceNumber: Hashable, Sendable, CustomStringConvertible {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }

    package static let first = InvoiceNumber(1001)

    package var description: String { "INV-\(value)" }
}

/// What an order was invoiced, as it was issued; never altered.
///
/// Each document says what those before it do not say yet: the first one all that the customer
/// keeps, a later one what was put on the order since, and, below zero, what was taken off it or
/// came back. So all of them together say what the order comes to.
package struct Invoice: Sendable, Equatable {
    package let number: InvoiceNumber
    package let at: Timestamp
    package let by: String
    /// Whose invoice it is, as shop.json said.
    package let seller: String?
    package let billTo: String?
    package let lines: [Line]
    /// In minor units, as all amounts of it.
    package let shipping: Int64
    package let tax: Int64
    package let total: Int64
    /// What is taken off the lines.
    package var discount: Int64 = 0
    /// The tax is within the prices, not on top.
    package var includesTax = false
    var unknown = UnknownMembers()

    /// So many units at a price; fewer than before, where the count is below zero.
    package struct Line: Sendable, Equatable {
        package let sku: SKU
        package let name: String
        package let quantity: Int64
        package let unitPrice: Int64
        var unknown = UnknownMembers()

        package var total: Int64 { unitPrice &* quantity }

        fileprivate func isLike(_ other: Line) -> Bool {
            sku == other.sku && unitPrice == other.unitPrice && name == other.name
        }

        fileprivate func counting(_ quantity: Int64) -> Line {
            Line(sku: sku, name: name, quantity: quantity, unitPrice: unitPrice)
        }
    }

    /// Gives back more than it asks for.
    package var isCreditNote: Bool { total < 0 }

    /// What is wrong with it; nothing where its parts add up.
    package var problem: String? {
        let rest = shipping &- discount &+ (includesTax ? 0 : tax)
        let sum = lines.reduce(rest) { $0 &+ $1.total }
        return sum == total ? nil : "the parts of \(number) add up to \(sum), not \(total)"
    }
}

extension Order {
    // MARK: - Queries

    /// The lines less the units that came back.
    private func keptLines() throws(ShopError) -> [LineItem] {
        guard endedAt == nil else { return [] }
        var back = returnedCounts
        var kept: [LineItem] = []
        for line in lines {
            let part = min(back[line.sku] ?? 0, line.quantity)
            back[line.sku, default: 0] -= part
            if part < line.quantity { kept.append(try line.without(part)) }
        }
        return kept
    }

    /// What the documents so far do not say of the order; nil where they say all.
    private func uninvoiced() throws(ShopError) -> (
        lines: [Invoice.Line], discount: Int64, shipping: Int64, tax: Int64, total: Int64
    )? {
        var lines: [Invoice.Line] = []
        func add(_ line: Invoice.Line, _ sign: Int64) {
            guard let index = lines.firstIndex(where: line.isLike) else {
                return lines.append(line.counting(line.quantity * sign))
            }
            lines[index] = line.counting(lines[index].quantity + line.quantity * sign)
        }
        let keptLines = try keptLines()
        for line in keptLines {
            add(
                Invoice.Line(
                    sku: line.sku, name: line.name, quantity: line.quantity,
                    unitPrice: line.unitPrice.minorUnits), 1)
        }
        let invoices = details.invoices
        for line in invoices.flatMap(\.lines) { add(line, -1) }
        lines.removeAll { $0.quantity == 0 }
        let kept = endedAt == nil
        let total = (kept ? total.minorUnits - returned.minorUnits : 0) - invoices.sum(\.total)
        let shipping = (kept ? shipping.minorUnits : 0) - invoices.sum(\.shipping)
        // Whatever rounding did, the parts add up: by the tax on top, or by what is taken off.
        var discount = keptLines.reduce(0) { $0 + $1.discount.minorUnits }
        discount -= invoices.sum(\.discount)
        var tax = lines.reduce(total - shipping + discount) { $0 - $1.total }
        if includesTax {
            discount -= tax
            tax = keptLines.reduce(kept ? pricing?.shippingTaxes.sum ?? 0 : 0) {
                $0 + $1.tax.minorUnits
            }
            tax -= invoices.sum(\.tax)
        }
        guard !lines.isEmpty || total != 0 || shipping != 0 || tax != 0 || discount != 0 else {
            return nil
        }
        return (lines, discount, shipping, tax, total)
    }

    // MARK: - Events

    /// Issues the document that is missing, if one is.
    ///
    /// - Parameter number: gives the next number, once it is needed.
    /// - Throws: `order-not-invoiceable` (5).
    package mutating func invoice(
        seller: String?, by: String, at time: Timestamp, number: () -> InvoiceNumber
    ) throws(ShopError) -> Invoice? {
        guard placedAt != nil, endedAt == nil || !details.invoices.isEmpty else {
            throw .notInvoiceable(self)
        }
        guard let missing = try uninvoiced() else { return nil }
        let invoice = Invoice(
            number: number(), at: time, by: by, seller: seller, billTo: details.billTo,
            lines: missing.lines, shipping: missing.shipping, tax: missing.tax,
            total: missing.total, discount: missing.discount, includesTax: includesTax)
        details.invoices.append(invoice)
        return invoice
    }
}

extension [Invoice] {
    func sum(_ amount: (Invoice) -> Int64) -> Int64 { reduce(0) { $0 &+ amount($1) } }
}

// MARK: - Stored form

extension Invoice {
    static func all(from reader: inout JSONReader) throws(JSONError) -> [Invoice] {
        var invoices: [Invoice] = []
        try reader.beginArray()
        while try reader.nextElement() { invoices.append(try Invoice(from: &reader)) }
        return invoices
    }

    private init(from reader: inout JSONReader) throws(JSONError) {
        var (number, at) = (Int64(0), Timestamp(millisecondsSinceEpoch: 0))
        var texts: (by: String, seller: String?, billTo: String?) = ("", nil, nil)
        var lines: [Line] = []
        var (discount, shipping, tax, total): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
        var includesTax = false
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "number": number = try reader.int64()
            case "at": at = try reader.timestamp()
            case "by": texts.by = try reader.string()
            case "seller": texts.seller = try reader.string()
            case "billTo": texts.billTo = try reader.string()
            case "lines":
                try reader.beginArray()
                while try reader.nextElement() { lines.append(try Line(from: &reader)) }
            case "discount": discount = try reader.amount()
            case "pricesIncludeTax": includesTax = try reader.bool()
            case "shipping": shipping = try reader.amount()
            case "tax": tax = try reader.amount()
            case "total": total = try reader.amount()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            number: InvoiceNumber(number), at: at, by: texts.by, seller: texts.seller,
            billTo: texts.billTo, lines: lines, shipping: shipping, tax: tax, total: total,
            discount: discount, includesTax: includesTax)
        self.unknown = unknown
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("number", number.value)
        writer.member("at", at)
        writer.member("by", by)
        writer.member("seller", seller)
        writer.member("billTo", billTo)
        writer.name("lines")
        writer.beginArray()
        for line in lines { line.write(to: &writer) }
        writer.endArray()
        if discount != 0 { writer.member("discount", discount) }
        if includesTax { writer.member("pricesIncludeTax", true) }
        writer.member("shipping", shipping)
        writer.member("tax", tax)
        writer.member("total", total)
        writer.members(unknown)
        writer.endObject()
    }
}

extension Invoice.Line {
    fileprivate init(from reader: inout JSONReader) throws(JSONError) {
        var (sku, name) = ("", "")
        var (quantity, unitPrice): (Int64, Int64) = (0, 0)
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "sku": sku = try reader.string()
            case "name": name = try reader.string()
            case "quantity": quantity = try reader.int64()
            case "unitPrice": unitPrice = try reader.amount()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(sku: SKU(stored: sku), name: name, quantity: quantity, unitPrice: unitPrice)
        self.unknown = unknown
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sku", sku.text)
        writer.member("name", name)
        writer.member("quantity", quantity)
        writer.member("unitPrice", unitPrice)
        writer.members(unknown)
        writer.endObject()
    }
}

// MARK: - Errors

extension ShopError {
    static func notInvoiceable(_ order: Order) -> ShopError {
        ShopError(
            .conflict, "order-not-invoiceable",
            "\(order.number) cannot be invoiced: it is \(order.status.rawValue)",
            try: [
                order.status == .draft
                    ? "shopctl order place \(order.number)" : "shopctl order show \(order.number)"
            ])
    }
}
