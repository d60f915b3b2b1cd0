package import Formats
import Primitives

extension Payment: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var stored = StoredPayment()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            try stored.read(member, from: &reader, start)
        }
        guard let currency = stored.currency else {
            throw JSONError(offset: start, reason: "a payment without currency")
        }
        guard stored.number > 0, stored.order > 0 else {
            throw JSONError(offset: start, reason: "a payment without its number or its order's")
        }
        self.init(stored, currency)
    }

    private init(_ stored: StoredPayment, _ currency: Currency) {
        func money(_ units: Int64) -> Money { Money(minorUnits: units, currency) }
        number = PaymentNumber(stored.number)
        order = OrderNumber(stored.order)
        method = stored.method
        provider = stored.provider
        authorized = money(stored.authorized)
        captured = money(stored.captured)
        refunded = money(stored.refunded)
        voided = money(stored.voided)
        disputed = money(stored.disputed)
        handle = stored.handle
        holder = stored.holder.flatMap(Balance.Holder.init(name:))
        pending = stored.pending?.intent(in: currency)
        entries = stored.entries.map { $0.entry(in: currency) }
        createdAt = stored.createdAt
        unknown = stored.unknown
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
        if !voided.isZero { writer.member("voided", voided.minorUnits) }
        if !disputed.isZero { writer.member("disputed", disputed.minorUnits) }
        writer.member("holder", holder?.name)
        writer.member("handle", handle)
        if let pending {
            writer.name("pending")
            pending.write(to: &writer)
        }
        writer.name("entries")
        writer.beginArray()
        for entry in entries { entry.write(to: &writer) }
        writer.endArray()
        writer.member("createdAt", createdAt)
        writer.members(unknown)
        writer.endObject()
    }
}

/// A payment while it is being read: its amounts have no currency yet.
private struct StoredPayment {
    var number: Int64 = 0
    var order: Int64 = 0
    var authorized: Int64 = 0
    var captured: Int64 = 0
    var refunded: Int64 = 0
    var voided: Int64 = 0
    var disputed: Int64 = 0
    var method = PaymentMethod.cash
    var provider = ""
    var currency: Currency?
    var handle: String?
    var holder: String?
    var pending: StoredEntry?
    var entries: [StoredEntry] = []
    var createdAt = Timestamp(millisecondsSinceEpoch: 0)
    var unknown = UnknownMembers()

    mutating func read(
        _ member: JSONName, from reader: inout JSONReader, _ start: Int
    ) throws(JSONError) {
        switch member {
        case "key": try reader.skip()
        case "number": number = try reader.int64()
        case "order": order = try reader.int64()
        case "method": method = try reader.word()
        case "provider": provider = try reader.string()
        case "currency": currency = try reader.currency(try reader.string(), start)
        case "authorized": authorized = try reader.amount()
        case "captured": captured = try reader.amount()
        case "refunded": refunded = try reader.amount()
        case "voided": voided = try reader.amount()
        case "disputed": disputed = try reader.amount()
        case "handle": handle = try reader.string()
        case "holder": holder = try reader.string()
        case "pending":
            try reader.beginObject()
            pending = try StoredEntry(from: &reader, isPending: true)
        case "entries":
            try reader.beginArray()
            while try reader.nextElement() {
                try reader.beginObject()
                entries.append(try StoredEntry(from: &reader))
            }
        case "createdAt": createdAt = try reader.timestamp()
        default: try unknown.keep(member, from: &reader)
        }
    }
}

extension PaymentEntry {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", kind.rawValue)
        writer.member("amount", amount.minorUnits)
        note.write(to: &writer)
        writer.member("code", code)
        PaymentEntry.write(restocked, to: &writer)
        writer.members(unknown)
        writer.endObject()
    }

    fileprivate static func write(_ restocked: [Restock], to writer: inout JSONWriter) {
        guard !restocked.isEmpty else { return }
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
}

extension PaymentEntry.Note {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("at", at)
        writer.member("by", by)
        writer.member("reason", reason)
        writer.member("reference", reference)
    }
}

extension PaymentIntent {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", kind.rawValue)
        writer.member("amount", amount.minorUnits)
        writer.member("key", key)
        note.write(to: &writer)
        writer.member("token", token)
        PaymentEntry.write(restocked, to: &writer)
        writer.member("requestKey", requestKey)
        if isRepeated { writer.member("repeated", true) }
        writer.member("url", url)
        writer.members(unknown)
        writer.endObject()
    }
}

/// An entry or what is pending, while the payment is being read: its amount has no currency yet.
private struct StoredEntry {
    var kind = PaymentEntry.Kind.capture
    var intent = PaymentIntent.Kind.charge
    var amount: Int64 = 0
    var note = PaymentEntry.Note(at: Timestamp(millisecondsSinceEpoch: 0), by: "")
    var restocked: [PaymentEntry.Restock] = []
    var code: String?
    var key = ""
    var token: String?
    var requestKey: String?
    var isRepeated = false
    var url: String?
    var unknown = UnknownMembers()

    /// - Parameter isPending: it is what a provider was asked for.
    init(from reader: inout JSONReader, isPending: Bool = false) throws(JSONError) {
        while let member = try reader.nextMember() {
            switch member {
            case "kind" where isPending: intent = try reader.word()
            case "kind": kind = try reader.word()
            case "amount": amount = try reader.amount()
            case "at": note.at = try reader.timestamp()
            case "by": note.by = try reader.string()
            case "reason": note.reason = try reader.string()
            case "reference": note.reference = try reader.string()
            case "code" where !isPending: code = try reader.string()
            case "key" where isPending: key = try reader.string()
            case "token" where isPending: token = try reader.string()
            case "requestKey" where isPending: requestKey = try reader.string()
            case "repeated" where isPending: isRepeated = try reader.bool()
            case "url" where isPending: url = try reader.string()
            case "restocked":
                try reader.beginArray()
                while try reader.nextElement() {
                    restocked.append(try Self.restock(from: &reader))
                }
            default: try unknown.keep(member, from: &reader)
            }
        }
    }

    func entry(in currency: Currency) -> PaymentEntry {
        var entry = PaymentEntry(
            kind, Money(minorUnits: amount, currency), note, restocked: restocked, code: code)
        entry.unknown = unknown
        return entry
    }

    func intent(in currency: Currency) -> PaymentIntent {
        var pending = PaymentIntent(
            intent, Money(minorUnits: amount, currency), key: key, note, token: token,
            restocked: restocked, requestKey: requestKey)
        pending.isRepeated = isRepeated
        pending.url = url
        pending.unknown = unknown
        return pending
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
