/// Reads CSV (RFC 4180) a record at a time from chunks of bytes, in bounded memory.
///
/// Records end in LF, CRLF or CR; a byte order mark is passed over; quoted fields may hold
/// delimiters, newlines and doubled quotes. A quote inside a field that does not begin with one is
/// data, as in measures in inches and in every reader that people use. A record's fields are
/// valid until the next one is read.
package final class CSVReader {
    private let read: (UnsafeMutableRawBufferPointer) throws(CSVError) -> Int
    private let delimiter: UInt8
    private let chunk: UnsafeMutablePointer<UInt8>
    private let chunkSize: Int
    private var position = 0
    private var filled = 0
    private var isAtEnd = false

    private struct Field {
        var start: Int
        var end: Int
        var column: Int
    }

    // Asking at every field whether two look at the list at once took a twentieth of an import; the
    // accesses are single loads and stores.
    @exclusivity(unchecked) private var fieldList: UnsafeMutablePointer<Field>
    private var fieldRoom = 32
    @exclusivity(unchecked) package private(set) var fieldCount = 0
    /// What the fields' places count from: the chunk, or a copy of `text`.
    @exclusivity(unchecked) private var source: UnsafePointer<UInt8>
    /// Fields of a record that does not lie in the chunk as it is, unquoted, one after the other.
    private var text: [UInt8] = []
    private var textCopy: UnsafeMutableBufferPointer<UInt8>

    /// The line where the record begins, from 1.
    package private(set) var line = 0
    /// Line and column (in bytes, from 1) of the next byte.
    private var currentLine = 1
    private var currentColumn = 1

    /// - Parameters:
    ///   - delimiter: the byte between fields.
    ///   - read: fills the buffer it is given and returns the count of bytes; 0 at the end.
    package init(
        delimiter: UInt8 = UInt8(ascii: ","), chunkSize: Int = 256 * 1024,
        read: @escaping (UnsafeMutableRawBufferPointer) throws(CSVError) -> Int
    ) {
        self.delimiter = delimiter
        self.read = read
        self.chunkSize = max(4, chunkSize)
        chunk = .allocate(capacity: self.chunkSize)
        fieldList = .allocate(capacity: fieldRoom)
        textCopy = .allocate(capacity: 0)
        source = UnsafePointer(chunk)
    }

    deinit {
        chunk.deallocate()
        fieldList.deallocate()
        textCopy.deallocate()
    }

    /// Reads from bytes in memory.
    package convenience init(
        _ bytes: [UInt8], delimiter: UInt8 = UInt8(ascii: ","), chunkSize: Int = 256 * 1024
    ) {
        var start = 0
        self.init(delimiter: delimiter, chunkSize: chunkSize) { (buffer) throws(CSVError) in
            let count = min(buffer.count, bytes.count - start)
            buffer.copyBytes(from: bytes[start..<start + count])
            start += count
            return count
        }
    }

    // MARK: - The record

    package func field(_ index: Int) -> String {
        String(decoding: bytes(index), as: UTF8.self)
    }

    /// The field's text; nil where it is empty.
    package func text(_ index: Int) -> String? {
        let bytes = bytes(index)
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    package func bytes(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        precondition(index < fieldCount, "a record has no such field")
        let field = fieldList[index]
        return UnsafeBufferPointer(start: source + field.start, count: field.end - field.start)
    }

    /// Column where a field begins, in bytes from 1.
    package func column(_ index: Int) -> Int {
        precondition(index < fieldCount, "a record has no such field")
        return fieldList[index].column
    }

    package var fields: [String] { (0..<fieldCount).map(field) }

    // MARK: - Reading

    /// Reads the next record; false at the end. Empty lines are passed over.
    package func next() throws(CSVError) -> Bool {
        if currentLine == 1, currentColumn == 1 { try skipByteOrderMark() }
        if takeWhole() { return true }
        while true {
            text.removeAll(keepingCapacity: true)
            fieldCount = 0
            line = currentLine
            guard try peek() != nil else { return false }
            var wasQuoted = false
            while try field(&wasQuoted) {}
            if fieldCount > 1 || !text.isEmpty || wasQuoted { break }
        }
        if textCopy.count < text.count {
            textCopy.deallocate()
            textCopy = .allocate(capacity: text.capacity)
        }
        _ = textCopy.update(fromContentsOf: text)
        source = UnsafePointer(textCopy.baseAddress ?? chunk)
        try checkUTF8()
        return true
    }

    /// Reads a record that lies in the chunk from end to end and needs no change, as nearly all
    /// do, and leaves it there; false, and nothing is read, for any other.
    private func takeWhole() -> Bool {
        var at = position
        fieldCount = 0
        while at < filled {
            let isQuoted = chunk[at] == UInt8(ascii: "\"")
            let start = isQuoted ? at + 1 : at
            let end = endOfText(isQuoted ? UInt8(ascii: "\"") : delimiter, from: start)
            let after = isQuoted ? end + 1 : end
            guard after < filled, !isQuoted || chunk[end] == UInt8(ascii: "\"") else {
                return false
            }
            add(Field(start: start, end: end, column: at - position + 1))
            let byte = chunk[after]
            at = after + 1
            if byte == delimiter { continue }
            if byte == 0x0d {
                guard at < filled else { return false }
                if chunk[at] == 0x0a { at += 1 }
            } else if byte != 0x0a {
                return false
            }
            let record = UnsafeRawBufferPointer(start: chunk + position, count: after - position)
            guard !record.isEmpty, UTF8Check.firstInvalid(record) == nil else { return false }
            source = UnsafePointer(chunk)
            line = currentLine
            currentLine += 1
            position = at
            return true
        }
        return false
    }

    @inline(__always)
    private func add(_ field: Field) {
        if fieldCount == fieldRoom { makeRoomForFields() }
        fieldList[fieldCount] = field
        fieldCount += 1
    }

    private func makeRoomForFields() {
        let larger = UnsafeMutablePointer<Field>.allocate(capacity: fieldRoom * 2)
        larger.update(from: fieldList, count: fieldCount)
        fieldList.deallocate()
        fieldList = larger
        fieldRoom *= 2
    }

    /// Reads one field and what ends it; false when that was the record's end.
    private func field(_ wasQuoted: inout Bool) throws(CSVError) -> Bool {
        let (start, column) = (text.count, currentColumn)
        if try peek() == UInt8(ascii: "\"") {
            wasQuoted = true
            try quotedText()
        } else {
            try plainText()
        }
        add(Field(start: start, end: text.count, column: column))
        guard let byte = try peek() else { return false }
        if byte == delimiter {
            advance()
            return true
        }
        try newline(byte)
        return false
    }

    private func plainText() throws(CSVError) {
        while try peek() != nil {
            let start = position
            let end = endOfText(delimiter, from: start)
            text.append(contentsOf: UnsafeBufferPointer(start: chunk + start, count: end - start))
            position = end
            currentColumn += end - start
            if end < filled { return }
        }
    }

    /// The first byte of the chunk from `start` on that is `stop` or ends a line, eight bytes a
    /// step; where the chunk's bytes end when there is none.
    @inline(__always)
    private func endOfText(_ stop: UInt8, from start: Int) -> Int {
        let bytes = UnsafeRawPointer(chunk)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let stops = UInt64(stop) &* ones
        var end = start
        while end + 8 <= filled {
            let word = bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self)
            let (a, b, c) = (word ^ stops, word ^ (0x0a &* ones), word ^ (0x0d &* ones))
            let found =
                ((a &- ones) & ~a | (b &- ones) & ~b | (c &- ones) & ~c) & (0x80 &* ones)
            if found != 0 { return end + found.trailingZeroBitCount / 8 }
            end += 8
        }
        while end < filled, chunk[end] != stop, chunk[end] != 0x0a, chunk[end] != 0x0d {
            end += 1
        }
        return end
    }

    private func quotedText() throws(CSVError) {
        let start = (line: currentLine, column: currentColumn)
        advance()
        while let byte = try peek() {
            if byte == UInt8(ascii: "\"") {
                advance()
                guard let after = try peek() else { return }
                if after == UInt8(ascii: "\"") {
                    text.append(after)
                    advance()
                    continue
                }
                guard after == delimiter || after == 0x0a || after == 0x0d else {
                    throw error("text after a closing quote")
                }
                return
            }
            if byte == 0x0d || byte == 0x0a {
                // Newlines inside quotes are data: they stay as they are.
                text.append(byte)
                let wasReturn = byte == 0x0d
                position += 1
                if wasReturn, try peek() == 0x0a {
                    text.append(0x0a)
                    position += 1
                }
                currentLine += 1
                currentColumn = 1
                continue
            }
            let from = position
            let end = endOfText(UInt8(ascii: "\""), from: from)
            text.append(contentsOf: UnsafeBufferPointer(start: chunk + from, count: end - from))
            position = end
            currentColumn += end - from
        }
        throw CSVError(
            line: start.line, column: start.column, reason: "this quoted field is never closed")
    }

    /// Reads past LF, CRLF or CR.
    private func newline(_ byte: UInt8) throws(CSVError) {
        position += 1
        if byte == 0x0d, try peek() == 0x0a { position += 1 }
        currentLine += 1
        currentColumn = 1
    }

    private func skipByteOrderMark() throws(CSVError) {
        guard try peek() == 0xef else { return }
        // A pipe may give less than the mark at first.
        var more = 1
        while filled < 3, more > 0 {
            more = try fill(from: filled)
            filled += more
        }
        guard filled - position >= 3, chunk[position + 1] == 0xbb, chunk[position + 2] == 0xbf
        else {
            return
        }
        position += 3
    }

    private func checkUTF8() throws(CSVError) {
        for index in 0..<fieldCount
        where UTF8Check.firstInvalid(UnsafeRawBufferPointer(bytes(index))) != nil {
            throw CSVError(
                line: line, column: column(index),
                reason: "this field is not UTF-8; convert the file, for instance with iconv")
        }
    }

    private func advance() {
        position += 1
        currentColumn += 1
    }

    private func peek() throws(CSVError) -> UInt8? {
        if position < filled { return chunk[position] }
        guard !isAtEnd else { return nil }
        position = 0
        filled = 0
        filled = try fill(from: 0)
        isAtEnd = filled == 0
        return isAtEnd ? nil : chunk[0]
    }

    /// Reads into the chunk from `start` on; returns the count of bytes.
    private func fill(from start: Int) throws(CSVError) -> Int {
        try read(
            UnsafeMutableRawBufferPointer(start: chunk + start, count: chunkSize - start))
    }

    private func error(_ reason: String) -> CSVError {
        CSVError(line: currentLine, column: currentColumn, reason: reason)
    }
}

/// Why a file is not the CSV it should be, and where.
package struct CSVError: Error, Equatable, Sendable {
    /// From 1.
    package let line: Int
    /// In bytes, from 1.
    package let column: Int
    package let reason: String

    package init(line: Int, column: Int, reason: String) {
        self.line = line
        self.column = column
        self.reason = reason
    }
}
