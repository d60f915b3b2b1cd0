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

    private mutating func passString() throws(JSONError) {
        var position = offset + 1
        while position < count, base[position] != UInt8(ascii: "\"") {
            position += base[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < count else { throw error("the string is not closed") }
        offset = position + 1
    }

    @inline(__always)
    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
            || byte <= 0x20
    }
}
