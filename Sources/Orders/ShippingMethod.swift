package import Formats
package import Primitives

/// A way of shipping, and what it costs: flat, or by the weight of what is ordered.
package struct ShippingMethod: Sendable, Equatable {
    /// As a SKU is written, and the same one ignoring case.
    package internal(set) var name: SKU
    /// By rising weight; the first one that holds the weight applies. One without a limit is last.
    package internal(set) var rates: [Rate]
    /// What the lines must come to, less discounts, for shipping to be free.
    package internal(set) var freeFrom: Money?
    /// Which rates tax it; nil is `standard`.
    package internal(set) var taxClass: TaxClass?
    package internal(set) var updatedAt: Timestamp
    var unknown = UnknownMembers()

    package struct Rate: Sendable, Equatable {
        /// nil: any weight.
        package let upToGrams: Int64?
        package let price: Money

        package init(upToGrams: Int64?, price: Money) {
            self.upToGrams = upToGrams
            self.price = price
        }
    }

    /// - Throws: `invalid-shipping-method` (64).
    package init(
        _ name: SKU, _ rates: [Rate], freeFrom: Money?, taxClass: TaxClass?, at time: Timestamp
    ) throws(ShopError) {
        guard !rates.isEmpty else { throw .invalidShippingMethod("it has no price") }
        let sorted = rates.sorted { $0.upToGrams ?? .max < $1.upToGrams ?? .max }
        for (rate, next) in zip(sorted, sorted.dropFirst()) where rate.upToGrams == next.upToGrams {
            throw .invalidShippingMethod("two prices for one weight")
        }
        guard !sorted.contains(where: { $0.price.isNegative }),
            freeFrom.map({ !$0.isNegative }) ?? true
        else { throw .invalidShippingMethod("a price is below zero") }
        self.name = name
        self.rates = sorted
        self.freeFrom = freeFrom
        self.taxClass = taxClass == .standard ? nil : taxClass
        updatedAt = time
    }

    /// Whether what it costs depends on the weight.
    package var isByWeight: Bool { rates.contains { $0.upToGrams != nil } }

    /// What shipping costs.
    ///
    /// - Parameters:
    ///   - goods: what the lines come to, less discounts.
    ///   - grams: what they weigh together.
    /// - Throws: `too-heavy` (6).
    package func price(of goods: Money, grams: Int64) throws(ShopError) -> Money {
        guard let rate = rates.first(where: { grams <= $0.upToGrams ?? .max }) else {
            throw .tooHeavy(self, grams)
        }
        if let freeFrom, goods >= freeFrom { return .zero(goods.currency) }
        return rate.price
    }
}

extension ShippingMethod: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var (name, currency) = ("", "")
        var stored: [(upToGrams: Int64?, price: Int64)] = []
        var free: Int64?
        updatedAt = Timestamp(millisecondsSinceEpoch: 0)
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "name": name = try reader.string()
            case "rates": stored = try Self.rates(from: &reader)
            case "freeFrom": free = try reader.amount()
            case "currency": currency = try reader.string()
            case "taxClass": taxClass = TaxClass(stored: try reader.string())
            case "updatedAt": updatedAt = try reader.timestamp()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard !name.isEmpty, !stored.isEmpty else {
            throw JSONError(offset: start, reason: "a shipping method without name or price")
        }
        let code = try reader.currency(currency, start)
        self.name = SKU(stored: name)
        rates = stored.map {
            Rate(upToGrams: $0.upToGrams, price: Money(minorUnits: $0.price, code))
        }
        freeFrom = free.map { Money(minorUnits: $0, code) }
    }

    private static func rates(
        from reader: inout JSONReader
    ) throws(JSONError) -> [(upToGrams: Int64?, price: Int64)] {
        var rates: [(upToGrams: Int64?, price: Int64)] = []
        try reader.beginArray()
        while try reader.nextElement() {
            var rate: (upToGrams: Int64?, price: Int64) = (nil, 0)
            try reader.beginObject()
            while let member = try reader.nextMember() {
                switch member {
                case "upToGrams": rate.upToGrams = try reader.int64()
                case "price": rate.price = try reader.amount()
                default: try reader.skip()
                }
            }
            rates.append(rate)
        }
        return rates
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name.text)
        writer.name("rates")
        writer.beginArray()
        for rate in rates {
            writer.beginObject()
            writer.member("upToGrams", rate.upToGrams)
            writer.member("price", rate.price.minorUnits)
            writer.endObject()
        }
        writer.endArray()
        writer.member("freeFrom", freeFrom?.minorUnits)
        writer.member("currency", rates[0].price.currency.code)
        writer.member("taxClass", taxClass?.text)
        writer.member("updatedAt", updatedAt)
        writer.members(unknown)
        writer.endObject()
    }
}

extension ShopError {
    static func invalidShippingMethod(_ fact: String) -> ShopError {
        ShopError(
            .usage, "invalid-shipping-method", "that is no way of shipping: \(fact)",
            try: ["shopctl shipping set POST --price 4.90"])
    }

    static func tooHeavy(_ method: ShippingMethod, _ grams: Int64) -> ShopError {
        ShopError(
            .refused, "too-heavy", "\(method.name) takes no \(grams) g",
            at: "--shipping-method \(method.name)",
            try: ["shopctl shipping list", "--shipping PRICE"])
    }
}
