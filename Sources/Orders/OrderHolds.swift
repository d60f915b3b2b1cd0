package import Formats
import Primitives

/// What the payments of an order come to besides what was captured and refunded (I4).
///
/// The order's own sum of them, so that nobody has to read its payments to know whether it is paid.
package struct OrderHolds: Sendable, Equatable {
    /// Held, and neither captured nor voided; in minor units.
    package var authorized: Int64 = 0
    /// Captured, and claimed by an open dispute; in minor units.
    package var disputed: Int64 = 0
    /// Payments whose provider owes an answer.
    package var unknown: Int64 = 0
    /// Payments of which nothing was captured: the hold was given up, or there never was one.
    package var voided: Int64 = 0
    package var failed: Int64 = 0
    var rest = UnknownMembers()

    package init() {}

    /// Whether no money is held, and none may be moving.
    package var isSettled: Bool { authorized == 0 && unknown == 0 }

    package mutating func add(_ other: OrderHolds) {
        authorized &+= other.authorized
        disputed &+= other.disputed
        unknown &+= other.unknown
        voided &+= other.voided
        failed &+= other.failed
    }

    package mutating func subtract(_ other: OrderHolds) {
        authorized &-= other.authorized
        disputed &-= other.disputed
        unknown &-= other.unknown
        voided &-= other.voided
        failed &-= other.failed
    }
}

extension OrderHolds {
    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "authorized": authorized = try reader.amount()
            case "disputed": disputed = try reader.amount()
            case "unknown": unknown = try reader.unitCount()
            case "voided": voided = try reader.unitCount()
            case "failed": failed = try reader.unitCount()
            default: try rest.keep(member, from: &reader)
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if authorized != 0 { writer.member("authorized", authorized) }
        if disputed != 0 { writer.member("disputed", disputed) }
        if unknown != 0 { writer.member("unknown", unknown) }
        if voided != 0 { writer.member("voided", voided) }
        if failed != 0 { writer.member("failed", failed) }
        writer.members(rest)
        writer.endObject()
    }
}
