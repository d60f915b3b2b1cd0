package import Formats
import Primitives

extension Product: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        sku = SKU(stored: "")
        name = ""
        categories = []
        tags = []
        attributes = []
        options = []
        isTracked = true
        kind = .simple
        status = .active
        createdAt = Timestamp(millisecondsSinceEpoch: 0)
        updatedAt = createdAt
        var priceUnits: Int64?
        var costUnits: Int64?
        var offer = (units: Int64?.none, from: Timestamp?.none, to: Timestamp?.none)
        var currency = ""
        let start = reader.offset
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "sku": sku = SKU(stored: try reader.string())
            case "name": name = try reader.string()
            case "price": priceUnits = try reader.int64()
            case "currency": currency = try reader.string()
            case "cost": costUnits = try reader.int64()
            case "salePrice": offer.units = try reader.int64()
            case "saleFrom": offer.from = try reader.timestamp()
            case "saleTo": offer.to = try reader.timestamp()
            case "barcode": barcode = try reader.string()
            case "description": details = try reader.string()
            case "categories": categories = try reader.strings()
            case "tags": tags = try reader.strings()
            case "images": images = try reader.strings()
            case "attributes": attributes = try Self.pairs(from: &reader)
            case "parent": parent = SKU(stored: try reader.string())
            case "options": options = try Self.pairs(from: &reader)
            case "lowStock": lowStock = try reader.int64()
            case "tracked": isTracked = try reader.bool()
            case "taxClass": taxClass = TaxClass(stored: try reader.string())
            case "weightGrams": weightGrams = try reader.unitCount()
            case "backorders": allowsBackorders = try reader.bool()
            case "kind": kind = try reader.word()
            case "status": status = try reader.word()
            case "priceChanges": priceChanges = try reader.unitCount()
            case "createdAt": createdAt = try reader.timestamp()
            case "updatedAt": updatedAt = try reader.timestamp()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard !sku.text.isEmpty, !name.isEmpty else {
            throw JSONError(offset: start, reason: "a product without SKU or name")
        }
        price = try reader.money(priceUnits, currency, start)
        cost = try reader.money(costUnits, currency, start)
        sale = try reader.money(offer.units, currency, start).map {
            Sale(price: $0, from: offer.from, to: offer.to)
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sku", sku.text)
        writer.member("name", name)
        writer.member("price", price?.minorUnits)
        writer.member("currency", (price ?? cost)?.currency.code)
        writer.member("cost", cost?.minorUnits)
        if let sale {
            writer.member("salePrice", sale.price.minorUnits)
            writer.member("saleFrom", sale.from)
            writer.member("saleTo", sale.to)
        }
        writer.member("barcode", barcode)
        writer.member("description", details)
        writer.member("categories", categories)
        writer.member("tags", tags)
        writer.member("images", images)
        Self.write(attributes, as: "attributes", to: &writer)
        writer.member("parent", parent?.text)
        Self.write(options, as: "options", to: &writer)
        writer.member("lowStock", lowStock)
        if !isTracked { writer.member("tracked", false) }
        writer.member("taxClass", taxClass?.text)
        writer.member("weightGrams", weightGrams)
        if allowsBackorders { writer.member("backorders", true) }
        if kind == .parent { writer.member("kind", kind.rawValue) }
        writer.member("status", status.rawValue)
        if priceChanges > 0 { writer.member("priceChanges", priceChanges) }
        writer.member("createdAt", createdAt)
        writer.member("updatedAt", updatedAt)
        writer.members(unknown)
        writer.endObject()
    }

    private static func pairs(from reader: inout JSONReader) throws(JSONError) -> [Pair] {
        var pairs: [Pair] = []
        try reader.beginObject()
        while let name = try reader.nextMember() {
            pairs.append(Pair(name.text, try reader.string()))
        }
        return pairs
    }

    private static func write(
        _ pairs: [Pair], as name: StaticString, to writer: inout JSONWriter
    ) {
        guard !pairs.isEmpty else { return }
        writer.name(name)
        writer.beginObject()
        for pair in pairs {
            writer.name(text: pair.name)
            writer.string(pair.value)
        }
        writer.endObject()
    }
}
