import Formats
import Primitives

extension Shipment {
    static func all(from reader: inout JSONReader) throws(JSONError) -> [Shipment] {
        var shipments: [Shipment] = []
        try reader.beginArray()
        while try reader.nextElement() { shipments.append(try Shipment(from: &reader)) }
        return shipments
    }

    private init(from reader: inout JSONReader) throws(JSONError) {
        var number: Int64 = 0
        var at = Timestamp(millisecondsSinceEpoch: 0)
        var texts: (by: String, carrier: String?, tracking: String?) = ("", nil, nil)
        var delivered: (at: Timestamp?, by: String?) = (nil, nil)
        var lines: [Line] = []
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "number": number = try reader.int64()
            case "at": at = try reader.timestamp()
            case "by": texts.by = try reader.string()
            case "carrier": texts.carrier = try reader.string()
            case "tracking": texts.tracking = try reader.string()
            case "lines": lines = try UnitCount.all(from: &reader)
            case "deliveredAt": delivered.at = try reader.timestamp()
            case "deliveredBy": delivered.by = try reader.string()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            number: Int(number), at: at, by: texts.by, carrier: texts.carrier,
            tracking: texts.tracking, lines: lines, deliveredAt: delivered.at,
            deliveredBy: delivered.by)
        self.unknown = unknown
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("number", Int64(number))
        writer.member("at", at)
        writer.member("by", by)
        writer.member("carrier", carrier)
        writer.member("tracking", tracking)
        writer.name("lines")
        UnitCount.write(lines, to: &writer)
        writer.member("deliveredAt", deliveredAt)
        writer.member("deliveredBy", deliveredBy)
        writer.members(unknown)
        writer.endObject()
    }
}

extension UnitCount {
    /// - Parameter signed: whether the counts may be below zero.
    static func all(
        from reader: inout JSONReader, signed: Bool = false
    ) throws(JSONError) -> [UnitCount] {
        var units: [UnitCount] = []
        try reader.beginArray()
        while try reader.nextElement() {
            units.append(try UnitCount(from: &reader, signed: signed))
        }
        return units
    }

    private init(from reader: inout JSONReader, signed: Bool) throws(JSONError) {
        let start = reader.offset
        var sku = ""
        var count: Int64 = 0
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "sku": sku = try reader.string()
            case "quantity": count = signed ? try reader.int64() : try reader.unitCount()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard count.magnitude <= Quantity.most.magnitude else {
            throw JSONError(offset: start, reason: "a count of units out of range")
        }
        self.init(sku: SKU(stored: sku), count: count, unknown: unknown)
    }

    static func write(_ units: [UnitCount], to writer: inout JSONWriter) {
        writer.beginArray()
        for unit in units {
            writer.beginObject()
            writer.member("sku", unit.sku.text)
            writer.member("quantity", unit.count)
            writer.members(unit.unknown)
            writer.endObject()
        }
        writer.endArray()
    }
}
