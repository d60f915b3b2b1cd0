/// Base 32 (RFC 4648, section 6) without padding: what authenticator apps take secrets in.
package enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (bits, count): (UInt, UInt) = (0, 0)
        for byte in bytes {
            bits = (bits << 8 | UInt(byte)) & 0xffff
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(bits >> count & 31)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (5 - count) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: nil for anything but letters and digits of the alphabet, small or capital.
    package static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (bits, count): (UInt, UInt) = (0, 0)
        for byte in text.utf8 {
            let capital = (0x61...0x7a).contains(byte) ? byte & 0xdf : byte
            guard let value = alphabet.firstIndex(of: capital) else { return nil }
            bits = (bits << 5 | UInt(value)) & 0xfff
            count += 5
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        return bytes
    }
}
