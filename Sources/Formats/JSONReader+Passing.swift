import CVector

extension JSONReader {
    /// Reads past one value of a text that is known to be JSON, because its checksum holds: looks
    /// for where the value ends and at nothing else.
    ///
    /// Of anything else it finds an end too, or says that there is none; it never leaves the bytes.
    package mutating func passOver() throws(JSONError) {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let length = shopctl_bracketed(base + offset, count - offset)
            guard length > 0 else { throw error("the value is not closed") }
            offset += length
        case UInt8(ascii: "\""): try passString()
        default:
            let start = offset
            while offset < count, !Self.endsScalar(base[offset]) { offset += 1 }
            guard offset > start else { throw error("expected a value") }
        }
    }

    @inline(__always)
    private mutating func passString() throws(JSONError) {
        var position = offset + 1
        while true {
            position = nextQuoteOrBackslash(from: position)
            guard position < count else { throw error("the string is not closed") }
            guard base[position] == UInt8(ascii: "\\") else { break }
            position = min(position + 2, count)
        }
        offset = position + 1
    }

    /// Eight bytes a step.
    @inline(__always)
    private func nextQuoteOrBackslash(from start: Int) -> Int {
        var position = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        while position + 8 <= count {
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let quote = word ^ 0x2222_2222_2222_2222
            let backslash = word ^ 0x5c5c_5c5c_5c5c_5c5c
            let found = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
            let mask = found & 0x8080_8080_8080_8080
            if mask != 0 { return position + mask.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < count, base[position] != 0x22, base[position] != 0x5c { position += 1 }
        return position
    }

    @inline(__always)
    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
            || byte <= 0x20
    }
}
