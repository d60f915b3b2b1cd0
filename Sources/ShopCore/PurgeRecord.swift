package import Formats
package import Primitives
import Storage

/// What a purge did: who ran it, on how many lines, and the journal before and after.
package struct PurgeRecord: Sendable, Equatable {
    package let number: Int64
    /// The last transaction before it.
    package let upTo: Int64
    /// How many lines of the journal it changed.
    package let transactions: Int64
    /// The pseudonyms of those whom it took out.
    package let people: [String]
    /// A seal of the journal up to `upTo`, before and after; what a day's seal is made of.
    package let was: String
    package let now: String
    package let at: Timestamp
    package let by: String

    init(_ number: Int64, _ people: [String], _ facts: PurgeFacts, at: Timestamp, by: String) {
        self.number = number
        upTo = Int64(facts.upTo)
        transactions = Int64(facts.found.transactions)
        self.people = people
        was = facts.was
        now = facts.now
        self.at = at
        self.by = by
    }

    /// What the journal must come to at `upTo`.
    var seal: JournalSeal {
        JournalSeal(name: "purge \(number)", tx: Int(upTo), sha256: now)
    }
}

extension PurgeRecord: StoredRecord {
    var recordKey: RecordKey { RecordKey("purges", number: number) }

    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var (number, upTo, transactions) = (Int64(0), Int64(-1), Int64(0))
        var people: [String] = []
        var (was, now, by) = ("", "", "")
        var at: Timestamp?
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "number": number = try reader.int64()
            case "upTo": upTo = try reader.int64()
            case "transactions": transactions = try reader.int64()
            case "people":
                try reader.beginArray()
                while try reader.nextElement() { people.append(try reader.string()) }
            case "was": was = try reader.string()
            case "now": now = try reader.string()
            case "at": at = try reader.timestamp()
            case "by": by = try reader.string()
            default: try reader.skip()
            }
        }
        guard let at, number > 0, upTo >= 0, was.utf8.count == 64, now.utf8.count == 64 else {
            throw JSONError(offset: start, reason: "a purge without number, time or hash")
        }
        self.number = number
        self.upTo = upTo
        self.transactions = transactions
        self.people = people
        self.was = was
        self.now = now
        self.at = at
        self.by = by
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("number", number)
        writer.member("upTo", upTo)
        writer.member("transactions", transactions)
        writer.name("people")
        writer.beginArray()
        for person in people { writer.string(person) }
        writer.endArray()
        writer.member("was", was)
        writer.member("now", now)
        writer.name("at")
        writer.time(at)
        writer.member("by", by)
        writer.endObject()
    }
}
