import Formats
import Glibc
package import Primitives

/// One transaction as the audit trail shows it.
package struct HistoryEntry: Sendable, Equatable {
    package var tx: Int
    package var at: String
    package var by: String
    package var command: String
    package var ids: [String]
    package var idempotencyKey: String?
    /// The keys of the records it changed, `stock/mug-1`; empty for a bulk load.
    package var keys: [String]
    /// Whether it put whole segments in place.
    package var isLoad = false
    /// The changes as JSON: `[{"key":…,"now":…,"was":…}]`.
    package var changes: [UInt8]
}

extension Store {
    /// Shows the transactions newest first, until `visit` says false.
    ///
    /// Reads the journal files backwards: the cost is that of the lines shown.
    ///
    /// - Parameter last: the newest of interest; nil for the newest there is.
    package func history(
        upTo last: Int? = nil,
        _ visit: (HistoryEntry) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try settle()
        let generation = lockDepth > 0 ? self.generation : try refreshForReading()
        guard let generation else { throw .notAShop(paths.root) }
        try history(of: generation, upTo: last, visit)
    }

    /// The transactions up to the last one that a view of the generation shows.
    func history(
        of generation: Generation, upTo last: Int? = nil,
        _ visit: (HistoryEntry) throws(ShopError) -> Bool
    ) throws(ShopError) {
        let journals = generation.manifest.journals
        for (index, journal) in journals.enumerated().reversed()
        where last.map({ journal.first <= $0 }) ?? true {
            let isOpen = index == journals.count - 1
            let end = isOpen ? generation.tail.end : journal.acknowledged
            let path = paths.journal(journal.file)
            let file = try files.open(path, .read, to: "open")
            defer { files.close(file) }
            var lines = BackwardLines(files, file, path, end: end)
            while let line = try lines.next() {
                guard let entry = try Self.entry(line, path) else { break }
                if let last, entry.tx > last { continue }
                guard try visit(entry) else { return }
            }
        }
    }

    /// nil for the header line, which has no `tx`.
    static func entry(_ line: [UInt8], _ path: String) throws(ShopError) -> HistoryEntry? {
        guard let object = ChecksummedLine.opening(line) else { throw .journalCorrupt(path, 0) }
        var entry = HistoryEntry(
            tx: 0, at: "", by: "", command: "", ids: [], keys: [], changes: [])
        do throws(JSONError) {
            try JSONReader.parse(object) { (reader) throws(JSONError) in
                try reader.beginObject()
                while let name = try reader.nextMember() {
                    switch name {
                    case "tx": entry.tx = try reader.size()
                    case "at": entry.at = try reader.string()
                    case "by": entry.by = try reader.string()
                    case "command": entry.command = try reader.string()
                    case "idempotencyKey": entry.idempotencyKey = try reader.string()
                    case "ids":
                        try reader.beginArray()
                        while try reader.nextElement() { entry.ids.append(try reader.string()) }
                    case "loaded":
                        entry.isLoad = true
                        try reader.skip()
                    case "changes":
                        entry.changes = try reader.rawValue()
                        entry.keys = try JSONReader.parse(entry.changes, Self.keys)
                    default: try reader.skip()
                    }
                }
            }
        } catch {
            throw .journalCorrupt(path, 0)
        }
        return entry.tx == 0 ? nil : entry
    }

    private static func keys(_ reader: inout JSONReader) throws(JSONError) -> [String] {
        var keys: [String] = []
        try reader.beginArray()
        while try reader.nextElement() {
            try reader.beginObject()
            while let name = try reader.nextMember() {
                if name == "key" { keys.append(try reader.string()) } else { try reader.skip() }
            }
        }
        return keys
    }
}

/// The lines of a file from its end to its beginning, read a chunk at a time.
private struct BackwardLines {
    private let files: Files
    private let file: FileDescriptor
    private let path: String
    /// Bytes before this offset are not in `buffer` yet.
    private var start: Int
    private var buffer: [UInt8] = []
    private static let chunk = 64 * 1024

    init(_ files: Files, _ file: FileDescriptor, _ path: String, end: Int) {
        self.files = files
        self.file = file
        self.path = path
        start = end
    }

    /// The next line without its newline; nil at the file's beginning.
    mutating func next() throws(ShopError) -> [UInt8]? {
        if buffer.last == UInt8(ascii: "\n") { buffer.removeLast() }
        while true {
            if let newline = buffer.lastIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[(newline + 1)...])
                buffer.removeSubrange((newline + 1)...)
                return line
            }
            guard start > 0 else {
                defer { buffer = [] }
                return buffer.isEmpty ? nil : buffer
            }
            let count = min(Self.chunk, start)
            let earlier = try files.read(file, path, at: start - count, count: count)
            let wasEmpty = buffer.isEmpty
            buffer = earlier + buffer
            start -= count
            if wasEmpty, buffer.last == UInt8(ascii: "\n") { buffer.removeLast() }
        }
    }
}
