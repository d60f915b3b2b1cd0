package import Formats
package import Primitives

/// What a shop is once and for all: its id, its currency and its calendar; shop.json.
package struct ShopSettings: Sendable, Equatable {
    package let id: String
    package let currency: Currency
    package let timeZone: TimeZoneName
    package let createdAt: Timestamp

    package init(id: String, currency: Currency, timeZone: TimeZoneName, createdAt: Timestamp) {
        self.id = id
        self.currency = currency
        self.timeZone = timeZone
        self.createdAt = createdAt
    }
}

extension ShopSettings: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var id = ""
        var code = ""
        var zone = "UTC"
        var createdAt = Timestamp(millisecondsSinceEpoch: 0)
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "id": id = try reader.string()
            case "currency": code = try reader.string()
            case "timeZone": zone = try reader.string()
            case "createdAt": createdAt = try reader.timestamp()
            default: try reader.skip()
            }
        }
        self.init(
            id: id, currency: try reader.currency(code, start),
            timeZone: TimeZoneName(stored: zone),
            createdAt: createdAt)
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("shopctl", "shop")
        writer.member("format", 1)
        writer.member("id", id)
        writer.member("currency", currency.code)
        writer.member("timeZone", timeZone.name)
        writer.member("createdAt", createdAt.rfc3339)
        writer.endObject()
    }
}
