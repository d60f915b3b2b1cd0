package import Formats
import Payments
package import Primitives
import Storage

/// A day that was closed: what it came to, and the seal over the journal of that moment.
package struct DaySeal: Sendable, Equatable {
    package let totals: DayTotals
    package let figures: DayFigures
    /// The last transaction that the seal covers.
    package let tx: Int64
    package private(set) var sha256: String
    /// The day sealed before, and its hash, which is part of this one.
    package let previousDay: CalendarDay?
    package private(set) var previous: String?
    /// What the hash was before each purge that changed the journal under it.
    package private(set) var before: [Before] = []
    package let at: Timestamp
    package let by: String

    /// A hash that stood until a purge.
    package struct Before: Sendable, Equatable {
        package let purge: Int64
        package let sha256: String
    }

    package var day: CalendarDay { totals.day }

    /// The same day sealed anew, because a purge changed lines that the seal covers.
    func resealed(_ sha256: String, after previous: String?, by purge: Int64) -> DaySeal {
        var seal = self
        seal.before.append(Before(purge: purge, sha256: self.sha256))
        seal.sha256 = sha256
        seal.previous = previous
        return seal
    }

    init(
        _ day: CalendarDay, _ figures: DayFigures, in currency: Currency, _ seal: JournalSeal,
        after previous: DaySeal?, at: Timestamp, by: String
    ) {
        totals = DayTotals(day: day, currency: currency, sums: figures.sums)
        self.figures = figures
        tx = Int64(seal.tx)
        sha256 = seal.sha256
        previousDay = previous?.day
        self.previous = previous?.sha256
        self.at = at
        self.by = by
    }

    var seal: JournalSeal {
        JournalSeal(name: day.description, tx: Int(tx), sha256: sha256)
    }
}

extension DaySeal: StoredRecord {
    var recordKey: RecordKey { Records.seal(day) }

    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var totals: DayTotals?
        var figures = DayFigures()
        var (tx, sha256, by) = (Int64(0), "", "")
        var (previousDay, previous): (CalendarDay?, String?)
        var before: [Before] = []
        var at: Timestamp?
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "totals": totals = try DayTotals(from: &reader)
            case "methods":
                try reader.beginArray()
                while try reader.nextElement() {
                    figures.methods.append(try DayFigures.Method(from: &reader))
                }
            case "movements":
                try reader.beginArray()
                while try reader.nextElement() {
                    figures.movements.append(try DayFigures.Movement(from: &reader))
                }
            case "tx": tx = try reader.int64()
            case "sha256": sha256 = try reader.string()
            case "previousDay": previousDay = CalendarDay(try reader.string())
            case "previous": previous = try reader.string()
            case "before":
                try reader.beginArray()
                while try reader.nextElement() { before.append(try Before(from: &reader)) }
            case "at": at = try reader.timestamp()
            case "by": by = try reader.string()
            default: try reader.skip()
            }
        }
        guard let totals, let at, tx >= 0, sha256.utf8.count == 64 else {
            throw JSONError(offset: start, reason: "a seal without day, time or hash")
        }
        figures.sums = totals.sums
        self.totals = totals
        self.figures = figures
        self.tx = tx
        self.sha256 = sha256
        self.previousDay = previousDay
        self.previous = previous
        self.before = before
        self.at = at
        self.by = by
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("day", day.description)
        writer.member("tx", tx)
        writer.member("sha256", sha256)
        writer.member("previousDay", previousDay?.description)
        writer.member("previous", previous)
        if !before.isEmpty {
            writer.name("before")
            writer.beginArray()
            for hash in before { hash.write(to: &writer) }
            writer.endArray()
        }
        writer.name("totals")
        totals.write(to: &writer)
        writer.name("methods")
        writer.beginArray()
        for method in figures.methods { method.write(to: &writer) }
        writer.endArray()
        writer.name("movements")
        writer.beginArray()
        for movement in figures.movements { movement.write(to: &writer) }
        writer.endArray()
        writer.name("at")
        writer.time(at)
        writer.member("by", by)
        writer.endObject()
    }
}

extension DaySeal.Before {
    fileprivate init(from reader: inout JSONReader) throws(JSONError) {
        var (purge, sha256) = (Int64(0), "")
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "purge": purge = try reader.int64()
            case "sha256": sha256 = try reader.string()
            default: try reader.skip()
            }
        }
        self.init(purge: purge, sha256: sha256)
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("purge", purge)
        writer.member("sha256", sha256)
        writer.endObject()
    }
}

extension DayFigures.Method {
    fileprivate init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var name = ""
        var (captures, captured, refunds, refunded) = (Int64(0), Int64(0), Int64(0), Int64(0))
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "method": name = try reader.string()
            case "captures": captures = try reader.int64()
            case "captured": captured = try reader.int64()
            case "refunds": refunds = try reader.int64()
            case "refunded": refunded = try reader.int64()
            default: try reader.skip()
            }
        }
        guard let method = PaymentMethod(rawValue: name) else {
            throw JSONError(offset: start, reason: "a way of paying that there is not")
        }
        self.init(
            method: method, captures: captures, captured: captured, refunds: refunds,
            refunded: refunded)
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("method", method.rawValue)
        writer.member("captures", captures)
        writer.member("captured", captured)
        writer.member("refunds", refunds)
        writer.member("refunded", refunded)
        writer.endObject()
    }
}

extension DayFigures.Movement {
    fileprivate init(from reader: inout JSONReader) throws(JSONError) {
        var (kind, count, units) = ("", Int64(0), Int64(0))
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "kind": kind = try reader.string()
            case "count": count = try reader.int64()
            case "units": units = try reader.int64()
            default: try reader.skip()
            }
        }
        self.init(kind: kind, count: count, units: units)
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", kind)
        writer.member("count", count)
        writer.member("units", units)
        writer.endObject()
    }
}
