import Formats
import Primitives

/// Writes one run or segment: sorted record lines in blocks, then one end line that names the
/// first key, offset and CRC-32 of every block.
///
/// The file is durable after `finish()`; its name only after the sync of its directory (S4).
final class TableWriter {
    /// Blocks end at the first line boundary past this many bytes: a point lookup reads one
    /// block and the end line, which is longest where blocks are shortest.
    static let blockSize = 32 * 1024
    private static let writeSize = 1024 * 1024

    private let files: Files
    private let name: String
    private let path: String
    private let file: FileDescriptor
    private var buffer: [UInt8] = []
    /// Where the open block begins in `buffer`.
    private var blockStart = 0
    /// Bytes of the file before `buffer`.
    private var written = 0
    private var blocks: [(key: [UInt8], offset: Int, crc: UInt32)] = []
    private var blockKey: [UInt8] = []
    private var firstKey: [UInt8] = []
    private var lastKey: [UInt8] = []
    private var records = 0

    /// Length so far, without the end line.
    var bytes: Int { written + buffer.count }
    var isEmpty: Bool { records == 0 }

    /// - Parameter name: path relative to the data directory, never used by a published file.
    init(_ files: Files, _ paths: Paths, name: String) throws(ShopError) {
        self.files = files
        self.name = name
        path = paths.table(name)
        file = try files.createNew(path)
        buffer.reserveCapacity(Self.writeSize + Self.blockSize * 2)
    }

    deinit { files.close(file) }

    /// Adds a record of a segment: its body gets the member `key` in front.
    func add(
        key: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer
    ) throws(ShopError) {
        try begin(key)
        buffer.append(contentsOf: #"{"key":""#.utf8)
        buffer.append(contentsOf: key)
        if body.count > 2 {
            buffer.append(contentsOf: "\",".utf8)
            buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: body[1...]))
        } else {
            buffer.append(contentsOf: "\"}".utf8)
        }
        try end()
    }

    /// Adds a change of a run: the record as it is since `tx`, or nil where it was removed.
    func add(
        key: UnsafeRawBufferPointer, tx: Int, now: UnsafeRawBufferPointer?
    ) throws(ShopError) {
        try begin(key)
        buffer.append(contentsOf: #"{"key":""#.utf8)
        buffer.append(contentsOf: key)
        buffer.append(contentsOf: #"","tx":"#.utf8)
        buffer.append(contentsOf: String(tx).utf8)
        buffer.append(contentsOf: #","now":"#.utf8)
        if let now {
            buffer.append(contentsOf: now)
        } else {
            buffer.append(contentsOf: "null".utf8)
        }
        buffer.append(UInt8(ascii: "}"))
        try end()
    }

    private func begin(_ key: UnsafeRawBufferPointer) throws(ShopError) {
        // Keys rise, or the file would be searched wrongly for ever: a bug stops here.
        precondition(
            records == 0 || lastKey.withUnsafeBytes { compareBytes($0, key) } < 0,
            "keys of a table must rise")
        if buffer.count == blockStart { blockKey = Array(key) }
        if records == 0 { firstKey = Array(key) }
        lastKey.removeAll(keepingCapacity: true)
        lastKey.append(contentsOf: key)
        records += 1
    }

    private func end() throws(ShopError) {
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count - blockStart >= Self.blockSize { closeBlock() }
        if buffer.count >= Self.writeSize { try flush() }
    }

    private func closeBlock() {
        guard buffer.count > blockStart else { return }
        let crc = buffer.withUnsafeBytes {
            CRC32.of(UnsafeRawBufferPointer(rebasing: $0[blockStart...]))
        }
        blocks.append((blockKey, written + blockStart, crc))
        blockStart = buffer.count
    }

    /// Writes the closed blocks out; the open one stays in the buffer.
    private func flush() throws(ShopError) {
        var failure: ShopError?
        buffer.withUnsafeBytes { all in
            let closed = UnsafeRawBufferPointer(rebasing: all[..<blockStart])
            do throws(ShopError) { try files.append(file, path, closed) } catch { failure = error }
        }
        if let failure { throw failure }
        written += blockStart
        buffer.removeSubrange(..<blockStart)
        blockStart = 0
    }

    /// Makes the finished file durable.
    func synchronize() throws(ShopError) {
        try files.synchronize(file, path)
    }

    /// Writes the end line and makes the file durable.
    ///
    /// - Parameters:
    ///   - fromTx: the first transaction a run covers; 0 for a segment.
    ///   - upTo: the last transaction whose changes the file holds.
    ///   - synchronizing: whether to wait for the disk; who says no calls `synchronize()` later.
    func finish(
        fromTx: Int, upTo: Int, synchronizing: Bool = true
    ) throws(ShopError) -> Manifest.TableFile {
        closeBlock()
        try flush()
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("end", fromTx == 0 ? "segment" : "run")
        writer.member("records", Int64(records))
        writer.member("upTo", Int64(upTo))
        writer.name("blocks")
        writer.beginArray()
        for block in blocks {
            writer.beginArray()
            writer.string(String(decoding: block.key, as: UTF8.self))
            writer.int(Int64(block.offset))
            writer.string(CRC32.hex(block.crc))
            writer.endArray()
        }
        writer.endArray()
        var line = writer.bytes
        let crc = ChecksummedLine.seal(&line)
        try files.append(file, path, line)
        if synchronizing { try synchronize() }
        return Manifest.TableFile(
            file: name, first: firstKey, last: lastKey, records: records,
            bytes: written + line.count, end: written, crc: crc, fromTx: fromTx, upTo: upTo)
    }
}
