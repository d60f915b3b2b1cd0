import Glibc
import Primitives

/// Writes compact JSON (RFC 8259) into a byte buffer; commas are its own affair.
///
/// The buffer is the writer's own memory and not an array: an array asks before every byte
/// whether it is shared and has room, which took more time than the bytes.
package struct JSONWriter: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity = 512
    /// How many bytes were written.
    package private(set) var count = 0
    private var needsComma = false
    /// The time written last and its text: records that are made together have the same.
    var lastTime: Timestamp?
    var lastTimeText: (UInt64, UInt64, UInt64) = (0, 0, 0)

    package init() {
        start = .allocate(capacity: capacity)
    }

    deinit { start.deallocate() }

    /// A copy of what was written.
    package var bytes: [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }

    /// Hands out what was written, without copying it; valid until the next call.
    package var written: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: count)
    }

    /// Forgets what was written and keeps the space for more.
    package mutating func reset() {
        count = 0
        needsComma = false
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A member's name that needs no escaping, as all of ours.
    package mutating func name(_ name: StaticString) {
        makeRoom(name.utf8CodeUnitCount + 4)
        separate()
        put(UInt8(ascii: "\""))
        put(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func name(text: String) {
        string(text)
        makeRoom(1)
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        let isDone: Void? = value.utf8.withContiguousStorageIfAvailable { string($0) }
        if isDone == nil { Array(value.utf8).withUnsafeBufferPointer { string($0) } }
    }

    private mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        makeRoom(text.count + 3)
        separate()
        put(UInt8(ascii: "\""))
        if Self.isPlain(text) {
            put(UnsafeRawBufferPointer(text))
        } else {
            putEscaped(text)
        }
        put(UInt8(ascii: "\""))
    }

    /// A string of bytes that JSON does not escape.
    package mutating func string(plain value: [UInt8]) {
        value.withUnsafeBytes { bytes in
            string(plainCount: bytes.count) { $0.copyMemory(from: bytes) }
        }
    }

    /// A string of `plainCount` bytes that JSON does not escape, and that `fill` writes.
    package mutating func string(
        plainCount: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        makeRoom(plainCount + 3)
        separate()
        put(UInt8(ascii: "\""))
        fill(UnsafeMutableRawBufferPointer(start: start + count, count: plainCount))
        count += plainCount
        put(UInt8(ascii: "\""))
    }

    package mutating func int(_ value: Int64) {
        makeRoom(21)
        separate()
        putDecimal(value)
    }

    package mutating func bool(_ value: Bool) { word(value ? "true" : "false") }

    package mutating func null() { word("null") }

    private mutating func word(_ word: StaticString) {
        raw(UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// Bytes that are one JSON value already.
    package mutating func raw(_ json: [UInt8]) {
        json.withUnsafeBytes { raw($0) }
    }

    package mutating func raw(_ json: UnsafeRawBufferPointer) {
        makeRoom(json.count + 1)
        separate()
        put(json)
    }

    // MARK: - Members

    package mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        string(value)
    }

    package mutating func member(_ name: StaticString, _ value: Int64) {
        self.name(name)
        int(value)
    }

    package mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    /// Leaves the member out where there is no value.
    package mutating func member(_ name: StaticString, _ value: String?) {
        if let value { member(name, value) }
    }

    package mutating func member(_ name: StaticString, _ value: Int64?) {
        if let value { member(name, value) }
    }

    /// An array of strings, left out where it is empty.
    package mutating func member(_ name: StaticString, _ values: [String]) {
        guard !values.isEmpty else { return }
        self.name(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    /// Members of a newer version, as they were read.
    package mutating func members(_ unknown: UnknownMembers) {
        guard !unknown.isEmpty else { return }
        raw(unknown.pairs)
    }

    // MARK: - Bytes

    /// Makes room for `size` bytes: what puts bytes does not ask again.
    @inline(__always)
    private mutating func makeRoom(_ size: Int) {
        if capacity - count < size { grow(by: size) }
    }

    @inline(never)
    private mutating func grow(by size: Int) {
        let larger = max(capacity * 2, count + size)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: start, count: count)
        start.deallocate()
        start = moved
        capacity = larger
    }

    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        start[count] = byte
        count += 1
    }

    @inline(__always)
    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let from = bytes.baseAddress else { return }
        memcpy(start + count, from, bytes.count)
        count += bytes.count
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { put(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        makeRoom(2)
        separate()
        put(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        makeRoom(1)
        put(bracket)
        needsComma = true
    }

    private mutating func putDecimal(_ value: Int64) {
        if value < 0 { put(UInt8(ascii: "-")) }
        var digits = 1
        var limit: UInt64 = 10
        while digits < 19, value.magnitude >= limit {
            digits += 1
            limit *= 10
        }
        var rest = value.magnitude
        for position in (0..<digits).reversed() {
            start[count + position] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
            rest /= 10
        }
        count += digits
    }

    /// Whether none of eight bytes needs an escape; those above ASCII may look as if they did.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5c5c_5c5c_5c5c_5c5c
        let found =
            ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
            | ((word &- 0x2020_2020_2020_2020) & ~word)
        return found & 0x8080_8080_8080_8080 == 0
    }

    /// Whether no byte needs an escape, as far as eight bytes at a glance can tell.
    private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count >= 8 else { return text.allSatisfy { !needsEscape($0) } }
        let bytes = UnsafeRawBufferPointer(text)
        var position = 0
        while position + 8 < text.count {
            guard isPlain(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) else {
                return false
            }
            position += 8
        }
        // The last eight, some of which were looked at already.
        return isPlain(bytes.loadUnaligned(fromByteOffset: text.count - 8, as: UInt64.self))
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5c
    }

    /// Escapes quotes, backslashes and control characters in their shortest forms, nothing else.
    private mutating func putEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        makeRoom(text.count * 6 + 1)
        for byte in text {
            guard Self.needsEscape(byte) else {
                put(byte)
                continue
            }
            put(UInt8(ascii: "\\"))
            switch byte {
            case 0x22, 0x5c: put(byte)
            case 0x08: put(UInt8(ascii: "b"))
            case 0x09: put(UInt8(ascii: "t"))
            case 0x0a: put(UInt8(ascii: "n"))
            case 0x0c: put(UInt8(ascii: "f"))
            case 0x0d: put(UInt8(ascii: "r"))
            default:
                put(UInt8(ascii: "u"))
                put(UInt8(ascii: "0"))
                put(UInt8(ascii: "0"))
                put(Hex.digit(byte >> 4))
                put(Hex.digit(byte & 15))
            }
        }
    }
}

/// Members that this version does not know, kept as they stand so that they can be written back.
package struct UnknownMembers: Sendable, Equatable {
    /// `"name":value` pairs separated by commas.
    private(set) var pairs: [UInt8] = []

    package init() {}

    package var isEmpty: Bool { pairs.isEmpty }

    /// Keeps the member whose name was just read, and reads its value.
    package mutating func keep(
        _ name: JSONName, from reader: inout JSONReader
    ) throws(JSONError) {
        var writer = JSONWriter()
        writer.string(name.text)
        if !pairs.isEmpty { pairs.append(UInt8(ascii: ",")) }
        pairs += writer.bytes
        pairs.append(UInt8(ascii: ":"))
        pairs += try reader.rawValue()
    }

    package mutating func append(_ name: JSONName, _ value: [UInt8]) {
        var writer = JSONWriter()
        writer.string(name.text)
        if !pairs.isEmpty { pairs.append(UInt8(ascii: ",")) }
        pairs += writer.bytes
        pairs.append(UInt8(ascii: ":"))
        pairs += value
    }
}

/// A value with a stored form: one JSON object, members in fixed order.
///
/// Readers pass over the member `key`, which storage puts in front, and keep the members they do
/// not know; writers write those last.
package protocol JSONRecord {
    init(from reader: inout JSONReader) throws(JSONError)
    func write(to writer: inout JSONWriter)
}

extension JSONRecord {
    package init(json bytes: [UInt8]) throws(JSONError) {
        // The bytes stay where they are for as long as the array lives, which is to the end here.
        defer { withExtendedLifetime(bytes) {} }
        var reader = bytes.withUnsafeBytes { JSONReader($0) }
        try self.init(from: &reader)
        try reader.expectEnd()
    }

    package var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}
