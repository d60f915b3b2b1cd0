import CCarryless

/// The CRC-32 of zlib, PNG and Ethernet (ISO 3309): reflected polynomial 0xEDB88320.
///
/// Sixteen bytes a step by multiplication where the CPU has it, else eight by eight tables. The
/// check value of "123456789" is cbf43926.
package struct CRC32: Sendable {
    private var state: UInt32 = 0xffff_ffff

    package init() {}

    /// The checksum of all bytes so far.
    package var value: UInt32 { ~state }

    /// Whether the CPU multiplies without carries.
    private static let multiplies = shopctl_has_carryless() != 0

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        let multiplied = bytes.count >= 64 && Self.multiplies ? bytes.count & ~15 : 0
        if multiplied > 0 { state = shopctl_crc32_carryless(state, start, multiplied) }
        updateByTables(UnsafeRawBufferPointer(rebasing: bytes[multiplied...]))
    }

    mutating func updateByTables(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        state = crc32Tables.withUnsafeBufferPointer { tables in
            guard let table = tables.baseAddress else { return state }
            var crc = state
            var position = 0
            while position + 8 <= bytes.count {
                let word = (start + position).loadUnaligned(as: UInt64.self).littleEndian
                let low = UInt32(truncatingIfNeeded: word) ^ crc
                let high = UInt32(truncatingIfNeeded: word >> 32)
                let a = table[1792 + Int(low & 255)] ^ table[1536 + Int(low >> 8 & 255)]
                let b = table[1280 + Int(low >> 16 & 255)] ^ table[1024 + Int(low >> 24)]
                let c = table[768 + Int(high & 255)] ^ table[512 + Int(high >> 8 & 255)]
                let d = table[256 + Int(high >> 16 & 255)] ^ table[Int(high >> 24)]
                crc = a ^ b ^ c ^ d
                position += 8
            }
            while position < bytes.count {
                let byte = start.load(fromByteOffset: position, as: UInt8.self)
                crc = crc >> 8 ^ table[Int((crc ^ UInt32(byte)) & 255)]
                position += 1
            }
            return crc
        }
    }

    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var crc = CRC32()
        crc.update(bytes)
        return crc.value
    }

    package static func of(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { of($0) }
    }

    /// Eight lower-case digits.
    package static func hex(_ value: UInt32) -> String {
        var digits: [UInt8] = []
        for shift in stride(from: 28, through: 0, by: -4) {
            digits.append(Hex.digit(UInt8(truncatingIfNeeded: value >> UInt32(shift)) & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

/// Hexadecimal text, lower case out, either case in.
package enum Hex {
    package static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? value + UInt8(ascii: "0") : value - 10 + UInt8(ascii: "a")
    }

    package static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The number that eight digits write; nil for anything else.
    package static func uint32(_ digits: UnsafeBufferPointer<UInt8>) -> UInt32? {
        guard digits.count == 8 else { return nil }
        var number: UInt32 = 0
        for digit in digits {
            guard let value = value(digit) else { return nil }
            number = number << 4 | UInt32(value)
        }
        return number
    }

    package static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (index, byte) in bytes.enumerated() {
                text[index * 2] = digit(byte >> 4)
                text[index * 2 + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }

    /// nil when the text is not an even count of digits.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
