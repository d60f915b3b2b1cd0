package import Formats
import Primitives

extension Payment: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var numbers: (number: Int64, order: Int64) = (0, 0)
        var amounts: (authorized: Int64, captured: Int64, refunded: Int64) = (0, 0, 0)
        var method = PaymentMethod.cash
        var provider = ""
        var currency: Currency?
        var stored: [StoredEntry] = []
        var createdAt = Timestamp(millisecondsSinceEpoch: 0)
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "number": numbers.number = try reader.int64()
            case "order": numbers.order = try reader.int64()
            case "method": method = try reader.word()
            case "provider": provider = try reader.string()
            case "currency": currency = try reader.currency(try reader.string(), start)
            case "authorized": amounts.authorized = try reader.amount()
            case "captured": amounts.captured = try reader.amount()
            case "refunded": amounts.refunded = try reader.amount()
            case "entries": stored = try StoredEntry.all(from: &reader)
            case "createdAt": createdAt = try reader.timestamp()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard let currency else {
            throw JSONError(offset: start, reason: "a payment without currency")
        }
        guard numbers.number > 0, numbers.order > 0 else {
            throw JSONError(offset: start, reason: "a payment without its number or its order's")
        }
        number = PaymentNumber(numbers.number)
        order = OrderNumber(numbers.order)
        self.method = method
        self.provider = provider
        authorized = Money(minorUnits: amounts.authorized, currency)
        captured = Money(minorUnits: amounts.captured, currency)
        refunded = Money(minorUnits: amounts.refunded, currency)
        entries = stored.map { entry in
            PaymentEntry(
                kind: entry.kind, amount: Money(minorUnits: entry.amount, currency),
                note: entry.note, restocked: entry.restocked, unknown: entry.unknown)
        }
        self.createdAt = createdAt
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("number", number.value)
        writer.member("order", order.value)
        writer.member("method", method.rawValue)
        writer.member("provider", provider)
        writer.member("currency", currency.code)
        writer.member("authorized", authorized.minorUnits)
        writer.member("captured", captured.minorUnits)
        writer.member("refunded", refunded.minorUnits)
        writer.name("entries")
        writer.beginArray()
        for entry in entries { entry.write(to: &writer) }
        writer.endArray()
        writer.member("createdAt", createdAt)
        writer.members(unknown)
        writer.endObject()
    }
}

extension PaymentEntry {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", kind.rawValue)
        writer.member("amount", amount.minorUnits)
        writer.member("at", note.at)
        writer.member("by", note.by)
        writer.member("reason", note.reason)
        writer.member("reference", note.reference)
        if !restocked.isEmpty {
            writer.name("restocked")
            writer.beginArray()
            for restock in restocked {
                writer.beginObject()
                writer.member("sku", restock.sku.text)
                writer.member("quantity", restock.count)
                writer.members(restock.unknown)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.members(unknown)
        writer.endObject()
    }
}

/// An entry while the payment is being read: its amount has no currency yet.
private struct StoredEntry {
    var kind = PaymentEntry.Kind.capture
    var amount: Int64 = 0
    var note = PaymentEntry.Note(at: Timestamp(millisecondsSinceEpoch: 0), by: "")
    var restocked: [PaymentEntry.Restock] = []
    var unknown = UnknownMembers()

    static func all(from reader: inout JSONReader) throws(JSONError) -> [StoredEntry] {
        var entries: [StoredEntry] = []
        try reader.beginArray()
        while try reader.nextElement() {
            var entry = StoredEntry()
            try reader.beginObject()
            while let member = try reader.nextMember() {
                switch member {
                case "kind": entry.kind = try reader.word()
                case "amount": entry.amount = try reader.amount()
                case "at": entry.note.at = try reader.timestamp()
                case "by": entry.note.by = try reader.string()
                case "reason": entry.note.reason = try reader.string()
                case "reference": entry.note.reference = try reader.string()
                case "restocked":
                    try reader.beginArray()
                    while try reader.nextElement() {
                        entry.restocked.append(try restock(from: &reader))
                    }
                default: try entry.unknown.keep(member, from: &reader)
                }
            }
            entries.append(entry)
        }
        return entries
    }

    private static func restock(
        from reader: inout JSONReader
    ) throws(JSONError) -> PaymentEntry.Restock {
        var sku = ""
        var count: Int64 = 0
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "sku": sku = try reader.string()
            case "quantity": count = try reader.int64()
            default: try unknown.keep(member, from: &reader)
            }
        }
        var restock = PaymentEntry.Restock(sku: SKU(stored: sku), count: count)
        restock.unknown = unknown
        return restock
    }
}
