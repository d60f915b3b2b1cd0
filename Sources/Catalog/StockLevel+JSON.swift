package import Formats
import Primitives

extension StockLevel: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        self.init(SKU(stored: ""))
        let start = reader.offset
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "sku": sku = SKU(stored: try reader.string())
            case "onHand": onHand = try reader.int64()
            case "reserved": reserved = try reader.int64()
            case "movements": movements = try reader.unitCount()
            case "locations":
                try reader.beginArray()
                while try reader.nextElement() {
                    places.append(try StockFigures(from: &reader, of: sku))
                }
            default: try unknown.keep(member, from: &reader)
            }
        }
        // Figures within what a shop keeps: their difference cannot overflow.
        let most = Quantity.most.magnitude
        guard !sku.text.isEmpty, onHand.magnitude <= most, reserved.magnitude <= most else {
            throw JSONError(offset: start, reason: "a stock level without SKU or out of range")
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sku", sku.text)
        writer.member("onHand", onHand)
        writer.member("reserved", reserved)
        writer.member("movements", movements)
        if !places.isEmpty {
            writer.name("locations")
            writer.beginArray()
            for place in places { place.write(to: &writer) }
            writer.endArray()
        }
        writer.members(unknown)
        writer.endObject()
    }
}

extension StockMovement: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var sku = SKU(stored: "")
        var kind = Kind.adjust
        var numbers: (number: Int64, onHand: Int64, reserved: Int64) = (0, 0, 0)
        var after: (onHand: Int64, reserved: Int64) = (0, 0)
        var cause = Cause(at: Timestamp(millisecondsSinceEpoch: 0), by: "")
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "sku": sku = SKU(stored: try reader.string())
            case "number": numbers.number = try reader.unitCount()
            case "kind": kind = try reader.word()
            case "onHand": numbers.onHand = try reader.int64()
            case "reserved": numbers.reserved = try reader.int64()
            case "onHandAfter": after.onHand = try reader.int64()
            case "reservedAfter": after.reserved = try reader.int64()
            case "reason": cause.reason = try reader.string()
            case "order": cause.order = OrderNumber(try reader.int64())
            case "location": cause.location = LocationName(stored: try reader.string())
            case "note": cause.note = try reader.string()
            case "at": cause.at = try reader.timestamp()
            case "by": cause.by = try reader.string()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard !sku.text.isEmpty, numbers.number > 0, !cause.by.isEmpty else {
            throw JSONError(
                offset: reader.offset, reason: "a movement that lacks a member it cannot do without"
            )
        }
        self.init(
            sku: sku, number: numbers.number, kind: kind, onHand: numbers.onHand,
            reserved: numbers.reserved, onHandAfter: after.onHand, reservedAfter: after.reserved,
            cause: cause)
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sku", sku.text)
        writer.member("number", number)
        writer.member("kind", kind.rawValue)
        writer.member("onHand", onHand)
        writer.member("reserved", reserved)
        writer.member("onHandAfter", onHandAfter)
        writer.member("reservedAfter", reservedAfter)
        writer.member("reason", cause.reason)
        writer.member("order", cause.order?.value)
        writer.member("location", cause.location?.text)
        writer.member("note", cause.note)
        writer.member("at", cause.at)
        writer.member("by", cause.by)
        writer.members(unknown)
        writer.endObject()
    }
}
