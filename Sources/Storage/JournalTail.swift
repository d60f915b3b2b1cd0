import Formats
import Glibc
import Primitives

/// The part of the journal that is not folded yet, verified and in memory.
///
/// Grows as lines are appended by this process or others; begins anew with every generation.
struct JournalTail {
    private(set) var overlay = Overlay()
    /// The transaction, checksum and time of the last good line.
    private(set) var tx: Int
    private(set) var crc: UInt32
    private(set) var at = ""
    /// Offset in the journal file just after the last good line.
    private(set) var end: Int
    private(set) var lines = 0
    /// Segments a bulk load put in place, which no manifest names yet.
    private(set) var loaded: [Manifest.Collection] = []
    let start: Int

    init(_ folded: Manifest.Folded) {
        tx = folded.tx
        crc = folded.crc
        end = folded.bytes
        start = folded.bytes
        at = folded.at
    }

    /// What is left of `tail` when its beginning stands in the sorted files.
    init(_ tail: JournalTail, after folded: Manifest.Folded) {
        self.init(folded)
        let cut = folded.bytes - tail.start
        let moved = tail.overlay.bytes.withUnsafeBytes {
            overlay.append(UnsafeRawBufferPointer(rebasing: $0[cut...])) - cut
        }
        for var entry in tail.overlay.entries where entry.tx > folded.tx {
            entry.keyStart += moved
            entry.valueStart += moved
            overlay.insert(entry)
        }
        tx = tail.tx
        crc = tail.crc
        at = tail.at
        end = tail.end
        lines = tail.tx - folded.tx
    }

    /// The good lines before offset `end` as they stand in the journal, to be written elsewhere.
    func text(upTo end: Int) -> [UInt8] { Array(overlay.bytes.prefix(end - start)) }

    /// Bytes of the journal this tail holds.
    var bytes: Int { end - start }

    /// What stands in the file after the last good line.
    enum Rest: Equatable {
        case nothing
        /// Bytes to the file's end that are no whole line of the chain.
        case torn(count: Int)
        /// A bad line with good ones after it.
        case corrupt(line: Int)
    }

    /// Reads on from `end`, line by line, as far as the chain holds.
    ///
    /// - Parameter limit: the offset to stop at although more may follow; nil for the file's end.
    mutating func extend(
        _ files: Files, _ file: FileDescriptor, _ path: String, upTo limit: Int?
    ) throws(ShopError) -> Rest {
        let size = try files.status(file, path).size
        // What is folded, or was read, was on the disk: appending to less would put the next
        // line where nobody looks for it.
        guard size >= end else { throw .acknowledgedDataMissing(path) }
        let stop = min(size, limit ?? size)
        guard stop > end else { return .nothing }
        let text = try files.read(file, path, at: end, count: stop - end)
        let base = overlay.append(text)
        // A change takes some 250 bytes of a line.
        overlay.makeRoom(for: text.count / 256)
        var position = 0
        while position < text.count {
            guard let line = Self.line(in: text, from: position), take(line, of: text, at: base)
            else { break }
            position = line.upperBound + 1
        }
        end += position
        overlay.dropText(after: base + position)
        guard position < text.count else { return .nothing }
        if limit != nil && stop < size { return .nothing }
        return Self.holdsLater(than: tx + 1, text, after: position)
            ? .corrupt(line: lines + 1) : .torn(count: text.count - position)
    }

    /// Takes a line this process made and appended itself.
    mutating func adopt(_ line: JournalLine.Encoded) {
        let base = overlay.append(line.bytes)
        for var entry in line.entries {
            entry.keyStart += base
            entry.valueStart += base
            overlay.insert(entry)
        }
        tx += 1
        crc = line.crc
        at = max(at, line.at)
        lines += 1
        end += line.bytes.count
        take(line.loaded)
    }

    /// Verifies one line against the chain and takes its changes; false when it is not good.
    private mutating func take(_ range: Range<Int>, of text: [UInt8], at base: Int) -> Bool {
        text.withUnsafeBytes { all in
            let line = UnsafeRawBufferPointer(rebasing: all[range])
            guard let sum = ChecksummedLine.checksum(of: line),
                JournalLine.joins(line, tx: tx + 1, prev: crc)
            else { return false }
            let header: JournalLine.Header
            do throws(JSONError) {
                header = try JournalLine.apply(
                    line, tx: tx + 1, at: base + range.lowerBound, to: &overlay)
            } catch {
                return false
            }
            tx += 1
            crc = sum
            at = max(at, header.at)
            lines += 1
            take(header.loaded)
            return true
        }
    }

    private mutating func take(_ collections: [Manifest.Collection]) {
        for collection in collections {
            loaded.removeAll { $0.name == collection.name }
            loaded.append(collection)
        }
    }

    /// The bytes of the line that begins at `start`, when a newline ends it.
    static func line(in text: [UInt8], from start: Int) -> Range<Int>? {
        text.withUnsafeBytes { bytes -> Range<Int>? in
            guard let base = bytes.baseAddress,
                let newline = memchr(base + start, 0x0a, bytes.count - start)
            else { return nil }
            return start..<(UnsafeRawPointer(newline) - base)
        }
    }

    /// Whether a good line that was written later stands after the bad one at `start`.
    ///
    /// What was written together with it, or with what it follows, may have reached the disk in
    /// any part when the power went: nobody was told of it. Where it has not, what stood in those
    /// places of the disk before may show, older lines of a journal among it. What was written
    /// later proves that the bad line was on the disk and acknowledged.
    ///
    /// - Parameter tx: the transaction whose line is bad.
    private static func holdsLater(than tx: Int, _ text: [UInt8], after start: Int) -> Bool {
        guard var position = line(in: text, from: start).map({ $0.upperBound + 1 }) else {
            return false
        }
        while let range = line(in: text, from: position) {
            let isLater = text.withUnsafeBytes { all in
                let line = UnsafeRawBufferPointer(rebasing: all[range])
                guard ChecksummedLine.checksum(of: line) != nil else { return false }
                guard let (number, group) = JournalLine.numbers(of: line) else { return false }
                return number >= tx && group ?? .max > tx
            }
            if isLater { return true }
            position = range.upperBound + 1
        }
        return false
    }
}
