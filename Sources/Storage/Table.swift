import CLinux
import Formats
import Glibc
import Primitives

/// An open run or segment: immutable, so a block that was read and verified once is believed.
///
/// A lookup reads the end line once and then one block; each is checked against its CRC-32
/// before a byte of it is used.
final class Table {
    let file: Manifest.TableFile
    private let files: Files
    private let path: String
    private let descriptor: FileDescriptor
    /// The end line; block keys point into it.
    private let endLine: [UInt8]
    let blocks: [Block]
    /// Blocks whose checksum was found right once; the file never changes.
    private var verified: [Bool]
    /// The block read last: neighbouring keys are often asked for together.
    private var cached: (index: Int, block: LoadedBlock)?

    struct Block {
        let keyStart: Int
        let keyCount: Int
        let offset: Int
        let crc: UInt32
    }

    init(_ files: Files, _ paths: Paths, _ file: Manifest.TableFile) throws(ShopError) {
        self.files = files
        self.file = file
        let path = paths.table(file.file)
        self.path = path
        let descriptor = try files.open(path, .read, to: "open")
        do throws(ShopError) {
            let line = try files.read(
                descriptor, path, at: file.end, count: file.bytes - file.end)
            let body = line.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0.dropLast()) }
            guard line.count == file.bytes - file.end, line.last == UInt8(ascii: "\n"),
                ChecksummedLine.checksum(of: body) == file.crc
            else { throw .tableDamaged(path, "its end line is damaged") }
            endLine = line
            blocks = try Self.blocks(in: line, path)
        } catch {
            files.close(descriptor)
            throw error
        }
        verified = [Bool](repeating: false, count: blocks.count)
        self.descriptor = descriptor
    }

    deinit { files.close(descriptor) }

    private static func blocks(in line: [UInt8], _ path: String) throws(ShopError) -> [Block] {
        do throws(JSONError) {
            return try JSONReader.parse(line) { (reader) throws(JSONError) in
                var blocks: [Block] = []
                try reader.beginObject()
                while let name = try reader.nextMember() {
                    guard name == "blocks" else {
                        try reader.skip()
                        continue
                    }
                    try reader.beginArray()
                    while try reader.nextElement() {
                        try reader.beginArray()
                        guard try reader.nextElement() else { break }
                        let start = reader.offset
                        try reader.skip()
                        let count = reader.offset - start - 2
                        guard try reader.nextElement() else { break }
                        let offset = try reader.int64()
                        guard try reader.nextElement() else { break }
                        let crc = try reader.checksum()
                        guard try !reader.nextElement() else { break }
                        blocks.append(
                            Block(
                                keyStart: start + 1, keyCount: count, offset: Int(offset),
                                crc: crc))
                    }
                }
                return blocks
            }
        } catch {
            throw .tableDamaged(path, "its end line is not what it should be: \(error.reason)")
        }
    }

    /// Position of the block that would hold `key`; 0 when the key sorts before all.
    func block(for key: UnsafeRawBufferPointer) -> Int {
        endLine.withUnsafeBytes { line in
            var low = 0
            var high = blocks.count
            while high - low > 1 {
                let middle = (low + high) / 2
                let block = blocks[middle]
                let first = UnsafeRawBufferPointer(
                    rebasing: line[block.keyStart..<block.keyStart + block.keyCount])
                if compareBytes(first, key) <= 0 { low = middle } else { high = middle }
            }
            return low
        }
    }

    /// Reads and verifies one block.
    func load(_ index: Int) throws(ShopError) -> LoadedBlock {
        if let cached, cached.index == index { return cached.block }
        let start = blocks[index].offset
        let end = index + 1 < blocks.count ? blocks[index + 1].offset : file.end
        guard start >= 0, end > start, end <= file.end else {
            throw .tableDamaged(path, "its end line is not what it should be")
        }
        let bytes = try files.read(descriptor, path, at: start, count: end - start)
        guard bytes.count == end - start,
            verified[index] || CRC32.of(bytes) == blocks[index].crc
        else {
            throw .tableDamaged(path, "the block at byte \(start) has a wrong checksum")
        }
        verified[index] = true
        let block = LoadedBlock(bytes)
        cached = (index, block)
        return block
    }

    /// The line of `key`, when this file has one.
    func find(_ key: UnsafeRawBufferPointer) throws(ShopError) -> (LoadedBlock, Line)? {
        guard !blocks.isEmpty else { return nil }
        let block = try load(block(for: key))
        guard let line = block.find(key) else { return nil }
        return (block, line)
    }

    /// The file as an error names it.
    var damagedLine: ShopError { .tableDamaged(path, "a line is not what it should be") }
}

/// The verified bytes of one block, at an address that does not move.
final class LoadedBlock {
    let bytes: UnsafeRawBufferPointer

    init(_ text: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 16)
        copy.copyBytes(from: text)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }

    /// The line that begins at `start`, which is a line's beginning.
    func line(at start: Int) -> Line? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let newline = memchr(base + start, 0x0a, bytes.count - start)
        else { return nil }
        return Line(start: start, end: UnsafeRawPointer(newline) - base)
    }

    /// The line that ends just before `end`, which is a line's beginning or the block's end.
    func line(before end: Int) -> Line? {
        guard end > 0, let base = bytes.baseAddress else { return nil }
        var start = 0
        if end > 1, let newline = memrchr(base, 0x0a, end - 1) {
            start = UnsafeRawPointer(newline) - base + 1
        }
        return Line(start: start, end: end - 1)
    }

    /// Binary search by byte position: halve, then go to the next line's beginning.
    func find(_ key: UnsafeRawBufferPointer) -> Line? {
        let line = self.line(at: lowerBound(key))
        guard let line, let found = line.key(in: bytes), compareBytes(found, key) == 0 else {
            return nil
        }
        return line
    }

    /// Where the first line begins whose key is not below `key`; the block's end if none.
    func lowerBound(_ key: UnsafeRawBufferPointer) -> Int {
        var low = 0
        var high = bytes.count
        // Lines before `low` are below the key, lines from `high` on are not.
        while low < high {
            let middle = low + (high - low) / 2
            guard var probe = line(before: endOfLine(around: middle)) else { return low }
            if probe.start < low { probe = Line(start: low, end: probe.end) }
            guard let found = probe.key(in: bytes) else { return low }
            if compareBytes(found, key) < 0 {
                low = probe.end + 1
            } else {
                high = probe.start
            }
        }
        return low
    }

    /// The beginning of the line after the one that holds byte `position`.
    private func endOfLine(around position: Int) -> Int {
        guard let base = bytes.baseAddress,
            let newline = memchr(base + position, 0x0a, bytes.count - position)
        else { return bytes.count }
        return UnsafeRawPointer(newline) - base + 1
    }
}

/// Where one record line stands in its block, without its newline.
struct Line {
    let start: Int
    let end: Int

    /// Every line begins `{"key":"`.
    private static let prefix = 8

    func key(in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let from = start + Self.prefix
        guard from < end, let base = block.baseAddress,
            let quote = memchr(base + from, 0x22, end - from)
        else { return nil }
        return UnsafeRawBufferPointer(
            start: base + from, count: UnsafeRawPointer(quote) - base - from)
    }

    /// The transaction and record of a run's line: `…","tx":172,"now":{…}}`.
    func change(
        in block: UnsafeRawBufferPointer
    ) -> (tx: Int, now: UnsafeRawBufferPointer?)? {
        guard let key = key(in: block) else { return nil }
        var position = start + Self.prefix + key.count + 1
        guard UnsafeRawBufferPointer(rebasing: block[position..<end]).starts(with: #","tx":"#.utf8)
        else { return nil }
        position += 6
        var tx = 0
        while position < end, block[position] >= 0x30, block[position] <= 0x39, tx < 1 << 52 {
            tx = tx * 10 + Int(block[position] - 0x30)
            position += 1
        }
        guard
            UnsafeRawBufferPointer(rebasing: block[position..<end]).starts(with: #","now":"#.utf8),
            block[end - 1] == UInt8(ascii: "}")
        else { return nil }
        position += 7
        guard position < end - 1 else { return nil }
        let now = UnsafeRawBufferPointer(rebasing: block[position..<end - 1])
        return (tx, now.first == UInt8(ascii: "n") ? nil : now)
    }

    /// The whole line: the record as a segment holds it, with its member `key`.
    func record(in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: block[start..<end])
    }
}

/// The body of a record: without the member `key` that a segment's line has in front.
func recordBody(_ record: UnsafeRawBufferPointer) -> [UInt8] {
    guard record.starts(with: #"{"key":""#.utf8), let base = record.baseAddress,
        let quote = memchr(base + 8, 0x22, record.count - 8)
    else { return Array(record) }
    let after = UnsafeRawPointer(quote) - base + 1
    guard after < record.count, record[after] == UInt8(ascii: ",") else { return Array("{}".utf8) }
    var body = [UInt8]()
    body.reserveCapacity(record.count - after)
    body.append(UInt8(ascii: "{"))
    body.append(contentsOf: UnsafeRawBufferPointer(rebasing: record[(after + 1)...]))
    return body
}

extension ShopError {
    static func tableDamaged(_ path: String, _ what: String) -> ShopError {
        ShopError(
            .data, "stored-file-damaged", "\(path): \(what)", at: path,
            why: "the file was changed or the disk failed; nothing was changed by this command",
            try: ["shopctl doctor"])
    }
}
