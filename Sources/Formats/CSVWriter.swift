/// Writes CSV (RFC 4180) with LF line ends; quotes only where they are needed.
package struct CSVWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func record(_ fields: [String]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            // A record of one empty field must not look like an empty line.
            append(field, isAlone: fields.count == 1)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Hands over what was written so far, to be put out, and begins anew.
    package mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func append(_ field: String, isAlone: Bool) {
        let needsQuotes =
            field.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
            || isAlone && field.isEmpty
            || field.utf8.first == 0xef
        guard needsQuotes else {
            bytes.append(contentsOf: field.utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in field.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
