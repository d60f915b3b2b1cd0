import Formats
import Primitives

/// The bytes of an import file, read in chunks, with their count and checksum on the way.
final class ImportInput {
    let name: String
    private(set) var bytes = 0
    var crc: UInt32 { checksum.value }

    private let source: (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int
    private var checksum = CRC32()
    /// Bytes that were read; from `position` on they are not handed out yet.
    private var ahead: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    /// What `source` threw while the CSV reader was asking.
    private var failure: ShopError?

    init(
        _ name: String, _ source: @escaping (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int
    ) {
        self.name = name
        self.source = source
    }

    /// The first byte that is no white space and no byte order mark; nil in an empty file.
    func firstByte() throws(ShopError) -> UInt8? {
        if ahead.isEmpty { ahead = try readChunk() }
        let text = ahead.starts(with: [0xef, 0xbb, 0xbf]) ? ahead.dropFirst(3) : ahead[...]
        return text.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }
    }

    /// Everything there is.
    func contents() throws(ShopError) -> [UInt8] {
        var all = Array(ahead[position...])
        ahead = []
        position = 0
        while true {
            let chunk = try readChunk()
            if chunk.isEmpty { return all }
            all += chunk
        }
    }

    /// What tells this file from another: its size and checksum, all of it being read for that.
    func identity() throws(ShopError) -> String {
        while try !readChunk().isEmpty {}
        return "\(bytes) \(crc)"
    }

    /// The bytes up to the next newline, without it; nil at the end.
    func readLine() throws(ShopError) -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            if position == ahead.count {
                ahead = try readChunk()
                position = 0
                if ahead.isEmpty { return line.isEmpty ? nil : line }
            }
            if let newline = ahead[position...].firstIndex(of: 0x0a) {
                line += ahead[position..<newline]
                position = newline + 1
                return line
            }
            line += ahead[position...]
            position = ahead.count
        }
    }

    /// Gives back bytes that were read, to be read again.
    func putBack(_ bytes: [UInt8]) {
        ahead = bytes + ahead[position...]
        position = 0
    }

    func csvReader() -> CSVReader {
        CSVReader { [self] (buffer) throws(CSVError) in
            do throws(ShopError) {
                if position < ahead.count {
                    let count = min(buffer.count, ahead.count - position)
                    buffer.copyBytes(from: ahead[position..<position + count])
                    position += count
                    return count
                }
                return try read(into: buffer)
            } catch {
                failure = error
                throw CSVError(line: 0, column: 0, reason: error.message)
            }
        }
    }

    /// A CSV error as the person reads it, or what really went wrong below it.
    func error(_ error: CSVError) -> ShopError {
        failure
            ?? ShopError(
                .data, "malformed-csv", error.reason, at: "\(name):\(error.line):\(error.column)",
                why: "nothing was imported", try: ["correct the file and import again"])
    }

    private func readChunk() throws(ShopError) -> [UInt8] {
        var failure: ShopError?
        let chunk = [UInt8](unsafeUninitializedCapacity: 256 * 1024) { buffer, count in
            do throws(ShopError) {
                count = try read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch { failure = error }
        }
        if let failure { throw failure }
        return chunk
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer) throws(ShopError) -> Int {
        guard !isAtEnd else { return 0 }
        let count = try source(buffer)
        isAtEnd = count == 0
        bytes += count
        checksum.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }
}
