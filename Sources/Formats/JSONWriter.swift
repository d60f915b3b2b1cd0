/// Writes compact JSON (RFC 8259) into a byte buffer; commas are its own affair.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init() {
        bytes.reserveCapacity(512)
    }

    /// Forgets what was written and keeps the space for more.
    package mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A member's name that needs no escaping, as all of ours.
    package mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func name(text: String) {
        string(text)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { appendEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A string of bytes that JSON does not escape.
    package mutating func string(plain value: [UInt8]) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: value)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func int(_ value: Int64) {
        separate()
        appendDecimal(value)
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Bytes that are one JSON value already.
    package mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    package mutating func raw(_ json: UnsafeRawBufferPointer) {
        separate()
        bytes.append(contentsOf: json)
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
        separate()
        bytes.append(contentsOf: unknown.pairs)
    }

    // MARK: - Bytes

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func appendDecimal(_ value: Int64) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            var position = buffer.count
            var rest = value.magnitude
            repeat {
                position -= 1
                buffer[position] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
                rest /= 10
            } while rest > 0
            if value < 0 {
                position -= 1
                buffer[position] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: buffer[position...])
        }
    }

    /// Whether the next eight bytes need no escape.
    @inline(__always)
    private static func isPlain(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
        guard position + 8 <= text.count else { return false }
        let word = UnsafeRawBufferPointer(text)
            .loadUnaligned(fromByteOffset: position, as: UInt64.self)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5c5c_5c5c_5c5c_5c5c
        // A byte of 0x80 and more may look like one below 0x20, and is then looked at by itself.
        let found =
            ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
            | ((word &- 0x2020_2020_2020_2020) & ~word)
        return found & 0x8080_8080_8080_8080 == 0
    }

    /// Escapes quotes, backslashes and control characters in their shortest forms, nothing else.
    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        var position = -1
        while position + 1 < text.count {
            position += 1
            if Self.isPlain(text, at: position) {
                position += 7
                continue
            }
            let byte = text[position]
            guard byte < 0x20 || byte == 0x22 || byte == 0x5c else { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<position]))
            start = position + 1
            bytes.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x22, 0x5c: bytes.append(byte)
            case 0x08: bytes.append(UInt8(ascii: "b"))
            case 0x09: bytes.append(UInt8(ascii: "t"))
            case 0x0a: bytes.append(UInt8(ascii: "n"))
            case 0x0c: bytes.append(UInt8(ascii: "f"))
            case 0x0d: bytes.append(UInt8(ascii: "r"))
            default:
                bytes.append(contentsOf: "u00".utf8)
                bytes.append(Hex.digit(byte >> 4))
                bytes.append(Hex.digit(byte & 15))
            }
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
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
