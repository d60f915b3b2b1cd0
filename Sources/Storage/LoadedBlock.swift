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

    /// The line of `key`, when there is one.
    func find(_ key: UnsafeRawBufferPointer) -> Line? {
        let start = lowerBound(key)
        return order(ofLineAt: start, with: key, after: Line.keyPrefix) == 0 ? line(at: start) : nil
    }

    /// The last line whose key is not above `key`, or the first line; nil in an empty block.
    func floor(_ key: UnsafeRawBufferPointer, after prefix: Int) -> Line? {
        let bound = lowerBound(key, after: prefix)
        if order(ofLineAt: bound, with: key, after: prefix) == 0 { return line(at: bound) }
        return line(before: bound) ?? line(at: 0)
    }

    /// Where the first line begins whose key is not below `key`; the block's end if none.
    ///
    /// Binary search by byte position: halve, then go to the beginning of the line.
    ///
    /// - Parameter prefix: bytes of a line before its key.
    func lowerBound(_ key: UnsafeRawBufferPointer, after prefix: Int = Line.keyPrefix) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var low = 0
        var high = bytes.count
        // Lines before `low` are below the key, lines from `high` on are not.
        while low < high {
            let middle = low + (high - low) / 2
            let newline = memrchr(base + low, 0x0a, middle - low)
            let start = newline.map { UnsafeRawPointer($0) - base + 1 } ?? low
            guard let order = order(ofLineAt: start, with: key, after: prefix) else { return low }
            if order >= 0 {
                high = start
            } else if let end = memchr(base + middle, 0x0a, bytes.count - middle) {
                low = UnsafeRawPointer(end) - base + 1
            } else {
                return bytes.count
            }
        }
        return low
    }

    /// How the key of the line at `start`, which a quote ends, compares with `key`; nil where there
    /// is no line.
    private func order(
        ofLineAt start: Int, with key: UnsafeRawBufferPointer, after prefix: Int
    ) -> Int? {
        let from = start + prefix
        let room = min(key.count, bytes.count - from - 1)
        guard room >= 0, let base = bytes.baseAddress else { return nil }
        var same = 0
        if room > 0, let wanted = key.baseAddress {
            same = commonPrefix(base + from, wanted, room)
        }
        let next = bytes[from + same]
        if next == UInt8(ascii: "\"") { return same == key.count ? 0 : -1 }
        return same == key.count || next > key[same] ? 1 : -1
    }
}

/// How many bytes two texts have in common from their beginning, of so many.
private func commonPrefix(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Int {
    var position = 0
    while position + 8 <= count {
        let differing =
            a.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            ^ b.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        if differing != 0 { return position + differing.littleEndian.trailingZeroBitCount / 8 }
        position += 8
    }
    while position < count,
        a.load(fromByteOffset: position, as: UInt8.self)
            == b.load(fromByteOffset: position, as: UInt8.self)
    {
        position += 1
    }
    return position
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
        var rest = Members(block, from: start + Self.keyPrefix + key.count + 1, to: end)
        guard let tx = rest.number(after: #","tx":"#), rest.skip(#","now":"#),
            rest.position < end - 1, block[end - 1] == UInt8(ascii: "}")
        else { return nil }
        let now = UnsafeRawBufferPointer(rebasing: block[rest.position..<end - 1])
        return (tx, now.first == UInt8(ascii: "n") ? nil : now)
    }

    /// What an index or root line states: `…","at":0,"bytes":4120,"crc":"77aa01f3"}`.
    func extent(in block: UnsafeRawBufferPointer) -> Table.Extent? {
        guard let key = key(in: block, after: Self.indexPrefix) else { return nil }
        var rest = Members(block, from: start + Self.indexPrefix + key.count + 1, to: end)
        guard let at = rest.number(after: #","at":"#),
            let bytes = rest.number(after: #","bytes":"#),
            let crc = ChecksummedLine.stated(
                UnsafeRawBufferPointer(rebasing: block[rest.position..<end]))
        else { return nil }
        return Table.Extent(at: at, bytes: bytes, crc: crc)
    }

    /// The whole line: of a segment, the record with its member `key`.
    func whole(in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: block[start..<end])
    }
}

/// Reads the members of a line that stand in an order known beforehand.
private struct Members {
    private let block: UnsafeRawBufferPointer
    private(set) var position: Int
    private let end: Int

    init(_ block: UnsafeRawBufferPointer, from position: Int, to end: Int) {
        self.block = block
        self.position = position
        self.end = end
    }

    /// Whether `text` comes next; it is passed then.
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position + count <= end, let base = block.baseAddress,
            memcmp(base + position, text.utf8Start, count) == 0
        else { return false }
        position += count
        return true
    }

    /// The number, 0 or more, after `text`.
    mutating func number(after text: StaticString) -> Int? {
        guard skip(text) else { return nil }
        let first = position
        var value = 0
        while position < end, block[position] >= 0x30, block[position] <= 0x39, value < 1 << 52 {
            value = value * 10 + Int(block[position] - 0x30)
            position += 1
        }
        return position > first ? value : nil
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
