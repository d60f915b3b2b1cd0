package import Formats
import Primitives

extension TaxRate: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        number = 0
        taxClass = .standard
        country = ""
        state = ""
        postcodes = []
        cities = []
        name = ""
        priority = 1
        isCompound = false
        isOnShipping = false
        var rate: Percent?
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "number": number = try reader.int64()
            case "taxClass": taxClass = TaxClass(stored: try reader.string())
            case "country": country = try reader.string()
            case "state": state = try reader.string()
            case "postcodes": postcodes = try reader.strings()
            case "cities": cities = try reader.strings()
            case "name": name = try reader.string()
            case "rate": rate = try Percent(from: &reader)
            case "priority": priority = try reader.int64()
            case "compound": isCompound = try reader.bool()
            case "shipping": isOnShipping = try reader.bool()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard let rate, number > 0 else {
            throw JSONError(offset: start, reason: "a tax rate without number or rate")
        }
        self.rate = rate
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("number", number)
        if taxClass != .standard { writer.member("taxClass", taxClass.text) }
        writer.member("country", country.isEmpty ? nil : country)
        writer.member("state", state.isEmpty ? nil : state)
        writer.member("postcodes", postcodes)
        writer.member("cities", cities)
        writer.member("name", name)
        writer.member("rate", rate.text)
        writer.member("priority", priority)
        if isCompound { writer.member("compound", true) }
        if isOnShipping { writer.member("shipping", true) }
        writer.members(unknown)
        writer.endObject()
    }
}
