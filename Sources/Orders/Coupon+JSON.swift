package import Formats
import Primitives

extension Coupon: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var stored = StoredCoupon()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "code": stored.code = try reader.string()
            case "percent": stored.percent = try Percent(from: &reader)
            case "amount": stored.amount = try reader.amount()
            case "buy": stored.buy = try UnitCount.all(from: &reader).first
            case "get": stored.get = try UnitCount.all(from: &reader).first
            case "for": stored.skus = try reader.strings()
            case "minimum": stored.minimum = try reader.amount()
            case "currency": stored.currency = try reader.string()
            case "limit": stored.limit = try reader.int64()
            case "limitPerCustomer": stored.limitPerCustomer = try reader.int64()
            case "from": stored.from = try reader.timestamp()
            case "until": stored.until = try reader.timestamp()
            case "createdBy": stored.createdBy = try reader.string()
            case "createdAt": stored.createdAt = try reader.timestamp()
            case "endedAt": stored.endedAt = try reader.timestamp()
            default: try stored.unknown.keep(member, from: &reader)
            }
        }
        guard !stored.code.isEmpty, let createdAt = stored.createdAt else {
            throw JSONError(offset: start, reason: "a coupon without code or time")
        }
        code = CouponCode(stored: stored.code)
        benefit = try stored.benefit(reader, start)
        skus = stored.skus.map(SKU.init(stored:))
        minimum = try reader.money(stored.minimum, stored.currency, start)
        limit = stored.limit
        limitPerCustomer = stored.limitPerCustomer
        from = stored.from
        until = stored.until
        createdBy = stored.createdBy
        self.createdAt = createdAt
        endedAt = stored.endedAt
        unknown = stored.unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("code", code.text)
        var currency = minimum?.currency
        switch benefit {
        case .percent(let percent): writer.member("percent", percent.text)
        case .amount(let amount):
            writer.member("amount", amount.minorUnits)
            currency = amount.currency
        case .gift(let gift):
            writer.name("buy")
            UnitCount.write([gift.buy], to: &writer)
            writer.name("get")
            UnitCount.write([gift.get], to: &writer)
            writer.member("percent", gift.percent.text)
        }
        writer.member("for", skus.map(\.text))
        writer.member("minimum", minimum?.minorUnits)
        writer.member("currency", currency?.code)
        writer.member("limit", limit)
        writer.member("limitPerCustomer", limitPerCustomer)
        writer.member("from", from)
        writer.member("until", until)
        writer.member("createdBy", createdBy)
        writer.member("createdAt", createdAt)
        writer.member("endedAt", endedAt)
        writer.members(unknown)
        writer.endObject()
    }
}

/// A coupon while it is being read: amounts have no currency until the record has named it.
private struct StoredCoupon {
    var code = ""
    var percent: Percent?
    var amount: Int64?
    var buy: UnitCount?
    var get: UnitCount?
    var skus: [String] = []
    var minimum: Int64?
    var currency = ""
    var limit: Int64?
    var limitPerCustomer: Int64?
    var from: Timestamp?
    var until: Timestamp?
    var createdBy = ""
    var createdAt: Timestamp?
    var endedAt: Timestamp?
    var unknown = UnknownMembers()

    func benefit(_ reader: JSONReader, _ start: Int) throws(JSONError) -> Coupon.Benefit {
        if let buy, let get, let percent {
            guard buy.count > 0, get.count > 0 else {
                throw JSONError(offset: start, reason: "a gift of no units")
            }
            return .gift(.init(buy: buy, get: get, percent: percent))
        }
        if let percent { return .percent(percent) }
        guard let amount = try reader.money(amount, currency, start) else {
            throw JSONError(offset: start, reason: "a coupon for nothing")
        }
        return .amount(amount)
    }
}
