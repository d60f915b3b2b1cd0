import Formats
import Primitives
import TestSupport
import Testing

@testable import Storage

/// The readers of stored bytes, given anything: no trap, no hang, and what is read is written
/// again the same.
///
/// Inputs are mutations of real files. Lines are sealed again after most mutations, so that the
/// readers behind the checksum are reached.
@Suite struct ReaderFuzzTests {
    static func corpus() throws -> [[UInt8]] {
        try StoreDamage().files.flatMap { file in
            file.bytes.split(separator: 0x0a).map { Array($0) }
        }
    }

    static func fuzz(
        _ name: String, _ corpus: [[UInt8]], sealing: Bool = false,
        _ body: ([UInt8]) throws -> Void
    ) throws {
        let run = try Fuzzing(
            corpus, changing: { sealing && $1 % 4 != 0 ? seal($0) : $0 },
            { bytes in
                do { try body(bytes) } catch is ShopError {} catch is JSONError {}
            })
        print("fuzzing the reader of \(name): \(run)")
        #expect(run.slowest < 1, "\(name): \(run)")
    }

    private static func seal(_ bytes: [UInt8]) -> [UInt8] {
        let bytes = bytes.last == 0x0a ? Array(bytes.dropLast()) : bytes
        guard bytes.count > ChecksummedLine.suffixLength + 2 else { return bytes }
        var line = Array(bytes.dropLast(ChecksummedLine.suffixLength))
        ChecksummedLine.seal(&line)
        return Array(line.dropLast())
    }

    @Test("any journal line is taken or refused")
    func journalLines() throws {
        let lines = try Self.corpus().filter { $0.starts(with: #"{"tx":"#.utf8) }
        try Self.fuzz("journal lines", lines, sealing: true) { bytes in
            var overlay = Overlay()
            try bytes.withUnsafeBytes { line in
                guard ChecksummedLine.checksum(of: line) != nil else { return }
                _ = JournalLine.joins(line, tx: 7, prev: 7)
                _ = JournalHeader(decoding: line)
                let base = overlay.append(line)
                _ = try JournalLine.apply(line, tx: 7, at: base, to: &overlay)
            }
            // Every entry points into the line.
            for entry in overlay.sorted() {
                _ = (overlay.key(of: entry), overlay.value(of: entry))
            }
        }
    }

    @Test("any manifest is read back the same, or refused")
    func manifests() throws {
        let lines = try Self.corpus().filter { $0.starts(with: #"{"shopctl":"manifest""#.utf8) }
        try Self.fuzz("manifests", lines, sealing: true) { bytes in
            let manifest = try Manifest(decoding: bytes, path: "MANIFEST.json")
            let again = try Manifest(decoding: manifest.encoded, path: "MANIFEST.json")
            #expect(again.encoded == manifest.encoded)
        }
    }

    @Test("any claim in LOCK is read back the same, or counts as none")
    func watermarks() throws {
        let mark = Watermark(
            tx: 12, bytes: 4_096, file: "J-0000000000000001.jsonl", boot: "b-1", pid: 77)
        try Self.fuzz("watermarks", [mark.encoded], sealing: true) { bytes in
            guard let read = Watermark(decoding: bytes) else { return }
            #expect(Watermark(decoding: read.encoded) == read)
        }
    }

    @Test("any file is a store that opens, or is refused")
    func wholeFiles() throws {
        let damage = try StoreDamage()
        for part in ["MANIFEST.json", "journal/", "recent/", "catalog/"] {
            let files = damage.files.filter { $0.path.contains(part) }
            var turn = 0
            // A manifest with a right checksum is believed: whatever it says of its files.
            let isLine = part == "MANIFEST.json"
            try Self.fuzz(part, files.map(\.bytes), sealing: isLine) { bytes in
                var disk = damage.disk
                turn += 1
                disk.replace(files[turn % files.count].path, with: bytes)
                let store = StoreDamage.open(SimulatedFileSystem(disk: disk))
                _ = try StoreDigest(store, ["items", "pairs", "sums"])
                try store.holdingLock {}
                try store.maintainFully()
            }
        }
    }

    @Test("any table that the manifest vouches for is read, or named as damaged")
    func tables() throws {
        let damage = try StoreDamage()
        let tables = damage.files.filter { $0.path.hasSuffix(".jsonl") && !$0.path.contains("/J-") }
        try Self.fuzz("tables", tables.map(\.bytes)) { bytes in
            let files = SimulatedFileSystem()
            let file = try files.open("/t", .createNew)
            _ = try bytes.withUnsafeBytes { try files.append(file, $0) }
            files.close(file)
            let end = bytes.dropLast().lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
            let crc = bytes[end...].dropLast().withUnsafeBytes {
                ChecksummedLine.checksum(of: $0)
            }
            let root = bytes.count > 400 ? bytes.count - 300 : 0
            for start in [root, end] {
                let stated = Manifest.TableFile(
                    file: "t", first: [], last: [], records: 1, bytes: bytes.count, root: start,
                    end: end, crc: crc ?? 0, fromTx: 0, upTo: 1)
                let table = try Table(
                    Files(system: files), Paths(root: ""), stated, BlockBudget())
                let key = Array("0000000007".utf8)
                _ = try key.withUnsafeBytes { try table.find($0) }
                var place = try table.firstPlace
                while let here = place { place = try table.place(after: here) }
            }
        }
    }
}
