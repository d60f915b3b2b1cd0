/// Writes records of RFC 4180, quoted only where they must be, ending in LF.
struct CSVWriter {
    private(set) var bytes: [UInt8] = []

    mutating func record(_ fields: [String]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(field, isAlone: fields.count == 1)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A lone empty field is quoted, so that its record is no empty line.
    private mutating func append(_ field: String, isAlone: Bool) {
        let quote = UInt8(ascii: "\"")
        let needsQuotes =
            field.utf8.contains {
                $0 == quote || $0 == UInt8(ascii: ",") || $0 == 0x0A || $0 == 0x0D
            } || (isAlone && field.isEmpty)
        guard needsQuotes else {
            bytes += field.utf8
            return
        }
        bytes.append(quote)
        for byte in field.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}
