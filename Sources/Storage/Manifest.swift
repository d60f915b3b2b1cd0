import Formats
import Primitives

/// The published generation: every file that makes up the shop's state, how far the journal is
/// folded into them, and what a program must understand to read or write them.
///
/// Immutable once published (S3). `MANIFEST.json` is a second name of the newest file in
/// `manifests/`; a reader pins its generation by a shared flock on that file.
struct Manifest: Sendable, Equatable {
    var shop: String
    var generation: Int
    /// Number for the next segment's name; rises with every file made.
    var nextFile: Int
    var folded: Folded
    /// Journal files in order of their transactions; the last one is open for appending.
    var journals: [JournalFile]
    /// Runs of recent changes, oldest first.
    var runs: [TableFile]
    /// Base segments of each collection in key order; together they cover all of its keys.
    var collections: [Collection]
    /// The pass of base steps under way.
    var pass: Pass?
    /// Journal files that a purge has replaced: to be removed as soon as nobody reads them.
    var purged: [String] = []
    /// What a program must know to read and to write this store.
    var needs = FormatNeeds()

    /// The point up to which the journal is contained in runs and segments.
    struct Folded: Sendable, Equatable {
        var tx: Int
        /// Offset in the open journal file of the first line not folded.
        var bytes: Int
        /// The checksum of the line before that offset: the next line's `prev`.
        var crc: UInt32
        /// The time of that line: the next one is never stamped earlier.
        var at: String
    }

    /// A pass of base steps over all segments that runs have changes for.
    struct Pass: Sendable, Equatable {
        /// The last transaction that every segment holds when the pass is over.
        var upTo: Int
        /// Segments it began with, and those it has not come to.
        var of: Int
        var left: Int

        fileprivate func isSound(_ folded: Folded) -> Bool {
            upTo <= folded.tx && (1...1 << 32).contains(of) && left <= of
        }
    }

    struct JournalFile: Sendable, Equatable {
        var file: String
        /// The first transaction it may hold.
        var first: Int
        /// Length that is known to be good: for a sealed file its end, for the open one its
        /// length when it was named here.
        var acknowledged: Int
    }

    /// One run or segment file.
    struct TableFile: Sendable, Equatable {
        /// Path relative to the data directory.
        var file: String
        /// A run's first key. Of a segment, the first key of the range it covers, which ends
        /// where the next one's begins; the first segment covers everything before as well.
        var first: [UInt8]
        var last: [UInt8]
        var records: Int
        /// Length of the whole file.
        var bytes: Int
        /// Offset of the root of its index, with which its last lines begin.
        var root: Int
        /// Offset of its end line.
        var end: Int
        /// CRC-32 of its end line, which holds those of its blocks.
        var crc: UInt32
        /// The transactions it covers: a run's first and last, 0 and "up to" of a segment.
        var fromTx: Int
        var upTo: Int
        /// Of a run, the collections it has changes of.
        var collections: [String] = []

        func holds(_ collection: some Sequence<UInt8>) -> Bool {
            collections.contains { $0.utf8.elementsEqual(collection) }
        }

        func holds(_ collection: UnsafeRawBufferPointer) -> Bool {
            collections.contains { name in
                var name = name
                return name.withUTF8 {
                    compareBytes(UnsafeRawBufferPointer($0), collection) == 0
                }
            }
        }

        /// The number in a segment's name, `catalog/products-000017.jsonl`; 0 for a run.
        var number: Int {
            let digits = file.utf8.reversed().drop { $0 != UInt8(ascii: ".") }.dropFirst()
                .prefix { $0 >= 0x30 && $0 <= 0x39 }
            return Int(String(decoding: digits.reversed(), as: UTF8.self)) ?? 0
        }
    }

    struct Collection: Sendable, Equatable {
        var name: String
        /// Its segments, where they are few.
        var segments: [TableFile]
        /// The list of them, where they are many.
        var list: SegmentList?

        var bytes: Int { list?.bytes ?? segments.reduce(0) { $0 + $1.bytes } }
        var count: Int { list?.segments ?? segments.count }
        /// Every change up to this transaction is in the segments.
        var oldest: Int {
            list?.oldest ?? segments.reduce(segments.first?.upTo ?? 0) { min($0, $1.upTo) }
        }
    }

    /// A file that lists the segments of a collection, and what they come to.
    struct SegmentList: Sendable, Equatable {
        var table: TableFile
        var segments: Int
        /// Of all segments together.
        var bytes: Int
        /// The lowest `upTo` among them.
        var oldest: Int
    }

    var openJournal: JournalFile? { journals.last }

    /// Position of the segment whose key range holds `key`, both relative to the collection.
    ///
    static func covering(_ key: UnsafeRawBufferPointer, in segments: [TableFile]) -> Int? {
        guard !segments.isEmpty else { return nil }
        var low = 0
        var high = segments.count
        while high - low > 1 {
            let middle = (low + high) / 2
            let order = segments[middle].first.withUnsafeBytes { compareBytes($0, key) }
            if order <= 0 { low = middle } else { high = middle }
        }
        return low
    }

    mutating func set(_ collection: Collection) {
        if let index = collections.firstIndex(where: { $0.name == collection.name }) {
            collections[index] = collection
        } else {
            collections.append(collection)
        }
    }
}

// MARK: - JSON

extension Manifest {
    /// One line of JSON ending in its own checksum and a newline.
    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("shopctl", "manifest")
        needs.write(to: &writer)
        writer.member("shop", shop)
        writer.member("generation", Int64(generation))
        writer.member("nextFile", Int64(nextFile))
        writer.name("folded")
        writer.beginObject()
        writer.member("tx", Int64(folded.tx))
        writer.member("bytes", Int64(folded.bytes))
        writer.member("crc", CRC32.hex(folded.crc))
        writer.member("at", folded.at)
        writer.endObject()
        writer.name("journals")
        writer.beginArray()
        for journal in journals {
            writer.beginObject()
            writer.member("file", journal.file)
            writer.member("first", Int64(journal.first))
            writer.member("acknowledged", Int64(journal.acknowledged))
            writer.endObject()
        }
        writer.endArray()
        writer.name("runs")
        Self.write(runs, to: &writer)
        writer.name("collections")
        writer.beginObject()
        for collection in collections {
            Self.write(collection, to: &writer)
        }
        writer.endObject()
        if let pass {
            writer.name("pass")
            writer.beginObject()
            writer.member("upTo", Int64(pass.upTo))
            writer.member("of", Int64(pass.of))
            writer.member("left", Int64(pass.left))
            writer.endObject()
        }
        if !purged.isEmpty { Self.write("purged", purged, to: &writer) }
        writer.endObject()
        return ChecksummedLine.sealing(writer.bytes)
    }

    /// `"orders":[…segments…]`, or `"orders":{"list":{…},…}`.
    static func write(_ collection: Collection, to writer: inout JSONWriter) {
        writer.name(text: collection.name)
        guard let list = collection.list else { return write(collection.segments, to: &writer) }
        writer.beginObject()
        writer.name("list")
        write(list.table, to: &writer)
        writer.member("segments", Int64(list.segments))
        writer.member("bytes", Int64(list.bytes))
        writer.member("oldest", Int64(list.oldest))
        writer.endObject()
    }

    private static func write(_ tables: [TableFile], to writer: inout JSONWriter) {
        writer.beginArray()
        for table in tables { write(table, to: &writer) }
        writer.endArray()
    }

    private static func write(_ table: TableFile, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("file", table.file)
        writer.member("first", String(decoding: table.first, as: UTF8.self))
        writeRest(of: table, to: &writer)
        writer.endObject()
    }

    /// A segment's record in a list, whose key is `first`.
    static func write(listed table: TableFile, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("file", table.file)
        writeRest(of: table, to: &writer)
        writer.endObject()
    }

    private static func writeRest(of table: TableFile, to writer: inout JSONWriter) {
        writer.member("last", String(decoding: table.last, as: UTF8.self))
        writer.member("records", Int64(table.records))
        writer.member("bytes", Int64(table.bytes))
        writer.member("root", Int64(table.root))
        writer.member("end", Int64(table.end))
        writer.member("crc", CRC32.hex(table.crc))
        if table.fromTx > 0 { writer.member("from", Int64(table.fromTx)) }
        writer.member("upTo", Int64(table.upTo))
        guard !table.collections.isEmpty else { return }
        write("collections", table.collections, to: &writer)
    }

    /// Reads a manifest whose checksum holds.
    ///
    /// - Throws: `manifest-damaged` (65), `format-too-new` (65).
    init(decoding bytes: [UInt8], path: String) throws(ShopError) {
        guard let line = ChecksummedLine.opening(bytes) else { throw .manifestDamaged(path) }
        do throws(JSONError) {
            self = try JSONReader.parse(line) { (reader) throws(JSONError) in
                try Manifest(from: &reader)
            }
        } catch {
            // A newer format may say the same things in another way: that is not damage.
            try (try? FormatNeeds(scanning: line))?.checkReading(path)
            throw .manifestDamaged(path)
        }
        try needs.checkReading(path)
        guard isSound else { throw .manifestDamaged(path) }
    }

    /// Whether what it says can all be true, so that every step of maintenance comes to its end:
    /// runs follow each other, and no file holds more than was folded.
    private var isSound: Bool {
        var last = 0
        for run in runs {
            guard run.fromTx > last, run.upTo >= run.fromTx else { return false }
            last = run.upTo
        }
        let newest = collections.flatMap { collection in
            collection.segments.map(\.upTo) + (collection.list.map { [$0.table.upTo] } ?? [])
        }
        let lists = collections.compactMap(\.list)
        return last <= folded.tx && newest.allSatisfy { $0 <= folded.tx }
            && lists.allSatisfy { $0.oldest <= $0.table.upTo } && pass?.isSound(folded) ?? true
    }

    private init(from reader: inout JSONReader) throws(JSONError) {
        shop = ""
        generation = 0
        nextFile = 1
        folded = Folded(tx: 0, bytes: 0, crc: 0, at: "")
        journals = []
        runs = []
        collections = []
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "shop": shop = try reader.string()
            case "generation": generation = try reader.size()
            case "nextFile": nextFile = try reader.size()
            case "folded": folded = try Self.folded(from: &reader)
            case "journals":
                try reader.beginArray()
                while try reader.nextElement() {
                    journals.append(try Self.journal(from: &reader))
                }
            case "pass": pass = try Self.pass(from: &reader)
            case "purged": purged = try Self.texts(from: &reader)
            case "runs": runs = try Self.tables(from: &reader)
            case "collections":
                try reader.beginObject()
                while let collection = try reader.nextMember() {
                    let name = collection.text
                    collections.append(try Self.collection(name, from: &reader))
                }
            default: if try !needs.read(name, from: &reader) { try reader.skip() }
            }
        }
    }

    private static func folded(from reader: inout JSONReader) throws(JSONError) -> Folded {
        var folded = Folded(tx: 0, bytes: 0, crc: 0, at: "")
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "tx": folded.tx = try reader.size()
            case "bytes": folded.bytes = try reader.size()
            case "crc": folded.crc = try reader.checksum()
            case "at": folded.at = try reader.string()
            default: try reader.skip()
            }
        }
        return folded
    }

    private static func pass(from reader: inout JSONReader) throws(JSONError) -> Pass {
        var pass = Pass(upTo: 0, of: 1, left: 0)
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "upTo": pass.upTo = try reader.size()
            case "of": pass.of = try reader.size()
            case "left": pass.left = max(0, Int(clamping: try reader.int64()))
            default: try reader.skip()
            }
        }
        return pass
    }

    private static func journal(from reader: inout JSONReader) throws(JSONError) -> JournalFile {
        var journal = JournalFile(file: "", first: 0, acknowledged: 0)
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "file": journal.file = try reader.string()
            case "first": journal.first = try reader.size()
            case "acknowledged": journal.acknowledged = try reader.size()
            default: try reader.skip()
            }
        }
        return journal
    }

    static func tables(from reader: inout JSONReader) throws(JSONError) -> [TableFile] {
        var tables: [TableFile] = []
        try reader.beginArray()
        while try reader.nextElement() { tables.append(try table(from: &reader)) }
        return tables
    }

    /// A run or segment as manifests and lists state it.
    static func table(from reader: inout JSONReader) throws(JSONError) -> TableFile {
        var table = TableFile(
            file: "", first: [], last: [], records: 0, bytes: 0, root: 0, end: 0, crc: 0,
            fromTx: 0, upTo: 0)
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "file": table.file = try reader.string()
            case "first", "key": table.first = try reader.stringBytes()
            case "last": table.last = try reader.stringBytes()
            case "records": table.records = try reader.size()
            case "bytes": table.bytes = try reader.size()
            case "root": table.root = try reader.size()
            case "end": table.end = try reader.size()
            case "crc": table.crc = try reader.checksum()
            case "from": table.fromTx = try reader.size()
            case "upTo": table.upTo = try reader.size()
            case "collections": table.collections = try texts(from: &reader)
            default: try reader.skip()
            }
        }
        return table
    }

    static func collection(
        _ name: String, from reader: inout JSONReader
    ) throws(JSONError) -> Collection {
        guard try reader.peek() == .object else {
            return Collection(name: name, segments: try tables(from: &reader))
        }
        var list = SegmentList(
            table: TableFile(
                file: "", first: [], last: [], records: 0, bytes: 0, root: 0, end: 0, crc: 0,
                fromTx: 0, upTo: 0), segments: 0, bytes: 0, oldest: 0)
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "list": list.table = try table(from: &reader)
            case "segments": list.segments = try reader.size()
            case "bytes": list.bytes = try reader.size()
            case "oldest": list.oldest = try reader.size()
            default: try reader.skip()
            }
        }
        return Collection(name: name, segments: [], list: list)
    }
}

extension JSONReader {
    /// A count, a size, an offset or the number of a transaction: nothing below zero, and so far
    /// from the ends of 64 bits that sums of them stay inside, whatever a file says.
    mutating func size() throws(JSONError) -> Int {
        let start = offset
        let value = try int64()
        guard (0...Int64(1) << 52).contains(value) else {
            throw JSONError(offset: start, reason: "the number is out of range")
        }
        return Int(value)
    }

    /// A CRC-32 as eight hexadecimal digits in a string.
    mutating func checksum() throws(JSONError) -> UInt32 {
        let start = offset
        guard let value = try plainString(Hex.uint32) else {
            throw JSONError(offset: start, reason: "expected eight hexadecimal digits")
        }
        return value
    }
}

extension ShopError {
    static func manifestDamaged(_ path: String) -> ShopError {
        ShopError(
            .data, "manifest-damaged", "\(path) is not a whole manifest: its checksum is wrong",
            at: path, why: "nothing was changed", try: ["shopctl doctor"])
    }
}
