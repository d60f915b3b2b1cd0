/// The Int64 that a JSON number is exactly, however it is written: `12`, `1.20e1`, `1200e-2`.
enum ExactInteger {
    /// - Parameter text: a number by the grammar of RFC 8259.
    /// - Returns: nil when the number has a fraction or does not fit.
    static func value(of text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var digits: [UInt8] = []
        var scale = 0
        var exponent = 0
        var position = 0
        var isNegative = false
        if text.first == UInt8(ascii: "-") {
            isNegative = true
            position = 1
        }
        var isFraction = false
        while position < text.count {
            let byte = text[position]
            position += 1
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
                guard let value = Self.exponent(text[position...]) else { return nil }
                exponent = value
                break
            } else {
                digits.append(byte - UInt8(ascii: "0"))
                if isFraction { scale -= 1 }
            }
        }
        scale += exponent
        while digits.last == 0, digits.count > 1 {
            digits.removeLast()
            scale += 1
        }
        let leading = digits.prefix { $0 == 0 }.count
        digits.removeFirst(min(leading, digits.count))
        guard !digits.isEmpty else { return 0 }
        guard scale >= 0, digits.count + scale <= 19 else { return nil }
        var value: Int64 = 0
        for digit in digits + [UInt8](repeating: 0, count: scale) {
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (next, past) = tens.subtractingReportingOverflow(Int64(digit))
            guard !over, !past else { return nil }
            value = next
        }
        // Built downwards, since the lowest Int64 has no positive counterpart.
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    private static func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard text.count <= 6 else { return nil }
        return Int(String(decoding: text, as: UTF8.self))
    }
}

/// Validation of UTF-8 (RFC 3629), one sequence at a time.
enum UTF8Check {
    /// The length of the sequence at `start`, of at most `count` bytes; 0 when it is not valid.
    static func sequenceLength(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
        guard count > 0 else { return 0 }
        let lead = start[0]
        func follows(_ index: Int, _ range: ClosedRange<UInt8> = 0x80...0xbf) -> Bool {
            index < count && range.contains(start[index])
        }
        switch lead {
        case 0x00...0x7f: return 1
        case 0xc2...0xdf: return follows(1) ? 2 : 0
        case 0xe0: return follows(1, 0xa0...0xbf) && follows(2) ? 3 : 0
        case 0xed: return follows(1, 0x80...0x9f) && follows(2) ? 3 : 0
        case 0xe1...0xef: return follows(1) && follows(2) ? 3 : 0
        case 0xf0: return follows(1, 0x90...0xbf) && follows(2) && follows(3) ? 4 : 0
        case 0xf1...0xf3: return follows(1) && follows(2) && follows(3) ? 4 : 0
        case 0xf4: return follows(1, 0x80...0x8f) && follows(2) && follows(3) ? 4 : 0
        default: return 0
        }
    }

    /// Position of the first byte that is not part of valid UTF-8; nil when all are.
    static func firstInvalid(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        var position = 0
        while position < bytes.count {
            // Eight ASCII bytes a step.
            if position + 8 <= bytes.count,
                bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                    & 0x8080_8080_8080_8080 == 0
            {
                position += 8
                continue
            }
            let length = sequenceLength(base + position, bytes.count - position)
            if length == 0 { return position }
            position += length
        }
        return nil
    }
}
