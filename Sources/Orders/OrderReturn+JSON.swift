import Formats
import Primitives

extension OrderReturn {
    init(from reader: inout JSONReader) throws(JSONError) {
        var number: Int64 = 0
        var at = Timestamp(millisecondsSinceEpoch: 0)
        var texts: (by: String, reason: String?) = ("", nil)
        var outcome = Outcome.restock
        var lines: [UnitCount] = []
        var amount: Int64 = 0
        var isOfRefund = false
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "number": number = try reader.unitCount()
            case "at": at = try reader.timestamp()
            case "by": texts.by = try reader.string()
            case "outcome": outcome = try reader.word()
            case "reason": texts.reason = try reader.string()
            case "lines": lines = try UnitCount.all(from: &reader)
            case "amount": amount = try reader.amount()
            case "refund": isOfRefund = try reader.bool()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            number: Int(number), at: at, by: texts.by, outcome: outcome, reason: texts.reason,
            lines: lines, amount: amount, isOfRefund: isOfRefund)
        self.unknown = unknown
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("number", Int64(number))
        writer.member("at", at.rfc3339)
        writer.member("by", by)
        writer.member("outcome", outcome.rawValue)
        writer.member("reason", reason)
        writer.name("lines")
        UnitCount.write(lines, to: &writer)
        writer.member("amount", amount)
        if isOfRefund { writer.member("refund", true) }
        writer.members(unknown)
        writer.endObject()
    }
}

extension OrderChange {
    init(from reader: inout JSONReader) throws(JSONError) {
        var at = Timestamp(millisecondsSinceEpoch: 0)
        var texts: (by: String, reason: String?) = ("", nil)
        var kind = Kind.edit
        var lines: [UnitCount] = []
        var amount: Int64 = 0
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "at": at = try reader.timestamp()
            case "by": texts.by = try reader.string()
            case "kind": kind = try reader.word()
            case "reason": texts.reason = try reader.string()
            case "lines": lines = try UnitCount.all(from: &reader, signed: true)
            case "amount": amount = try reader.amount()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            at: at, by: texts.by, kind: kind, reason: texts.reason, lines: lines, amount: amount)
        self.unknown = unknown
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("at", at.rfc3339)
        writer.member("by", by)
        writer.member("kind", kind.rawValue)
        writer.member("reason", reason)
        writer.name("lines")
        UnitCount.write(lines, to: &writer)
        writer.member("amount", amount)
        writer.members(unknown)
        writer.endObject()
    }
}

extension OrderCredit {
    init(from reader: inout JSONReader) throws(JSONError) {
        var at = Timestamp(millisecondsSinceEpoch: 0)
        var amount: Int64 = 0
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "at": at = try reader.timestamp()
            case "amount": amount = try reader.amount()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(at: at, amount: amount)
        self.unknown = unknown
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("at", at.rfc3339)
        writer.member("amount", amount)
        writer.members(unknown)
        writer.endObject()
    }
}
