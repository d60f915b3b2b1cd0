import Glibc

/// Reads one JSON document (RFC 8259, strictly) from bytes, a token at a time.
///
/// The caller asks for what it expects; everything is validated on the way: grammar, UTF-8,
/// escapes, depth. The bytes must stay alive and unchanged for as long as the reader is used.
///
/// ```
/// try reader.beginObject()
/// while let name = try reader.nextMember() {
///     switch name {
///     case "sku": sku = try reader.string()
///     case "price": price = try reader.int64()
///     default: try reader.skip()
///     }
/// }
/// ```
package struct JSONReader {
    /// Deeper nesting than any record of ours has, shallow enough for the stack.
    package static let depthLimit = 512

    @usableFromInline let base: UnsafePointer<UInt8>
    @usableFromInline let count: Int
    /// Position of the next byte to read.
    package var offset = 0
    @usableFromInline var depth = 0
    /// Whether the container just entered has shown no element yet.
    @usableFromInline var isFirst = true

    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        count = bytes.count
        base =
            bytes.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) }
            ?? Self.nothing.utf8Start
    }

    /// Somewhere to point at when there are no bytes at all.
    @usableFromInline static let nothing: StaticString = " "

    /// Reads a whole document: after `body` nothing but white space may follow.
    package static func parse<R>(
        _ bytes: [UInt8], _ body: (inout JSONReader) throws(JSONError) -> R
    ) throws(JSONError) -> R {
        try bytes.span.withUnsafeBytes { (buffer) throws(JSONError) in
            var reader = JSONReader(buffer)
            let value = try body(&reader)
            try reader.expectEnd()
            return value
        }
    }

    package mutating func expectEnd() throws(JSONError) {
        skipSpace()
        guard offset == count else { throw error("expected the end of the document") }
    }

    // MARK: - Containers

    package mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"), "an object")
    }

    package mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["), "an array")
    }

    /// The name of the object's next member, after which its value must be read; nil, past the
    /// closing brace, when there is none.
    package mutating func nextMember() throws(JSONError) -> JSONName? {
        guard try hasNext(UInt8(ascii: "}"), "a comma or the end of the object") else { return nil }
        guard current == UInt8(ascii: "\"") else { throw error("expected a member's name") }
        let (start, end, isPlain) = try scanString()
        if !isPlain { _ = try unescape(start, end) }
        let name = JSONName(
            UnsafeRawBufferPointer(start: base + start, count: end - start), isPlain: isPlain)
        skipSpace()
        guard current == UInt8(ascii: ":") else { throw error("expected a colon") }
        offset += 1
        skipSpace()
        return name
    }

    /// The next member whose name is as long as one of those wanted; other values are passed
    /// over. For readers that need a few of many members: most are told apart by their length.
    /// Only for text that is known to be JSON, see `passOver()`.
    ///
    /// - Parameter lengths: bit `n` is set where names of `n` bytes are wanted, below 64.
    package mutating func nextMember(ofLengths lengths: UInt64) throws(JSONError) -> JSONName? {
        while try hasNext(UInt8(ascii: "}"), "a comma or the end of the object") {
            guard current == UInt8(ascii: "\"") else { throw error("expected a member's name") }
            let (start, end, isPlain) = try scanString()
            if !isPlain { _ = try unescape(start, end) }
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw error("expected a colon") }
            offset += 1
            guard !isPlain || end - start >= 64 || lengths >> UInt64(end - start) & 1 == 1 else {
                try passOver()
                continue
            }
            skipSpace()
            return JSONName(
                UnsafeRawBufferPointer(start: base + start, count: end - start), isPlain: isPlain)
        }
        return nil
    }

    /// Whether the array has another element, which must then be read; past the closing bracket
    /// when it has none.
    package mutating func nextElement() throws(JSONError) -> Bool {
        try hasNext(UInt8(ascii: "]"), "a comma or the end of the array")
    }

    @inline(__always)
    private mutating func begin(_ opening: UInt8, _ what: String) throws(JSONError) {
        skipSpace()
        guard current == opening else { throw error("expected \(what)") }
        guard depth < Self.depthLimit else {
            throw error("nested deeper than \(Self.depthLimit) levels")
        }
        offset += 1
        depth += 1
        isFirst = true
    }

    @inline(__always)
    private mutating func hasNext(_ closing: UInt8, _ expected: String) throws(JSONError) -> Bool {
        skipSpace()
        if isFirst {
            isFirst = false
            guard current == closing else { return true }
        } else if current == UInt8(ascii: ",") {
            offset += 1
            skipSpace()
            guard current != closing else { throw error("expected a value after the comma") }
            return true
        } else if current != closing {
            throw error("expected \(expected)")
        }
        offset += 1
        depth -= 1
        isFirst = false
        return false
    }

    // MARK: - Values

    /// What kind of value comes next, by its first byte.
    package mutating func peek() throws(JSONError) -> JSONKind {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw error("expected a value")
        }
    }

    package mutating func string() throws(JSONError) -> String {
        skipSpace()
        guard current == UInt8(ascii: "\"") else { throw error("expected a string") }
        let (start, end, isPlain) = try scanString()
        guard isPlain else { return String(decoding: try unescape(start, end), as: UTF8.self) }
        return String(
            decoding: UnsafeBufferPointer(start: base + start, count: end - start), as: UTF8.self)
    }

    /// What `read` makes of a string's bytes, without a String in between.
    @inline(__always)
    package mutating func plainString<Value>(
        _ read: (UnsafeBufferPointer<UInt8>) -> Value?
    ) throws(JSONError) -> Value? {
        skipSpace()
        guard current == UInt8(ascii: "\"") else { throw error("expected a string") }
        let (start, end, isPlain) = try scanString()
        guard isPlain else {
            return try unescape(start, end).withUnsafeBufferPointer { read($0) }
        }
        return read(UnsafeBufferPointer(start: base + start, count: end - start))
    }

    /// The string's UTF-8, escapes resolved.
    package mutating func stringBytes() throws(JSONError) -> [UInt8] {
        skipSpace()
        guard current == UInt8(ascii: "\"") else { throw error("expected a string") }
        let (start, end, isPlain) = try scanString()
        guard isPlain else { return try unescape(start, end) }
        return Array(UnsafeBufferPointer(start: base + start, count: end - start))
    }

    /// An integer that fits; a fraction or exponent is an error unless the number is whole.
    package mutating func int64() throws(JSONError) -> Int64 {
        skipSpace()
        let start = offset
        let isNegative = current == UInt8(ascii: "-")
        var position = isNegative ? offset + 1 : offset
        let digits = position
        // Eighteen digits cannot overflow; longer ones take the slow way.
        var value: Int64 = 0
        while position < count, position - digits < 18 {
            let digit = base[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ Int64(digit)
            position += 1
        }
        let isShort = position == count || !Self.continuesNumber(base[position])
        let hasLeadingZero = position - digits > 1 && base[digits] == UInt8(ascii: "0")
        if isShort, position > digits, !hasLeadingZero {
            offset = position
            return isNegative ? -value : value
        }
        try scanNumber()
        let text = UnsafeBufferPointer(start: base + start, count: offset - start)
        guard let whole = ExactInteger.value(of: text) else {
            throw JSONError(offset: start, reason: "expected a whole number that fits 64 bits")
        }
        return whole
    }

    package mutating func bool() throws(JSONError) -> Bool {
        skipSpace()
        if current == UInt8(ascii: "t") {
            try scanLiteral("true")
            return true
        }
        guard current == UInt8(ascii: "f") else { throw error("expected true or false") }
        try scanLiteral("false")
        return false
    }

    /// Reads past a null; false, reading nothing, when another value comes next.
    package mutating func isNull() throws(JSONError) -> Bool {
        skipSpace()
        guard current == UInt8(ascii: "n") else { return false }
        try scanLiteral("null")
        return true
    }

    /// An array of strings.
    package mutating func strings() throws(JSONError) -> [String] {
        var strings: [String] = []
        try beginArray()
        while try nextElement() { strings.append(try string()) }
        return strings
    }

    /// A string to be matched against literals, without making a String of it.
    package mutating func token() throws(JSONError) -> JSONName {
        skipSpace()
        guard current == UInt8(ascii: "\"") else { throw error("expected a string") }
        let (start, end, isPlain) = try scanString()
        if !isPlain { _ = try unescape(start, end) }
        return JSONName(
            UnsafeRawBufferPointer(start: base + start, count: end - start), isPlain: isPlain)
    }

    /// A string that is one of a closed set of words.
    package mutating func word<Word: RawRepresentable<String>>(
        _ type: Word.Type = Word.self
    ) throws(JSONError) -> Word {
        skipSpace()
        let start = offset
        let text = try string()
        guard let word = Word(rawValue: text) else {
            throw JSONError(offset: start, reason: "\"\(text)\" is no \(Word.self)")
        }
        return word
    }

    /// The text of a number, as it stands.
    package mutating func numberText() throws(JSONError) -> String {
        skipSpace()
        let start = offset
        try scanNumber()
        return String(
            decoding: UnsafeBufferPointer(start: base + start, count: offset - start), as: UTF8.self
        )
    }

    /// Reads past one value of any kind and validates it.
    package mutating func skip() throws(JSONError) {
        skipSpace()
        // Whole numbers without a sign, which most are.
        var position = offset
        while position < count, base[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        if position > offset, position < count, !Self.continuesNumber(base[position]),
            base[offset] != UInt8(ascii: "0") || position == offset + 1
        {
            offset = position
            return
        }
        switch current {
        case UInt8(ascii: "\""):
            let (start, end, isPlain) = try scanString()
            if !isPlain { _ = try unescape(start, end) }
        case UInt8(ascii: "{"):
            try beginObject()
            while try hasNext(UInt8(ascii: "}"), "a comma or the end of the object") {
                try skipName()
                try skip()
            }
        case UInt8(ascii: "["):
            try beginArray()
            while try nextElement() { try skip() }
        case UInt8(ascii: "t"): try scanLiteral("true")
        case UInt8(ascii: "f"): try scanLiteral("false")
        case UInt8(ascii: "n"): try scanLiteral("null")
        default: try scanNumber()
        }
    }

    private mutating func skipName() throws(JSONError) {
        guard current == UInt8(ascii: "\"") else { throw error("expected a member's name") }
        let (start, end, isPlain) = try scanString()
        if !isPlain { _ = try unescape(start, end) }
        skipSpace()
        guard current == UInt8(ascii: ":") else { throw error("expected a colon") }
        offset += 1
    }

    /// The bytes of one value as they stand in the source, validated.
    package mutating func rawValue() throws(JSONError) -> [UInt8] {
        skipSpace()
        let start = offset
        try skip()
        return Array(UnsafeBufferPointer(start: base + start, count: offset - start))
    }

    // MARK: - Bytes

    /// The byte at the position; 0 at the end, which no rule accepts.
    @inline(__always)
    var current: UInt8 { offset < count ? base[offset] : 0 }

    @inline(__always)
    mutating func skipSpace() {
        while offset < count {
            let byte = base[offset]
            // Compact documents have none: one comparison decides.
            guard byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else {
                return
            }
            offset += 1
        }
    }

    func error(_ reason: String) -> JSONError {
        JSONError(
            offset: offset, reason: offset >= count ? "\(reason), found the end" : reason)
    }

    private mutating func scanLiteral(_ literal: StaticString) throws(JSONError) {
        let length = literal.utf8CodeUnitCount
        guard count - offset >= length, memcmp(base + offset, literal.utf8Start, length) == 0 else {
            throw error("expected \(literal)")
        }
        offset += length
    }

    @inline(__always)
    private static func continuesNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"),
            UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Reads past a number: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
    private mutating func scanNumber() throws(JSONError) {
        if current == UInt8(ascii: "-") { offset += 1 }
        if current == UInt8(ascii: "0") {
            offset += 1
        } else {
            try scanDigits()
        }
        if current == UInt8(ascii: ".") {
            offset += 1
            try scanDigits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            offset += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            try scanDigits()
        }
        if offset < count, Self.continuesNumber(base[offset]) { throw error("not a number") }
    }

    private mutating func scanDigits() throws(JSONError) {
        let start = offset
        while offset < count, base[offset] &- UInt8(ascii: "0") < 10 { offset += 1 }
        guard offset > start else { throw error("expected a digit") }
    }
}
