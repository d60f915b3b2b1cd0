package import Formats
import Primitives

extension Balance: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var holder = StoredHolder()
        var units: Int64 = 0
        var currency: Currency?
        var movements: Int64 = 0
        var createdAt = Timestamp(millisecondsSinceEpoch: 0)
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "card": holder.card = try reader.string()
            case "customer": holder.customer = try reader.string()
            case "amount": units = try reader.amount()
            case "currency": currency = try reader.currency(try reader.string(), start)
            case "movements": movements = try reader.unitCount()
            case "createdAt": createdAt = try reader.timestamp()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard let currency, let known = holder.holder else {
            throw JSONError(offset: start, reason: "a balance without holder or currency")
        }
        self.init(of: known, in: currency, at: createdAt)
        amount = Money(minorUnits: units, currency)
        self.movements = movements
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        holder.write(to: &writer)
        writer.member("amount", amount.minorUnits)
        writer.member("currency", amount.currency.code)
        writer.member("movements", movements)
        writer.member("createdAt", createdAt)
        writer.members(unknown)
        writer.endObject()
    }
}

extension BalanceMovement: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var holder = StoredHolder()
        var amounts: (amount: Int64, after: Int64) = (0, 0)
        var currency: Currency?
        var number: Int64 = 0
        var kind = Kind.issue
        var at = Timestamp(millisecondsSinceEpoch: 0)
        var texts: (by: String, reason: String?) = ("", nil)
        var payment: Int64?
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "card": holder.card = try reader.string()
            case "customer": holder.customer = try reader.string()
            case "number": number = try reader.unitCount()
            case "kind": kind = try reader.word()
            case "amount": amounts.amount = try reader.amount()
            case "after": amounts.after = try reader.amount()
            case "currency": currency = try reader.currency(try reader.string(), start)
            case "at": at = try reader.timestamp()
            case "by": texts.by = try reader.string()
            case "reason": texts.reason = try reader.string()
            case "payment": payment = try reader.int64()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard let currency, let known = holder.holder else {
            throw JSONError(offset: start, reason: "a movement without holder or currency")
        }
        self.init(
            holder: known, number: number, kind: kind,
            amount: Money(minorUnits: amounts.amount, currency),
            after: Money(minorUnits: amounts.after, currency),
            cause: Cause(
                at: at, by: texts.by, reason: texts.reason,
                payment: payment.map(PaymentNumber.init)))
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        holder.write(to: &writer)
        writer.member("number", number)
        writer.member("kind", kind.rawValue)
        writer.member("amount", amount.minorUnits)
        writer.member("after", after.minorUnits)
        writer.member("currency", amount.currency.code)
        writer.member("at", cause.at)
        writer.member("by", cause.by)
        writer.member("reason", cause.reason)
        writer.member("payment", cause.payment?.value)
        writer.members(unknown)
        writer.endObject()
    }
}

extension Balance.Holder {
    fileprivate func write(to writer: inout JSONWriter) {
        switch self {
        case .giftCard(let hash): writer.member("card", hash)
        case .customer(let email): writer.member("customer", email.text)
        }
    }

    /// The holder of a stored name.
    package init?(name: String) {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "card": self = .giftCard(codeHash: parts[1])
        case "customer": self = .customer(EmailAddress(stored: parts[1]))
        default: return nil
        }
    }
}

/// A holder while the record is being read.
private struct StoredHolder {
    var card: String?
    var customer: String?

    var holder: Balance.Holder? {
        if let card { return .giftCard(codeHash: card) }
        return customer.map { .customer(EmailAddress(stored: $0)) }
    }
}
