package import Formats
package import Primitives

/// A place besides `main` where units are kept.
package struct StockLocation: Sendable, Equatable {
    package let name: LocationName
    package let createdAt: Timestamp
    var unknown = UnknownMembers()

    package init(_ name: LocationName, at time: Timestamp) {
        self.name = name
        createdAt = time
    }
}

extension StockLocation: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var name = ""
        var createdAt = Timestamp(millisecondsSinceEpoch: 0)
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "name": name = try reader.string()
            case "createdAt": createdAt = try reader.timestamp()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard !name.isEmpty else {
            throw JSONError(offset: reader.offset, reason: "a location without name")
        }
        self.init(LocationName(stored: name), at: createdAt)
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name.text)
        writer.member("createdAt", createdAt)
        writer.members(unknown)
        writer.endObject()
    }
}

/// The units of one SKU in one place, or in all of them.
package struct StockFigures: Sendable, Equatable {
    package let sku: SKU
    /// nil is `main`.
    package let location: LocationName?
    package internal(set) var onHand: Int64
    package internal(set) var reserved: Int64
    /// Whether there are other places, so that this one must be named.
    let isOneOfSeveral: Bool

    package var available: Int64 { onHand - reserved }
    package var backordered: Int64 { max(0, -available) }
    package var isEmpty: Bool { onHand == 0 && reserved == 0 }

    /// The SKU, and where, if it may be several places.
    package var name: String { isOneOfSeveral ? "\(sku) at \(location.name)" : sku.text }
    /// `--location`, for commands to paste.
    package var flag: String { location.map { " --location \($0)" } ?? "" }
}

extension StockLevel {
    /// What is in one place.
    package func figures(at location: LocationName?) -> StockFigures {
        let place = places.first { $0.location == location }
        if let place { return place }
        guard location == nil else {
            return StockFigures(
                sku: sku, location: location, onHand: 0, reserved: 0, isOneOfSeveral: true)
        }
        return StockFigures(
            sku: sku, location: nil, onHand: places.reduce(onHand) { $0 - $1.onHand },
            reserved: places.reduce(reserved) { $0 - $1.reserved },
            isOneOfSeveral: !places.isEmpty)
    }

    /// What is in each place, `main` first; one place only in most shops.
    package var allFigures: [StockFigures] { [figures(at: nil)] + places }

    /// A level of the units in one place alone, to be shown.
    package func only(at location: LocationName?) -> StockLevel {
        let here = figures(at: location)
        var level = StockLevel(sku)
        level.onHand = here.onHand
        level.reserved = here.reserved
        return level
    }

    /// The level with so many units promised no longer, to be shown; nothing is stored.
    package func freeing(_ count: Int64, at location: LocationName?) -> StockLevel {
        var level = self
        if let location { level.change(location, onHand: 0, reserved: -count) }
        level.reserved -= count
        return level
    }

    /// Moves units that nobody is promised from one place to another: a movement at each.
    ///
    /// - Parameter cause: says from where.
    /// - Throws: `same-location` (64), `stock-below-reserved`, `stock-below-zero` (6).
    package mutating func transfer(
        _ quantity: Quantity, to location: LocationName?, allowsBackorders: Bool = false,
        _ cause: StockMovement.Cause
    ) throws(ShopError) -> [StockMovement] {
        guard cause.location != location else { throw .sameLocation(location) }
        try requireUnits(
            toLose: quantity.count, allowsBackorders, in: cause.location,
            at: "--quantity \(quantity)")
        var arrival = cause
        arrival.location = location
        return [
            try move(.transfer, onHand: -quantity.count, reserved: 0, cause),
            try move(.transfer, onHand: quantity.count, reserved: 0, arrival),
        ]
    }

    /// Changes what is in a place other than `main`; one of which nothing is left goes.
    mutating func change(
        _ location: LocationName, onHand change: Int64, reserved promise: Int64
    ) {
        var here = figures(at: location)
        here.onHand += change
        here.reserved += promise
        places.removeAll { $0.location == location }
        guard !here.isEmpty else { return }
        let index = places.firstIndex { $0.location ?? location > location } ?? places.endIndex
        places.insert(here, at: index)
    }
}

extension StockFigures {
    init(from reader: inout JSONReader, of sku: SKU) throws(JSONError) {
        var (location, onHand, reserved) = ("", Int64(0), Int64(0))
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "location": location = try reader.string()
            case "onHand": onHand = try reader.int64()
            case "reserved": reserved = try reader.int64()
            default: try reader.skip()
            }
        }
        let most = Quantity.most.magnitude
        guard !location.isEmpty, onHand.magnitude <= most, reserved.magnitude <= most else {
            throw JSONError(offset: reader.offset, reason: "a place without name or out of range")
        }
        self.init(
            sku: sku, location: LocationName(stored: location), onHand: onHand,
            reserved: reserved, isOneOfSeveral: true)
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("location", location.name)
        writer.member("onHand", onHand)
        writer.member("reserved", reserved)
        writer.endObject()
    }
}

extension ShopError {
    static func sameLocation(_ location: LocationName?) -> ShopError {
        ShopError(
            .usage, "same-location", "the units are at \(location.name) already",
            at: "--to \(location.name)", try: ["shopctl location list"])
    }
}
