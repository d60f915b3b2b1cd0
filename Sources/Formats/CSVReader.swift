/// Reads CSV (RFC 4180) a record at a time from chunks of bytes, in bounded memory.
///
/// Records end in LF, CRLF or CR; a byte order mark is passed over; quoted fields may hold
/// delimiters, newlines and doubled quotes. A quote inside a field that does not begin with one is
/// data, as in measures in inches and in every reader that people use. A record's fields are
/// valid until the next one is read.
package struct CSVReader {
    private let read: (UnsafeMutableRawBufferPointer) throws(CSVError) -> Int
    private let delimiter: UInt8
    private var chunk: [UInt8]
    private var position = 0
    private var filled = 0
    private var isAtEnd = false

    /// Fields of the record, unquoted, one after the other.
    private var text: [UInt8] = []
    private var ends: [Int] = []
    private var columns: [Int] = []

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
        chunk = [UInt8](repeating: 0, count: max(4, chunkSize))
    }

    /// Reads from bytes in memory.
    package init(
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

    package var fieldCount: Int { ends.count }

    package func field(_ index: Int) -> String {
        String(decoding: bytes(index), as: UTF8.self)
    }

    /// The field's text; nil where it is empty.
    package func text(_ index: Int) -> String? {
        let start = index == 0 ? 0 : ends[index - 1]
        guard ends[index] > start else { return nil }
        return text.withUnsafeBufferPointer { bytes in
            let field = UnsafeBufferPointer(rebasing: bytes[start..<ends[index]])
            return String(decoding: field, as: UTF8.self)
        }
    }

    package func bytes(_ index: Int) -> ArraySlice<UInt8> {
        text[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Column where a field begins, in bytes from 1.
    package func column(_ index: Int) -> Int { columns[index] }

    package var fields: [String] { ends.indices.map(field) }

    // MARK: - Reading

    /// Reads the next record; false at the end. Empty lines are passed over.
    package mutating func next() throws(CSVError) -> Bool {
        if currentLine == 1, currentColumn == 1 { try skipByteOrderMark() }
        while true {
            text.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            columns.removeAll(keepingCapacity: true)
            line = currentLine
            guard try peek() != nil else { return false }
            var wasQuoted = false
            while try field(&wasQuoted) {}
            if ends.count > 1 || !text.isEmpty || wasQuoted { break }
        }
        try checkUTF8()
        return true
    }

    /// Reads one field and what ends it; false when that was the record's end.
    private mutating func field(_ wasQuoted: inout Bool) throws(CSVError) -> Bool {
        columns.append(currentColumn)
        if try peek() == UInt8(ascii: "\"") {
            wasQuoted = true
            try quotedText()
        } else {
            try plainText()
        }
        ends.append(text.count)
        guard let byte = try peek() else { return false }
        if byte == delimiter {
            advance()
            return true
        }
        try newline(byte)
        return false
    }

    private mutating func plainText() throws(CSVError) {
        while try peek() != nil {
            let start = position
            let end = endOfText(delimiter)
            text.append(contentsOf: chunk[start..<end])
            position = end
            currentColumn += end - start
            if end < filled { return }
        }
    }

    /// The first byte of the chunk from here on that is `stop` or ends a line; eight bytes a step.
    private func endOfText(_ stop: UInt8) -> Int {
        chunk.withUnsafeBytes { bytes in
            let ones: UInt64 = 0x0101_0101_0101_0101
            let stops = UInt64(stop) &* ones
            var end = position
            while end + 8 <= filled {
                let word = bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self)
                let (a, b, c) = (word ^ stops, word ^ (0x0a &* ones), word ^ (0x0d &* ones))
                let found =
                    ((a &- ones) & ~a | (b &- ones) & ~b | (c &- ones) & ~c) & (0x80 &* ones)
                if found != 0 { return end + found.trailingZeroBitCount / 8 }
                end += 8
            }
            while end < filled, bytes[end] != stop, bytes[end] != 0x0a, bytes[end] != 0x0d {
                end += 1
            }
            return end
        }
    }

    private mutating func quotedText() throws(CSVError) {
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
            let end = endOfText(UInt8(ascii: "\""))
            text.append(contentsOf: chunk[from..<end])
            position = end
            currentColumn += end - from
        }
        throw CSVError(
            line: start.line, column: start.column, reason: "this quoted field is never closed")
    }

    /// Reads past LF, CRLF or CR.
    private mutating func newline(_ byte: UInt8) throws(CSVError) {
        position += 1
        if byte == 0x0d, try peek() == 0x0a { position += 1 }
        currentLine += 1
        currentColumn = 1
    }

    private mutating func skipByteOrderMark() throws(CSVError) {
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
        let invalid = text.withUnsafeBytes { UTF8Check.firstInvalid($0) }
        guard let invalid else { return }
        let field = ends.firstIndex { $0 > invalid } ?? 0
        throw CSVError(
            line: line, column: columns[field],
            reason: "this field is not UTF-8; convert the file, for instance with iconv")
    }

    private mutating func advance() {
        position += 1
        currentColumn += 1
    }

    private mutating func peek() throws(CSVError) -> UInt8? {
        if position < filled { return chunk[position] }
        guard !isAtEnd else { return nil }
        position = 0
        filled = 0
        filled = try fill(from: 0)
        isAtEnd = filled == 0
        return isAtEnd ? nil : chunk[0]
    }

    /// Reads into the chunk from `start` on; returns the count of bytes.
    private mutating func fill(from start: Int) throws(CSVError) -> Int {
        let read = read
        var failure: CSVError?
        let count = chunk.withUnsafeMutableBytes { buffer in
            do throws(CSVError) {
                return try read(UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return count
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
