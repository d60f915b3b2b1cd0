import Formats
import Primitives

/// Reads whole journal files from their beginning, verifying every line: checksum, number and
/// chain. Ordinary commands read only the end that is not folded yet.
struct JournalWalk {
    private let files: Files
    private let paths: Paths
    private let manifest: Manifest
    /// The last transaction so far and its checksum; nil before the first header.
    private var last: (tx: Int, crc: UInt32)?
    private static let chunk = 1024 * 1024

    init(_ files: Files, _ paths: Paths, _ manifest: Manifest) {
        self.files = files
        self.paths = paths
        self.manifest = manifest
    }

    /// Shows the transactions of one file in order.
    ///
    /// - Parameters:
    ///   - end: where the good part of the file ends.
    ///   - visit: gets the number, and the line without its newline.
    /// - Throws: `journal-damaged` (65) with the line that is not what it should be.
    mutating func walk(
        _ journal: Manifest.JournalFile, upTo end: Int,
        _ visit: (Int, UnsafeRawBufferPointer) throws(ShopError) -> Void
    ) throws(ShopError) {
        let path = paths.journal(journal.file)
        let file = try files.open(path, .read, to: "open")
        defer { files.close(file) }
        var offset = 0
        var buffer: [UInt8] = []
        var number = 0
        var isCut = false
        while true {
            var position = 0
            while let range = JournalTail.line(in: buffer, from: position) {
                number += 1
                try buffer.withBytes { (all) throws(ShopError) in
                    let line = UnsafeRawBufferPointer(rebasing: all[range])
                    guard try take(line, isHeader: number == 1, of: journal, visit) else {
                        throw .journalDamaged(path, number)
                    }
                }
                position = range.upperBound + 1
            }
            buffer.removeSubrange(..<position)
            guard !isCut else { throw .acknowledgedDataMissing(path) }
            guard offset < end else { break }
            let count = min(Self.chunk, end - offset)
            let more = try files.read(file, path, at: offset, count: count)
            // The lines that are there come first: one of them may be where it begins.
            isCut = more.count < count
            buffer += more
            offset += more.count
        }
        guard buffer.isEmpty else { throw .journalDamaged(path, number + 1) }
    }

    private mutating func take(
        _ line: UnsafeRawBufferPointer, isHeader: Bool, of journal: Manifest.JournalFile,
        _ visit: (Int, UnsafeRawBufferPointer) throws(ShopError) -> Void
    ) throws(ShopError) -> Bool {
        guard let crc = ChecksummedLine.checksum(of: line) else { return false }
        guard !isHeader else {
            guard let header = JournalHeader(decoding: line), header.shop == manifest.shop,
                header.first == journal.first
            else { return false }
            if let last, last.tx != header.first - 1 || last.crc != header.prev { return false }
            last = (header.first - 1, header.prev)
            return true
        }
        guard let last, JournalLine.joins(line, tx: last.tx + 1, prev: last.crc) else {
            return false
        }
        self.last = (last.tx + 1, crc)
        try visit(last.tx + 1, line)
        return true
    }
}

extension JournalHeader {
    /// nil when the line is no journal's first.
    init?(decoding line: UnsafeRawBufferPointer) {
        var header = JournalHeader(shop: "", first: 0, prev: 0)
        var kind = ""
        do throws(JSONError) {
            var reader = JSONReader(line)
            try reader.beginObject()
            while let name = try reader.nextMember() {
                switch name {
                case "shopctl": kind = try reader.string()
                case "shop": header.shop = try reader.string()
                case "first": header.first = try reader.size()
                case "prev": header.prev = try reader.checksum()
                default: try reader.skip()
                }
            }
        } catch {
            return nil
        }
        guard kind == "journal" else { return nil }
        self = header
    }
}

extension ShopError {
    static func journalDamaged(_ path: String, _ line: Int) -> ShopError {
        ShopError(
            .data, "journal-damaged", "\(path): line \(line) is not what it should be",
            at: path, why: "the file was changed or the disk failed; nothing was changed",
            try: ["shopctl doctor"])
    }
}
