import CLinux
import Glibc

/// How many bytes of verified blocks a process remembers, over all open files.
///
/// A command reads a few dozen blocks; only a long `run` fills the room, and begins anew then.
final class BlockBudget {
    private let limit: Int
    private var bytes = 0
    /// Rises when everything remembered is to be forgotten.
    private(set) var round = 0

    init(limit: Int = 24 * 1024 * 1024) {
        self.limit = limit
    }

    func take(_ count: Int) {
        bytes += count
        guard bytes > limit else { return }
        bytes = 0
        round += 1
    }
}

/// The bytes of one block, at an address that does not move.
final class LoadedBlock {
    let bytes: UnsafeRawBufferPointer
    /// Where in the file they begin.
    let start: Int
    /// Whose memory it is, where it is not this block's own.
    private let owner: LoadedBlock?
    private let memory: UnsafeMutableRawBufferPointer?

    /// Takes over the memory at `buffer`, of which the first bytes are used.
    init(owning buffer: UnsafeMutableRawBufferPointer, filled: Int, from start: Int) {
        bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
        self.start = start
        owner = nil
        memory = buffer
    }

    /// A stretch of a larger block, which lies in it.
    init(part whole: LoadedBlock, from start: Int, count: Int) {
        let offset = start - whole.start
        bytes = UnsafeRawBufferPointer(rebasing: whole.bytes[offset..<offset + count])
        self.start = start
        owner = whole
        memory = nil
    }

    deinit { memory?.deallocate() }

    /// Where in the block `bytes` stand, which are some of its own.
    func offset(of part: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress, let start = part.baseAddress else { return 0 }
        return start - base
    }

    /// The line that begins at `start`, which is a line's beginning.
    func line(at start: Int) -> Line? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let newline = memchr(base + start, 0x0a, bytes.count - start)
        else { return nil }
        return Line(start: start, end: UnsafeRawPointer(newline) - base)
    }

    /// The line that ends just before `end`, which is a line's beginning or the block's end.
    func line(before end: Int) -> Line? { bytes.line(before: end) }

    /// Binary search by byte position: halve, then go to the next line's beginning.
    func find(_ key: UnsafeRawBufferPointer) -> Line? {
        let line = self.line(at: lowerBound(key))
        guard let line, let found = line.key(in: bytes), compareBytes(found, key) == 0 else {
            return nil
        }
        return line
    }

    /// The last line whose key is not above `key`, or the first line; nil in an empty block.
    func floor(_ key: UnsafeRawBufferPointer, after prefix: Int) -> Line? {
        let bound = lowerBound(key, after: prefix)
        if let line = line(at: bound), let found = line.key(in: bytes, after: prefix),
            compareBytes(found, key) == 0
        {
            return line
        }
        return line(before: bound) ?? line(at: 0)
    }

    /// Where the first line begins whose key is not below `key`; the block's end if none.
    ///
    /// - Parameter prefix: bytes of a line before its key.
    func lowerBound(_ key: UnsafeRawBufferPointer, after prefix: Int = Line.keyPrefix) -> Int {
        var low = 0
        var high = bytes.count
        // Lines before `low` are below the key, lines from `high` on are not.
        while low < high {
            let middle = low + (high - low) / 2
            guard var probe = line(before: endOfLine(around: middle)) else { return low }
            if probe.start < low { probe = Line(start: low, end: probe.end) }
            guard let found = probe.key(in: bytes, after: prefix) else { return low }
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

extension UnsafeRawBufferPointer {
    /// The line that ends just before `end`, which is a line's beginning or the end of all.
    func line(before end: Int) -> Line? {
        guard end > 0, let base = baseAddress else { return nil }
        var start = 0
        if end > 1, let newline = memrchr(base, 0x0a, end - 1) {
            start = UnsafeRawPointer(newline) - base + 1
        }
        return Line(start: start, end: end - 1)
    }
}

/// Where one record line stands in its block, without its newline.
struct Line {
    let start: Int
    let end: Int

    /// A record's line begins `{"key":"`.
    static let keyPrefix = 8
    /// An index line begins `{"block":"`, a root line `{"index":"`.
    static let indexPrefix = 10

    func key(
        in block: UnsafeRawBufferPointer, after prefix: Int = keyPrefix
    ) -> UnsafeRawBufferPointer? {
        let from = start + prefix
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
        var position = start + Self.keyPrefix + key.count + 1
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

    /// What an index or root line states: `…","at":0,"bytes":4120,"crc":"77aa01f3"}`.
    func extent(in block: UnsafeRawBufferPointer) -> Table.Extent? {
        guard let key = key(in: block, after: Self.indexPrefix) else { return nil }
        var position = start + Self.indexPrefix + key.count + 1
        func number(after text: StaticString) -> Int? {
            let count = text.utf8CodeUnitCount
            guard position + count <= end, let base = block.baseAddress,
                memcmp(base + position, text.utf8Start, count) == 0
            else { return nil }
            position += count
            let first = position
            var value = 0
            while position < end, block[position] >= 0x30, block[position] <= 0x39,
                value < 1 << 52
            {
                value = value * 10 + Int(block[position] - 0x30)
                position += 1
            }
            return position > first ? value : nil
        }
        guard let at = number(after: #","at":"#), let bytes = number(after: #","bytes":"#),
            let crc = ChecksummedLine.stated(
                UnsafeRawBufferPointer(rebasing: block[position..<end]))
        else { return nil }
        return Table.Extent(at: at, bytes: bytes, crc: crc)
    }

    /// The whole line: of a segment, the record with its member `key`.
    func whole(in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: block[start..<end])
    }
}

/// The body of a record: without the member `key` that a segment's line has in front.
func recordBody(_ record: UnsafeRawBufferPointer) -> [UInt8] {
    guard record.starts(with: #"{"key":""#.utf8) else { return Array(record) }
    let members = recordMembers(record)
    var body = [UInt8]()
    body.reserveCapacity(members.count + 1)
    body.append(UInt8(ascii: "{"))
    body.append(contentsOf: members)
    return body
}

/// What follows the opening brace of a record and the member `key`, if that is in front.
func recordMembers(_ record: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let opening: StaticString = #"{"key":""#
    let count = opening.utf8CodeUnitCount
    guard record.count > count, let base = record.baseAddress,
        memcmp(base, opening.utf8Start, count) == 0,
        let quote = memchr(base + count, 0x22, record.count - count)
    else { return UnsafeRawBufferPointer(rebasing: record[1...]) }
    let after = UnsafeRawPointer(quote) - base + 1
    let hasMore = after < record.count && record[after] == UInt8(ascii: ",")
    return UnsafeRawBufferPointer(rebasing: record[(hasMore ? after + 1 : record.count - 1)...])
}
