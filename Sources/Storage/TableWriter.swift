import Formats
import Glibc
import Primitives

/// Writes one run or segment: sorted record lines in blocks, an index of the blocks in two
/// levels, and the end line (see `Table`).
///
/// The file is durable after `finish()`; its name only after the sync of its directory (S4).
final class TableWriter {
    /// Blocks, of records as of index lines, end at the first line boundary past this many bytes:
    /// a point lookup reads one of each and the root, which is shorter for it.
    static let blockSize = 4 * 1024
    private static let writeSize = 1024 * 1024

    private let files: Files
    private let name: String
    private let path: String
    private let file: FileDescriptor
    private let buffer = ByteBuffer(capacity: writeSize + blockSize * 2)
    /// Where the open block begins in `buffer`.
    private var blockStart = 0
    /// Bytes of the file before `buffer`.
    private var written = 0
    private var blockKey: [UInt8] = []
    /// Index lines of the blocks closed so far, and root lines of theirs; offsets in root lines
    /// count from the index's beginning until that is known.
    private var index: [UInt8] = []
    private var indexBlocks: [IndexBlock] = []
    private var indexKey: [UInt8] = []
    private var indexBlockStart = 0
    private var firstKey: [UInt8] = []
    private let lastKey = ByteBuffer(capacity: 128)
    private var records = 0
    private var collections: [String] = []
    /// The last of them with its slash, as keys begin.
    private var collectionPrefix: [UInt8] = []

    private struct IndexBlock {
        var key: [UInt8]
        var start: Int
        var count: Int
    }

    /// Length of the records so far.
    var bytes: Int { written + buffer.count }
    var isEmpty: Bool { records == 0 }

    /// - Parameter name: path relative to the data directory, never used by a published file.
    init(_ files: Files, _ paths: Paths, name: String) throws(ShopError) {
        self.files = files
        self.name = name
        path = paths.table(name)
        file = try files.createNew(path)
    }

    deinit { files.close(file) }

    /// Adds a record of a segment: its body gets the member `key` in front.
    func add(
        key: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer
    ) throws(ShopError) {
        try add(key: key, members: UnsafeRawBufferPointer(rebasing: body[1...]))
    }

    /// Adds a record as a cursor shows it, with the member `key` in front or without.
    func add(
        key: UnsafeRawBufferPointer, record: UnsafeRawBufferPointer
    ) throws(ShopError) {
        try add(key: key, members: recordMembers(record))
    }

    /// - Parameter members: what follows the member `key`, with the closing brace.
    private func add(
        key: UnsafeRawBufferPointer, members: UnsafeRawBufferPointer
    ) throws(ShopError) {
        begin(key)
        buffer.reserve(key.count + members.count + 16)
        buffer.append(#"{"key":""#)
        buffer.append(key)
        buffer.append(UInt8(ascii: "\""))
        if members.count > 1 { buffer.append(UInt8(ascii: ",")) }
        buffer.append(members)
        try end()
    }

    /// Adds whole lines of another segment, which are what `add(key:record:)` would write of them.
    func add(lines: UnsafeRawBufferPointer) throws(ShopError) {
        guard let base = lines.baseAddress else { return }
        let (first, last) = try Self.keys(of: lines, path)
        var start = 0
        begin(first)
        while start < lines.count {
            if buffer.count == blockStart, start > 0 {
                blockKey = Line(start: start, end: lines.count).key(in: lines).map(Array.init) ?? []
            }
            // A block ends with the line that makes it long enough.
            let lacking = max(1, Self.blockSize - (buffer.count - blockStart))
            var end = lines.count
            if start + lacking < end,
                let newline = memchr(base + start + lacking - 1, 0x0a, end - start - lacking + 1)
            {
                end = UnsafeRawPointer(newline) - base + 1
            }
            buffer.append(UnsafeRawBufferPointer(rebasing: lines[start..<end]))
            start = end
            try endLine()
        }
        records += Self.count(lines) - 1
        lastKey.replaceAll(with: last)
    }

    private static func keys(
        of lines: UnsafeRawBufferPointer, _ path: String
    ) throws(ShopError) -> (first: UnsafeRawBufferPointer, last: UnsafeRawBufferPointer) {
        guard let first = Line(start: 0, end: lines.count).key(in: lines),
            let last = lines.line(before: lines.count)?.key(in: lines)
        else { throw .tableDamaged(path, "a line is not what it should be") }
        return (first, last)
    }

    private static func count(_ lines: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in lines { count &+= byte == 0x0a ? 1 : 0 }
        return count
    }

    /// Adds a change of a run: the record as it is since `tx`, or nil where it was removed.
    func add(
        key: UnsafeRawBufferPointer, tx: Int, now: UnsafeRawBufferPointer?
    ) throws(ShopError) {
        begin(key)
        noteCollection(of: key)
        buffer.append(#"{"key":""#)
        buffer.append(key)
        buffer.append(#"","tx":"#)
        Array(String(tx).utf8).withUnsafeBytes { buffer.append($0) }
        buffer.append(#","now":"#)
        if let now { buffer.append(now) } else { buffer.append("null") }
        buffer.append(UInt8(ascii: "}"))
        try end()
    }

    /// Adds a change as it stands in another run.
    func add(line: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer) throws(ShopError) {
        begin(key)
        noteCollection(of: key)
        buffer.append(line)
        try end()
    }

    /// A run says in the manifest of which collections it has changes.
    private func noteCollection(of key: UnsafeRawBufferPointer) {
        let isSame = collectionPrefix.withUnsafeBytes { prefix in
            prefix.count <= key.count && prefix.count > 0
                && compareBytes(prefix, UnsafeRawBufferPointer(rebasing: key[..<prefix.count])) == 0
        }
        guard !isSame else { return }
        let name = key.prefix { $0 != UInt8(ascii: "/") }
        collectionPrefix = Array(name) + [UInt8(ascii: "/")]
        collections.append(String(decoding: name, as: UTF8.self))
    }

    private func begin(_ key: UnsafeRawBufferPointer) {
        // Keys rise, or the file would be searched wrongly for ever: a bug stops here.
        precondition(
            records == 0 || compareBytes(lastKey.all, key) < 0, "keys of a table must rise")
        if buffer.count == blockStart { blockKey = Array(key) }
        if records == 0 { firstKey = Array(key) }
        lastKey.replaceAll(with: key)
        records += 1
    }

    private func end() throws(ShopError) {
        buffer.append(UInt8(ascii: "\n"))
        try endLine()
    }

    private func endLine() throws(ShopError) {
        if buffer.count - blockStart >= Self.blockSize { closeBlock() }
        if buffer.count >= Self.writeSize { try flush() }
    }

    private func closeBlock() {
        guard buffer.count > blockStart else { return }
        let crc = CRC32.of(UnsafeRawBufferPointer(rebasing: buffer.all[blockStart...]))
        if index.count == indexBlockStart { indexKey = blockKey }
        Self.append(
            #"{"block":""#, blockKey, at: written + blockStart, buffer.count - blockStart, crc,
            to: &index)
        if index.count - indexBlockStart >= Self.blockSize { closeIndexBlock() }
        blockStart = buffer.count
    }

    private func closeIndexBlock() {
        guard index.count > indexBlockStart else { return }
        indexBlocks.append(
            IndexBlock(
                key: indexKey, start: indexBlockStart, count: index.count - indexBlockStart))
        indexBlockStart = index.count
    }

    /// Appends an index or root line.
    private static func append(
        _ opening: String, _ key: [UInt8], at offset: Int, _ count: Int, _ crc: UInt32,
        to lines: inout [UInt8]
    ) {
        lines.append(contentsOf: opening.utf8)
        lines.append(contentsOf: key)
        lines.append(contentsOf: #"","at":"#.utf8)
        lines.append(contentsOf: String(offset).utf8)
        lines.append(contentsOf: #","bytes":"#.utf8)
        lines.append(contentsOf: String(count).utf8)
        lines.append(contentsOf: #","crc":""#.utf8)
        ChecksummedLine.appendHex(crc, to: &lines)
        lines.append(contentsOf: "\"}\n".utf8)
    }

    private func root(from start: Int) -> [UInt8] {
        var root: [UInt8] = []
        for block in indexBlocks {
            let crc = index.withUnsafeBytes {
                CRC32.of(
                    UnsafeRawBufferPointer(rebasing: $0[block.start..<block.start + block.count]))
            }
            Self.append(
                #"{"index":""#, block.key, at: start + block.start, block.count, crc, to: &root)
        }
        return root
    }

    /// Writes the closed blocks out; the open one stays in the buffer.
    private func flush() throws(ShopError) {
        try files.append(
            file, path, UnsafeRawBufferPointer(rebasing: buffer.all[..<blockStart]))
        written += blockStart
        buffer.removeFirst(blockStart)
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
        closeIndexBlock()
        try flush()
        let root = root(from: written)
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("end", fromTx == 0 ? "segment" : "run")
        writer.member("records", Int64(records))
        writer.member("upTo", Int64(upTo))
        writer.member("index", Int64(written))
        writer.member("rootCrc", CRC32.hex(CRC32.of(root)))
        var line = writer.bytes
        let crc = ChecksummedLine.seal(&line)
        let rootStart = written + index.count
        try files.append(file, path, index + root + line)
        if synchronizing { try synchronize() }
        return Manifest.TableFile(
            file: name, first: firstKey, last: Array(lastKey.all), records: records,
            bytes: rootStart + root.count + line.count, root: rootStart,
            end: rootStart + root.count, crc: crc, fromTx: fromTx, upTo: upTo,
            collections: collections)
    }
}
