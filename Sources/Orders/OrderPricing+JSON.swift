package import Formats
import Primitives

// The members of an order's record that say how it came to its prices; absent where it has none.

extension OrderPricing {
    /// Reads `member` if it is one of these.
    mutating func read(
        _ member: JSONName, from reader: inout JSONReader
    ) throws(JSONError) -> Bool {
        switch member {
        case "pricesIncludeTax": includesTax = try reader.bool()
        case "region": region = try Region(from: &reader)
        case "coupon": coupon = CouponCode(stored: try reader.string())
        case "shippingMethod": shippingMethod = try reader.string()
        case "discounts":
            try reader.beginArray()
            while try reader.nextElement() { discounts.append(try OrderDiscount(from: &reader)) }
        case "taxes":
            try reader.beginArray()
            while try reader.nextElement() { taxes.append(try OrderTax(from: &reader)) }
        case "shippingTaxes": shippingTaxes = try [PriceShare](from: &reader)
        default: return false
        }
        return true
    }

    func write(to writer: inout JSONWriter) {
        if includesTax { writer.member("pricesIncludeTax", true) }
        writer.member("region", region?.text)
        writer.member("coupon", coupon?.text)
        writer.member("shippingMethod", shippingMethod)
        if !discounts.isEmpty {
            writer.name("discounts")
            writer.beginArray()
            for discount in discounts { discount.write(to: &writer) }
            writer.endArray()
        }
        if !taxes.isEmpty {
            writer.name("taxes")
            writer.beginArray()
            for tax in taxes { tax.write(to: &writer) }
            writer.endArray()
        }
        shippingTaxes.write(as: "shippingTaxes", to: &writer)
    }
}

extension Region {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let offset = reader.offset
        let text = try reader.string()
        do throws(ShopError) {
            try self.init(parsing: text)
        } catch {
            throw JSONError(offset: offset, reason: error.message)
        }
    }
}

extension Percent {
    init(from reader: inout JSONReader) throws(JSONError) {
        let offset = reader.offset
        let text = try reader.string()
        do throws(ShopError) {
            try self.init(parsing: text)
        } catch {
            throw JSONError(offset: offset, reason: error.message)
        }
    }
}

extension OrderDiscount {
    init(from reader: inout JSONReader) throws(JSONError) {
        var kind: Kind?
        var name: String?
        var percent: Percent?
        var units: Int64?
        var amount: Int64 = 0
        var unknown = UnknownMembers()
        let start = reader.offset
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "kind": kind = try reader.word()
            case "name": name = try reader.string()
            case "percent": percent = try Percent(from: &reader)
            case "units": units = try reader.unitCount()
            case "amount": amount = try reader.amount()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard let kind else { throw JSONError(offset: start, reason: "a discount of no kind") }
        self.init(kind, name, percent, units: units, amount: amount)
        self.unknown = unknown
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", kind.rawValue)
        writer.member("name", name)
        writer.member("percent", percent?.text)
        writer.member("units", units)
        writer.member("amount", amount)
        writer.members(unknown)
        writer.endObject()
    }
}

extension OrderTax {
    init(from reader: inout JSONReader) throws(JSONError) {
        var name = ""
        var rate: Percent?
        var taxClass: TaxClass?
        var isCompound = false
        var amount: Int64 = 0
        var unknown = UnknownMembers()
        let start = reader.offset
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "name": name = try reader.string()
            case "rate": rate = try Percent(from: &reader)
            case "taxClass": taxClass = TaxClass(stored: try reader.string())
            case "compound": isCompound = try reader.bool()
            case "amount": amount = try reader.amount()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard let rate else { throw JSONError(offset: start, reason: "a tax without a rate") }
        self.init(name, rate, taxClass, isCompound: isCompound, amount: amount)
        self.unknown = unknown
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("rate", rate.text)
        writer.member("taxClass", taxClass?.text)
        if isCompound { writer.member("compound", true) }
        writer.member("amount", amount)
        writer.members(unknown)
        writer.endObject()
    }
}

extension [PriceShare] {
    init(from reader: inout JSONReader) throws(JSONError) {
        self = []
        try reader.beginArray()
        while try reader.nextElement() {
            var (of, amount) = (0, Int64(0))
            let start = reader.offset
            try reader.beginObject()
            while let member = try reader.nextMember() {
                switch member {
                case "of": of = Int(clamping: try reader.int64())
                case "amount": amount = try reader.amount()
                default: try reader.skip()
                }
            }
            guard of > 0, amount >= 0 else {
                throw JSONError(offset: start, reason: "a share of nothing")
            }
            append(PriceShare(of: of, amount: amount))
        }
    }

    func write(as name: StaticString, to writer: inout JSONWriter) {
        guard !isEmpty else { return }
        writer.name(name)
        writer.beginArray()
        for share in self {
            writer.beginObject()
            writer.member("of", Int64(share.of))
            writer.member("amount", share.amount)
            writer.endObject()
        }
        writer.endArray()
    }
}
