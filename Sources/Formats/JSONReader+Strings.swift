import Glibc

extension JSONReader {
    /// Reads past a string whose opening quote is next.
    ///
    /// - Returns: where its text begins and ends, and whether it is free of escapes.
    @inline(__always)
    mutating func scanString() throws(JSONError) -> (start: Int, end: Int, isPlain: Bool) {
        let start = offset + 1
        var position = start
        var isPlain = true
        while true {
            position = plainEnd(from: position)
            guard position < count else {
                offset = position
                throw error("the string is not closed")
            }
            let byte = base[position]
            if byte == UInt8(ascii: "\"") {
                offset = position + 1
                return (start, position, isPlain)
            }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                position += 2
            } else if byte < 0x20 {
                offset = position
                throw error("a control character in a string must be escaped")
            } else {
                let length = UTF8Check.sequenceLength(base + position, count - position)
                guard length > 0 else {
                    offset = position
                    throw error("the string is not valid UTF-8")
                }
                position += length
            }
        }
    }

    /// The first byte from `start` that is not printable ASCII, or is a quote or backslash;
    /// eight bytes a step.
    @inline(__always)
    private func plainEnd(from start: Int) -> Int {
        var position = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        while position + 8 <= count {
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let quote = word ^ 0x2222_2222_2222_2222
            let backslash = word ^ 0x5c5c_5c5c_5c5c_5c5c
            let found =
                ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
                | ((word &- 0x2020_2020_2020_2020) & ~word) | word
            let mask = found & 0x8080_8080_8080_8080
            if mask != 0 { return position + mask.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < count {
            let byte = base[position]
            if byte == 0x22 || byte == 0x5c || byte < 0x20 || byte >= 0x80 { break }
            position += 1
        }
        return position
    }

    /// The text between `start` and `end` with its escapes resolved.
    func unescape(_ start: Int, _ end: Int) throws(JSONError) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(end - start)
        var position = start
        while position < end {
            let byte = base[position]
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                position += 1
                continue
            }
            let escape = base[position + 1]
            position += 2
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0c)
            case UInt8(ascii: "n"): text.append(0x0a)
            case UInt8(ascii: "r"): text.append(0x0d)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = try unicodeEscape(&position, end)
                text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            default: throw JSONError(offset: position - 1, reason: "no such escape")
            }
        }
        return text
    }

    /// The scalar of a `\uXXXX`, or of a surrogate pair of two; `position` is past the `u`.
    private func unicodeEscape(
        _ position: inout Int, _ end: Int
    ) throws(JSONError) -> Unicode.Scalar {
        let start = position - 2
        let first = try hexUnit(&position, end)
        if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
        guard first < 0xdc00, position + 6 <= end, base[position] == UInt8(ascii: "\\"),
            base[position + 1] == UInt8(ascii: "u")
        else { throw JSONError(offset: start, reason: "half of a surrogate pair") }
        position += 2
        let second = try hexUnit(&position, end)
        let value = 0x10000 + ((UInt32(first) & 0x3ff) << 10) + (UInt32(second) & 0x3ff)
        guard second >= 0xdc00, second < 0xe000, let scalar = Unicode.Scalar(value) else {
            throw JSONError(offset: start, reason: "half of a surrogate pair")
        }
        return scalar
    }

    private func hexUnit(_ position: inout Int, _ end: Int) throws(JSONError) -> UInt16 {
        guard position + 4 <= end else {
            throw JSONError(offset: position, reason: "expected four hexadecimal digits")
        }
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Hex.value(base[position]) else {
                throw JSONError(offset: position, reason: "expected four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
