package import Formats
package import Primitives
import Storage

/// A transaction that was taken back, and the entries that compensate for it.
package struct Undone: Sendable, Equatable {
    package let number: Int64
    package let at: Timestamp
    package let by: String
    /// The command that it was, secrets removed.
    package let command: String
    package var entries: [Entry] = []

    package struct Entry: Sendable, Equatable {
        /// What it is about: `MUG-1`, `ORD-1001`.
        package let id: String
        /// What was done, in past participles: `5 units taken off`.
        package let what: String
    }

    /// What the entries are about, each once.
    package var ids: [String] {
        var seen: Set<String> = []
        return entries.map(\.id).filter { seen.insert($0).inserted }
    }

    init(_ line: HistoryEntry) {
        let entry = AuditEntry(line)
        (number, at, by, command) = (entry.number, entry.at, entry.by, entry.command)
    }
}

extension HistoryEntry {
    /// The id by which a transaction names the one that it undoes.
    static func id(undoing number: Int64) -> String { "tx:\(number)" }

    /// The transaction that this one undoes.
    var undoes: Int64? {
        guard let first = ids.first, first.hasPrefix("tx:") else { return nil }
        return Int64(first.dropFirst(3))
    }

    /// Whether it is all about who is signed in, what was denied, and the like.
    var isBookkeeping: Bool {
        !isLoad && keys.allSatisfy { Undoing.isBookkeeping($0.prefix { $0 != "/" }) }
    }
}

extension Undone: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var (number, at) = (Int64(0), Timestamp(millisecondsSinceEpoch: 0))
        var (by, command) = ("", "")
        var entries: [Entry] = []
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "number": number = try reader.int64()
            case "at": at = try reader.timestamp()
            case "by": by = try reader.string()
            case "command": command = try reader.string()
            case "entries":
                try reader.beginArray()
                while try reader.nextElement() { entries.append(try Entry(from: &reader)) }
            default: try reader.skip()
            }
        }
        (self.number, self.at, self.by, self.command) = (number, at, by, command)
        self.entries = entries
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("number", number)
        writer.member("at", at)
        writer.member("by", by)
        writer.member("command", command)
        writer.name("entries")
        writer.beginArray()
        for entry in entries { entry.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}

extension Undone.Entry {
    fileprivate init(from reader: inout JSONReader) throws(JSONError) {
        var (id, what) = ("", "")
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "id": id = try reader.string()
            case "what": what = try reader.string()
            default: try reader.skip()
            }
        }
        self.init(id: id, what: what)
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("what", what)
        writer.endObject()
    }
}
