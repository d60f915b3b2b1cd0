import Formats
package import Primitives

/// Who asked for a transaction and how: what the audit trail keeps of it.
package struct Stamp: Sendable, Equatable {
    /// The time now; a transaction is never stamped earlier than the one before it.
    package var at: Timestamp
    /// E-mail address of the signed-in user, or a word in brackets for nobody.
    package var by: String
    /// The command as typed, secrets removed.
    package var command: String
    package var idempotencyKey: String?

    package init(at: Timestamp, by: String, command: String, idempotencyKey: String? = nil) {
        self.at = at
        self.by = by
        self.command = command
        self.idempotencyKey = idempotencyKey
    }
}

/// One committed transaction as one line of the journal: torn or whole.
///
/// ```
/// {"tx":42,"at":"…","by":"ana@x.example","command":"order create …","ids":["ORD-1001"],
///  "changes":[{"key":"orders/0000001001","now":{…},"was":{…}}],"prev":"5be1c0de","crc":"9a3f01bc"}
/// ```
/// `now` is null where a record was removed, `was` is absent where there was none. `prev` is the
/// checksum of the line before, so that a missing, moved, repeated or spliced line breaks the
/// chain (S5). A line that was written together with others before it names the first of them after
/// its own number, `"group":40`: none of those was acknowledged alone. Effects are absolute:
/// applied twice is applied once (S6).
enum JournalLine {
    /// What replaying needs of a line.
    struct Header {
        var at = ""
        /// Tables that a bulk load put in place of a collection's segments.
        var loaded: [Manifest.Collection] = []
    }

    /// A line to append, and what reading it back would say.
    struct Encoded {
        /// With its newline.
        var bytes: [UInt8]
        var crc: UInt32
        var at: String
        /// Where in `bytes` the changes stand.
        var entries: [Overlay.Entry]
        var loaded: [Manifest.Collection]
    }

    static func encode(
        tx: Int, group: Int? = nil, stamp: Stamp, ids: [String], changes: [Change],
        loaded: [Manifest.Collection],
        source: BulkSource?, prev: UInt32
    ) -> Encoded {
        let at = stamp.at.rfc3339
        var entries: [Overlay.Entry] = []
        entries.reserveCapacity(changes.count)
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("tx", Int64(tx))
        writer.member("group", group.map(Int64.init))
        writer.member("at", at)
        writer.member("by", stamp.by)
        writer.member("command", stamp.command)
        writer.name("ids")
        writer.beginArray()
        for id in ids { writer.string(id) }
        writer.endArray()
        writer.member("idempotencyKey", stamp.idempotencyKey)
        writer.name("changes")
        writer.beginArray()
        for change in changes {
            writer.beginObject()
            writer.name("key")
            writer.string(plain: change.key)
            var entry = Overlay.Entry(
                keyStart: writer.count - 1 - change.key.count, keyCount: change.key.count,
                valueStart: 0, valueCount: -1, tx: tx)
            writer.name("now")
            if let now = change.now {
                writer.raw(now)
                entry.valueStart = writer.count - now.count
                entry.valueCount = now.count
            } else {
                writer.null()
            }
            entries.append(entry)
            if let was = change.was {
                writer.name("was")
                writer.raw(was)
            }
            writer.endObject()
        }
        writer.endArray()
        if !loaded.isEmpty {
            if let source { source.write(to: &writer) }
            writer.name("loaded")
            writer.beginObject()
            for collection in loaded {
                Manifest.write(collection, to: &writer)
            }
            writer.endObject()
        }
        writer.member("prev", CRC32.hex(prev))
        writer.endObject()
        var line = writer.bytes
        line.removeLast()
        let crc = ChecksummedLine.seal(&line)
        return Encoded(bytes: line, crc: crc, at: at, entries: entries, loaded: loaded)
    }

    struct Change {
        var key: [UInt8]
        var now: [UInt8]?
        var was: [UInt8]?
    }

    /// Whether the line is transaction `tx` and follows the line whose checksum is `prev`.
    ///
    /// Both stand at places that `encode` fixes: the first member and the last but one.
    static func joins(_ line: UnsafeRawBufferPointer, tx: Int, prev: UInt32) -> Bool {
        if isPlanted("chain-check-off") { return true }
        let start = Array(#"{"tx":\#(tx),"#.utf8)
        var end = Array(#","prev":""#.utf8)
        ChecksummedLine.appendHex(prev, to: &end)
        end.append(UInt8(ascii: "\""))
        guard line.count > start.count + end.count + ChecksummedLine.suffixLength else {
            return false
        }
        let endStart = line.count - ChecksummedLine.suffixLength - end.count
        return line.starts(with: start)
            && UnsafeRawBufferPointer(rebasing: line[endStart...]).starts(with: end)
    }

    /// The transaction of a line, and the first one of those that were written together with it
    /// where it names that; nil where it is no transaction's.
    static func numbers(of line: UnsafeRawBufferPointer) -> (tx: Int, group: Int?)? {
        var reader = JSONReader(line)
        do throws(JSONError) {
            try reader.beginObject()
            guard let first = try reader.nextMember(), first == "tx" else { return nil }
            let tx = try reader.size()
            guard let second = try reader.nextMember(), second == "group" else { return (tx, nil) }
            return (tx, try reader.size())
        } catch {
            return nil
        }
    }

    /// Reads the line into `overlay`.
    ///
    /// - Parameters:
    ///   - line: the line without its newline, its checksum and place in the chain verified.
    ///   - base: where the line begins in `overlay.bytes`.
    static func apply(
        _ line: UnsafeRawBufferPointer, tx: Int, at base: Int, to overlay: inout Overlay
    ) throws(JSONError) -> Header {
        var header = Header()
        var reader = JSONReader(line)
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "at": header.at = try reader.string()
            case "changes":
                try reader.beginArray()
                while try reader.nextElement() {
                    try applyChange(from: &reader, at: base, tx: tx, to: &overlay)
                }
            case "loaded":
                try reader.beginObject()
                while let collection = try reader.nextMember() {
                    let name = collection.text
                    header.loaded.append(try Manifest.collection(name, from: &reader))
                }
            default: try reader.passOver()
            }
        }
        return header
    }

    private static func applyChange(
        from reader: inout JSONReader, at base: Int, tx: Int, to overlay: inout Overlay
    ) throws(JSONError) {
        var entry = Overlay.Entry(
            keyStart: 0, keyCount: 0, valueStart: base, valueCount: -1, tx: tx)
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "key":
                let start = reader.offset
                try reader.skip()
                entry.keyStart = base + start + 1
                entry.keyCount = reader.offset - start - 2
            case "now":
                if try reader.peek() == .null {
                    try reader.skip()
                    continue
                }
                let start = reader.offset
                try reader.passOver()
                entry.valueStart = base + start
                entry.valueCount = reader.offset - start
            default: try reader.passOver()
            }
        }
        guard entry.keyCount > 0 else {
            throw JSONError(offset: reader.offset, reason: "a change without a key")
        }
        overlay.insert(entry)
    }
}

/// The first line of a journal file: what it is, whose, and how it joins the chain.
struct JournalHeader {
    var shop: String
    /// The first transaction the file may hold.
    var first: Int
    /// Checksum of the last transaction line before this file.
    var prev: UInt32

    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("shopctl", "journal")
        writer.member("format", FormatNeeds.format)
        writer.member("shop", shop)
        writer.member("first", Int64(first))
        writer.member("prev", CRC32.hex(prev))
        writer.endObject()
        return ChecksummedLine.sealing(writer.bytes)
    }

    static func fileName(first: Int) -> String { "J-\(zeroPadded(first, 16)).jsonl" }
}
