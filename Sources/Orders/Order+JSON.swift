package import Formats
import Primitives

extension Order: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var stored = StoredOrder()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "number": stored.number = try reader.int64()
            case "customer": stored.customer = try reader.string()
            case "status": stored.status = try reader.word()
            case "currency": stored.currency = try reader.currency(try reader.string(), start)
            case "lines": stored.lines = try StoredLine.all(from: &reader)
            case "subtotal": stored.subtotal = try reader.amount()
            case "discount": stored.discount = try reader.amount()
            case "shipping": stored.shipping = try reader.amount()
            case "tax": stored.tax = try reader.amount()
            case "total": stored.total = try reader.amount()
            case "captured": stored.captured = try reader.amount()
            case "refunded": stored.refunded = try reader.amount()
            case "reference": stored.reference = try reader.string()
            case "location": stored.location = LocationName(stored: try reader.string())
            case "shipments": stored.shipments = try Shipment.all(from: &reader)
            case "returns":
                try reader.beginArray()
                while try reader.nextElement() {
                    stored.returns.append(try OrderReturn(from: &reader))
                }
            case "changes":
                try reader.beginArray()
                while try reader.nextElement() {
                    stored.changes.append(try OrderChange(from: &reader))
                }
            case "credits":
                try reader.beginArray()
                while try reader.nextElement() {
                    stored.credits.append(try OrderCredit(from: &reader))
                }
            case "holds": stored.holds = try OrderHolds(from: &reader)
            case "createdBy": stored.createdBy = try reader.string()
            case "createdAt": stored.createdAt = try reader.timestamp()
            case "placedAt": stored.placedAt = try reader.timestamp()
            case "completedAt": stored.completedAt = try reader.timestamp()
            case "cancelledAt": stored.cancelledAt = try reader.timestamp()
            case "expiredAt": stored.expiredAt = try reader.timestamp()
            case "cancelReason": stored.cancelReason = try reader.string()
            default:
                if try stored.details.read(member, from: &reader) { continue }
                if try stored.pricing.read(member, from: &reader) { continue }
                try stored.unknown.keep(member, from: &reader)
            }
        }
        guard let currency = stored.currency, let createdAt = stored.createdAt,
            let status = stored.status, stored.number > 0, !stored.customer.isEmpty,
            !stored.lines.isEmpty
        else {
            throw JSONError(
                offset: start, reason: "an order that lacks a member it cannot do without")
        }
        self.init(stored, status, currency, createdAt)
    }

    private init(
        _ stored: StoredOrder, _ status: OrderStatus, _ currency: Currency, _ createdAt: Timestamp
    ) {
        func money(_ units: Int64) -> Money { Money(minorUnits: units, currency) }
        number = OrderNumber(stored.number)
        customer = EmailAddress(stored: stored.customer)
        self.status = status
        self.currency = currency
        lines = stored.lines.map { line in
            LineItem(
                stored: SKU(stored: line.sku), name: line.name, quantity: line.quantity,
                unitPrice: money(line.unitPrice), tax: money(line.tax), total: money(line.total),
                shares: line.shares.isEmpty ? nil : line.shares, unknown: line.unknown)
        }
        subtotal = money(stored.subtotal)
        discount = money(stored.discount)
        shipping = money(stored.shipping)
        tax = money(stored.tax)
        total = money(stored.total)
        captured = money(stored.captured)
        refunded = money(stored.refunded)
        if stored.pricing != OrderPricing() { pricing = stored.pricing }
        reference = stored.reference
        location = stored.location
        shipments = stored.shipments
        returns = stored.returns
        changes = stored.changes
        credits = stored.credits
        holds = stored.holds
        createdBy = stored.createdBy
        self.createdAt = createdAt
        placedAt = stored.placedAt
        completedAt = stored.completedAt
        cancelledAt = stored.cancelledAt
        cancelReason = stored.cancelReason
        expiredAt = stored.expiredAt
        details = stored.details
        unknown = stored.unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("number", number.value)
        writer.member("customer", customer.text)
        writer.member("status", status.rawValue)
        writer.member("currency", currency.code)
        writer.name("lines")
        writer.beginArray()
        for index in lines.indices { lines[index].write(to: &writer) }
        writer.endArray()
        writer.member("subtotal", subtotal.minorUnits)
        if !discount.isZero { writer.member("discount", discount.minorUnits) }
        writer.member("shipping", shipping.minorUnits)
        writer.member("tax", tax.minorUnits)
        writer.member("total", total.minorUnits)
        writer.member("captured", captured.minorUnits)
        writer.member("refunded", refunded.minorUnits)
        pricing?.write(to: &writer)
        writer.member("reference", reference)
        writer.member("location", location?.text)
        if !shipments.isEmpty {
            writer.name("shipments")
            writer.beginArray()
            for shipment in shipments { shipment.write(to: &writer) }
            writer.endArray()
        }
        writeCorrections(to: &writer)
        if holds != OrderHolds() {
            writer.name("holds")
            holds.write(to: &writer)
        }
        writer.member("createdBy", createdBy)
        writer.member("createdAt", createdAt)
        writer.member("placedAt", placedAt)
        writer.member("completedAt", completedAt)
        writer.member("cancelledAt", cancelledAt)
        writer.member("cancelReason", cancelReason)
        writer.member("expiredAt", expiredAt?.rfc3339)
        details.write(to: &writer)
        writer.members(unknown)
        writer.endObject()
    }

    private func writeCorrections(to writer: inout JSONWriter) {
        if !returns.isEmpty {
            writer.name("returns")
            writer.beginArray()
            for entry in returns { entry.write(to: &writer) }
            writer.endArray()
        }
        if !changes.isEmpty {
            writer.name("changes")
            writer.beginArray()
            for change in changes { change.write(to: &writer) }
            writer.endArray()
        }
        if !credits.isEmpty {
            writer.name("credits")
            writer.beginArray()
            for credit in credits { credit.write(to: &writer) }
            writer.endArray()
        }
    }
}

/// An order while it is being read: amounts have no currency until the record has named it.
private struct StoredOrder {
    var number: Int64 = 0
    var customer = ""
    var status: OrderStatus?
    var currency: Currency?
    var lines: [StoredLine] = []
    var subtotal: Int64 = 0
    var discount: Int64 = 0
    var shipping: Int64 = 0
    var tax: Int64 = 0
    var total: Int64 = 0
    var pricing = OrderPricing()
    var captured: Int64 = 0
    var refunded: Int64 = 0
    var reference: String?
    var location: LocationName?
    var shipments: [Shipment] = []
    var returns: [OrderReturn] = []
    var changes: [OrderChange] = []
    var credits: [OrderCredit] = []
    var holds = OrderHolds()
    var createdBy = ""
    var createdAt: Timestamp?
    var placedAt: Timestamp?
    var completedAt: Timestamp?
    var cancelledAt: Timestamp?
    var cancelReason: String?
    var expiredAt: Timestamp?
    var details = OrderDetails()
    var unknown = UnknownMembers()
}

private struct StoredLine {
    var sku = ""
    var name = ""
    var quantity: Int64 = 0
    var unitPrice: Int64 = 0
    var tax: Int64 = 0
    var total: Int64 = 0
    var shares = LineItem.Shares(discounts: [], taxes: [])
    var unknown = UnknownMembers()

    static func all(from reader: inout JSONReader) throws(JSONError) -> [StoredLine] {
        var lines: [StoredLine] = []
        try reader.beginArray()
        while try reader.nextElement() {
            var line = StoredLine()
            try reader.beginObject()
            while let member = try reader.nextMember() {
                switch member {
                case "sku": line.sku = try reader.string()
                case "name": line.name = try reader.string()
                case "quantity": line.quantity = try reader.unitCount()
                case "unitPrice": line.unitPrice = try reader.amount()
                case "tax": line.tax = try reader.amount()
                case "total": line.total = try reader.amount()
                case "discounts": line.shares.discounts = try [PriceShare](from: &reader)
                case "taxes": line.shares.taxes = try [PriceShare](from: &reader)
                default: try line.unknown.keep(member, from: &reader)
                }
            }
            lines.append(line)
        }
        return lines
    }
}

extension LineItem {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sku", sku.text)
        writer.member("name", name)
        writer.member("quantity", quantity)
        writer.member("unitPrice", unitPrice.minorUnits)
        writer.member("tax", tax.minorUnits)
        writer.member("total", total.minorUnits)
        if let shares {
            shares.discounts.write(as: "discounts", to: &writer)
            shares.taxes.write(as: "taxes", to: &writer)
        }
        writer.members(unknown)
        writer.endObject()
    }
}
