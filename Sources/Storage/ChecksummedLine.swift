import Formats

/// A JSON object on one line that carries its own checksum as its last member.
///
/// `{…,"crc":"9a3f01bc"}` and a newline: the CRC-32 (the zlib one) of every byte before `,"crc"`.
/// Anybody can check a line with three lines of Python.
enum ChecksummedLine {
    /// `,"crc":"9a3f01bc"}` without the newline.
    static let suffixLength = 18

    /// The object in `json`, closed with its checksum and a newline.
    static func sealing(_ json: [UInt8]) -> [UInt8] {
        var line = json
        line.removeLast()
        seal(&line)
        return line
    }

    /// Closes the object being written in `line`: appends checksum, brace and newline.
    ///
    /// - Returns: the checksum.
    @discardableResult
    static func seal(_ line: inout [UInt8]) -> UInt32 {
        let crc = CRC32.of(line)
        line.append(contentsOf: #","crc":""#.utf8)
        appendHex(crc, to: &line)
        line.append(contentsOf: "\"}\n".utf8)
        return crc
    }

    /// The object of one whole line whose checksum holds; nil otherwise. The newline may be
    /// there or not; the object keeps its `crc` member.
    static func opening(_ bytes: [UInt8]) -> [UInt8]? {
        var line = bytes
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        return line.withUnsafeBytes({ checksum(of: $0) }) == nil ? nil : line
    }

    /// The checksum of a line without its newline, when it is the one the line states.
    static func checksum(of line: UnsafeRawBufferPointer) -> UInt32? {
        guard line.count > suffixLength else { return nil }
        let body = line.count - suffixLength
        guard let stated = stated(UnsafeRawBufferPointer(rebasing: line[body...])) else {
            return nil
        }
        let actual = CRC32.of(UnsafeRawBufferPointer(rebasing: line[..<body]))
        return actual == stated || isPlanted("line-checksum-off") ? stated : nil
    }

    /// The checksum that a line's last bytes state, `,"crc":"9a3f01bc"}`.
    static func stated(_ suffix: UnsafeRawBufferPointer) -> UInt32? {
        guard suffix.count == suffixLength, suffix.starts(with: #","crc":""#.utf8),
            suffix[16] == UInt8(ascii: "\""), suffix[17] == UInt8(ascii: "}")
        else { return nil }
        var stated: UInt32 = 0
        for digit in suffix[8..<16] {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                stated = stated << 4 | UInt32(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                stated = stated << 4 | UInt32(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return stated
    }

    static func appendHex(_ value: UInt32, to line: inout [UInt8]) {
        for shift in stride(from: 28, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt32(shift)) & 15
            line.append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
        }
    }
}
