package import Formats
package import Primitives
import Storage

/// What was dated into a sealed day afterwards, with the reason: the day as it was closed, and its
/// corrections, come to what the day has now (I8).
package struct DayCorrection: Sendable, Equatable {
    /// The day, and what it has more.
    package let totals: DayTotals
    /// Rises by one within the day.
    package let number: Int64
    package let reason: String
    package let at: Timestamp
    package let by: String

    package var day: CalendarDay { totals.day }
}

extension DayCorrection: StoredRecord {
    var recordKey: RecordKey { RecordKey("corrections", day.description, number: number) }

    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var totals: DayTotals?
        var (number, reason, by) = (Int64(0), "", "")
        var at: Timestamp?
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "totals": totals = try DayTotals(from: &reader)
            case "number": number = try reader.int64()
            case "reason": reason = try reader.string()
            case "at": at = try reader.timestamp()
            case "by": by = try reader.string()
            default: try reader.skip()
            }
        }
        guard let totals, let at, number > 0, !reason.isEmpty else {
            throw JSONError(offset: start, reason: "a correction without day, time or reason")
        }
        self.init(totals: totals, number: number, reason: reason, at: at, by: by)
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("day", day.description)
        writer.member("number", number)
        writer.member("reason", reason)
        writer.name("totals")
        totals.write(to: &writer)
        writer.member("at", at)
        writer.member("by", by)
        writer.endObject()
    }
}

extension View {
    /// What was dated into a day after it was sealed, oldest first.
    func corrections(of day: CalendarDay) throws(ShopError) -> [DayCorrection] {
        var corrections: [DayCorrection] = []
        try each(DayCorrection.self, KeyRange(under: Records.corrections(day))) { correction in
            corrections.append(correction)
            return true
        }
        return corrections
    }
}
