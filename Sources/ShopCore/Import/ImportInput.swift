import Formats
import Primitives

/// The bytes of an import file, read in chunks, with their count and checksum on the way.
final class ImportInput {
    let name: String
    private(set) var bytes = 0
    var crc: UInt32 { checksum.value }

    private let source: (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int
    private var checksum = CRC32()
    /// Read to look at the beginning, not handed out yet.
    private var ahead: [UInt8] = []
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
        var all = ahead
        ahead = []
        while true {
            let chunk = try readChunk()
            if chunk.isEmpty { return all }
            all += chunk
        }
    }

    func csvReader() -> CSVReader {
        CSVReader { [self] (buffer) throws(CSVError) in
            do throws(ShopError) {
                if ahead.isEmpty { ahead = try readChunk() }
            } catch {
                failure = error
                throw CSVError(line: 0, column: 0, reason: error.message)
            }
            let count = min(buffer.count, ahead.count)
            buffer.copyBytes(from: ahead[..<count])
            ahead.removeFirst(count)
            return count
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
        guard !isAtEnd else { return [] }
        var failure: ShopError?
        let chunk = [UInt8](unsafeUninitializedCapacity: 256 * 1024) { buffer, count in
            do throws(ShopError) {
                count = try source(UnsafeMutableRawBufferPointer(buffer))
            } catch { failure = error }
        }
        if let failure { throw failure }
        isAtEnd = chunk.isEmpty
        bytes += chunk.count
        chunk.withUnsafeBytes { checksum.update($0) }
        return chunk
    }
}
