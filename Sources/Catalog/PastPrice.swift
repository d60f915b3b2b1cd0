package import Formats
package import Primitives

/// What a product cost until somebody changed it. Never altered or removed.
package struct PastPrice: Sendable, Equatable {
    package let sku: SKU
    /// Rises by one within the SKU; the first one was the price when the product was added.
    package let number: Int64
    package let price: Money?
    package let cost: Money?
    package let sale: Sale?
    /// When it ended, and who ended it.
    package let until: Timestamp
    package let by: String
    var unknown = UnknownMembers()
}

extension Product {
    /// Counts a change of price, cost or sale since `before`.
    ///
    /// - Returns: the price that has ended; nil where nothing of it changed.
    package mutating func notePriceChange(
        since before: Product, at time: Timestamp, by person: String
    ) -> PastPrice? {
        guard price != before.price || cost != before.cost || sale != before.sale else {
            return nil
        }
        priceChanges += 1
        return PastPrice(
            sku: sku, number: priceChanges, price: before.price, cost: before.cost,
            sale: before.sale, until: time, by: person)
    }
}

extension PastPrice: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var sku = ""
        var number: Int64 = 0
        var units: (price: Int64?, cost: Int64?, sale: Int64?)
        var days: (from: Timestamp?, to: Timestamp?)
        var currency = ""
        var until = Timestamp(millisecondsSinceEpoch: 0)
        var person = ""
        var unknown = UnknownMembers()
        let start = reader.offset
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "sku": sku = try reader.string()
            case "number": number = try reader.unitCount()
            case "price": units.price = try reader.int64()
            case "currency": currency = try reader.string()
            case "cost": units.cost = try reader.int64()
            case "salePrice": units.sale = try reader.int64()
            case "saleFrom": days.from = try reader.timestamp()
            case "saleTo": days.to = try reader.timestamp()
            case "until": until = try reader.timestamp()
            case "by": person = try reader.string()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard !sku.isEmpty, number > 0, !person.isEmpty else {
            throw JSONError(offset: start, reason: "a past price without SKU, number or person")
        }
        let sale = try reader.money(units.sale, currency, start)
        self.init(
            sku: SKU(stored: sku), number: number,
            price: try reader.money(units.price, currency, start),
            cost: try reader.money(units.cost, currency, start),
            sale: sale.map { Sale(price: $0, from: days.from, to: days.to) },
            until: until, by: person, unknown: unknown)
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sku", sku.text)
        writer.member("number", number)
        writer.member("price", price?.minorUnits)
        writer.member("currency", (price ?? cost)?.currency.code)
        writer.member("cost", cost?.minorUnits)
        if let sale {
            writer.member("salePrice", sale.price.minorUnits)
            writer.member("saleFrom", sale.from)
            writer.member("saleTo", sale.to)
        }
        writer.member("until", until)
        writer.member("by", by)
        writer.members(unknown)
        writer.endObject()
    }
}
