import Formats
import Primitives

/// An open run or segment: immutable, so a block that was read and verified once is believed.
///
/// ```
/// {"key":"mug-1",…}                                          records, in blocks of about 4 KiB
/// {"block":"mug-1","at":0,"bytes":4120,"crc":"77aa01f3"}     one index line for each block
/// {"index":"mug-1","at":…,"bytes":…,"crc":"…"}               one root line for 4 KiB of those
/// {"end":"segment","records":…,"upTo":…,"index":…,"rootCrc":"…","crc":"…"}
/// ```
/// A lookup reads root and end line once, then 4 KiB of the index and one block; each is checked
/// against its CRC-32 before a byte of it is used.
final class Table {
    let file: Manifest.TableFile
    private let files: Files
    private let path: String
    private let descriptor: FileDescriptor
    private let root: LoadedBlock
    /// Where the records end and the index begins.
    private let indexStart: Int
    /// Blocks read and verified, in order of their offsets, and these.
    private var kept: [LoadedBlock] = []
    private var keptStarts: [Int] = []
    private let budget: BlockBudget
    private var round: Int

    /// A stretch of the file as an index or root line states it.
    struct Extent: Equatable {
        var at: Int
        var bytes: Int
        var crc: UInt32

        var end: Int { at + bytes }
    }

    /// Where a block stands among the others.
    struct Place {
        fileprivate let rootLine: Line
        fileprivate let index: LoadedBlock
        fileprivate let indexLine: Line
        let extent: Extent
    }

    init(
        _ files: Files, _ paths: Paths, _ file: Manifest.TableFile, _ budget: BlockBudget
    ) throws(ShopError) {
        self.files = files
        self.file = file
        self.budget = budget
        round = budget.round
        let path = paths.table(file.file)
        self.path = path
        let descriptor = try files.open(path, .read, to: "open")
        do throws(ShopError) {
            let count = file.bytes - file.root
            let bytes = try files.readBlock(descriptor, path, at: file.root, count: count)
            guard file.root >= 0, file.end >= file.root, file.end < file.bytes,
                bytes.bytes.count == count, bytes.bytes.last == UInt8(ascii: "\n")
            else { throw .tableDamaged(path, "its end line is damaged") }
            let rootCount = file.end - file.root
            let line = UnsafeRawBufferPointer(rebasing: bytes.bytes[rootCount..<count - 1])
            guard ChecksummedLine.checksum(of: line) == file.crc else {
                throw .tableDamaged(path, "its end line is damaged")
            }
            let (indexStart, rootCRC) = try Self.end(line, path)
            root = LoadedBlock(part: bytes, from: file.root, count: rootCount)
            guard CRC32.of(root.bytes) == rootCRC, (0...file.root).contains(indexStart) else {
                throw .tableDamaged(path, "the root of its index is damaged")
            }
            self.indexStart = indexStart
        } catch {
            files.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { files.close(descriptor) }

    private static func end(
        _ line: UnsafeRawBufferPointer, _ path: String
    ) throws(ShopError) -> (indexStart: Int, rootCRC: UInt32) {
        var indexStart = -1
        var rootCRC: UInt32 = 0
        do throws(JSONError) {
            var reader = JSONReader(line)
            try reader.beginObject()
            while let name = try reader.nextMember() {
                switch name {
                case "index": indexStart = try reader.size()
                case "rootCrc": rootCRC = try reader.checksum()
                default: try reader.skip()
                }
            }
        } catch {
            throw .tableDamaged(path, "its end line is not what it should be: \(error.reason)")
        }
        return (indexStart, rootCRC)
    }

    // MARK: - Places

    /// The block that would hold `key`; nil when the file has no records.
    func place(of key: UnsafeRawBufferPointer) throws(ShopError) -> Place? {
        guard let rootLine = root.floor(key, after: Line.indexPrefix) else { return nil }
        let index = try indexBlock(rootLine)
        guard let line = index.floor(key, after: Line.indexPrefix) else { throw damagedLine }
        return try place(rootLine, index, line)
    }

    var firstPlace: Place? {
        get throws(ShopError) {
            guard let rootLine = root.line(at: 0) else { return nil }
            return try place(rootLine, first: true)
        }
    }

    func place(after place: Place) throws(ShopError) -> Place? {
        if let line = place.index.line(at: place.indexLine.end + 1) {
            return try self.place(place.rootLine, place.index, line)
        }
        guard let rootLine = root.line(at: place.rootLine.end + 1) else { return nil }
        return try self.place(rootLine, first: true)
    }

    func place(before place: Place) throws(ShopError) -> Place? {
        if let line = place.index.line(before: place.indexLine.start) {
            return try self.place(place.rootLine, place.index, line)
        }
        guard let rootLine = root.line(before: place.rootLine.start) else { return nil }
        return try self.place(rootLine, first: false)
    }

    private func place(_ rootLine: Line, first: Bool) throws(ShopError) -> Place {
        let index = try indexBlock(rootLine)
        let line = first ? index.line(at: 0) : index.line(before: index.bytes.count)
        guard let line else { throw damagedLine }
        return try place(rootLine, index, line)
    }

    private func place(
        _ rootLine: Line, _ index: LoadedBlock, _ line: Line
    ) throws(ShopError) -> Place {
        guard let extent = line.extent(in: index.bytes), extent.at >= 0, extent.bytes > 0,
            extent.bytes <= indexStart, extent.at <= indexStart - extent.bytes
        else { throw damagedLine }
        return Place(rootLine: rootLine, index: index, indexLine: line, extent: extent)
    }

    private func indexBlock(_ line: Line) throws(ShopError) -> LoadedBlock {
        guard let extent = line.extent(in: root.bytes), extent.at >= indexStart, extent.bytes > 0,
            extent.bytes <= file.root, extent.at <= file.root - extent.bytes
        else { throw damagedLine }
        return try load(extent)
    }

    // MARK: - Blocks

    /// The verified bytes of a block, remembered for the next lookup.
    func load(_ place: Place) throws(ShopError) -> LoadedBlock {
        try load(place.extent)
    }

    private func load(_ extent: Extent) throws(ShopError) -> LoadedBlock {
        if round != budget.round {
            kept.removeAll(keepingCapacity: true)
            keptStarts.removeAll(keepingCapacity: true)
            round = budget.round
        }
        let position = keptPosition(extent.at)
        if position < kept.count, keptStarts[position] == extent.at { return kept[position] }
        let block = try files.readBlock(descriptor, path, at: extent.at, count: extent.bytes)
        try verify(block, extent)
        budget.take(extent.bytes)
        if round == budget.round {
            kept.insert(block, at: position)
            keptStarts.insert(extent.at, at: position)
        }
        return block
    }

    private func keptPosition(_ start: Int) -> Int {
        var low = 0
        var high = keptStarts.count
        while low < high {
            let middle = (low + high) / 2
            if keptStarts[middle] < start { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func verify(_ block: LoadedBlock, _ extent: Extent) throws(ShopError) {
        guard block.bytes.count == extent.bytes,
            CRC32.of(block.bytes) == extent.crc || isPlanted("block-checksum-off")
        else {
            throw .tableDamaged(path, "the block at byte \(extent.at) has a wrong checksum")
        }
    }

    /// What a walk has read ahead: more each time, for who walks far reads much.
    struct Window {
        fileprivate var bytes: LoadedBlock?
        fileprivate var size = 16 * 1024
        fileprivate static let mostBytes = 256 * 1024
    }

    /// The verified bytes of a block on a walk, which are not remembered.
    func load(
        _ place: Place, _ direction: ScanDirection, through window: inout Window
    ) throws(ShopError) -> LoadedBlock {
        let extent = place.extent
        if let read = window.bytes, extent.at >= read.start,
            extent.end <= read.start + read.bytes.count
        {
            let block = LoadedBlock(part: read, from: extent.at, count: extent.bytes)
            try verify(block, extent)
            return block
        }
        let wanted = max(extent.bytes, window.size)
        window.size = min(window.size * 2, Window.mostBytes)
        let start = direction == .ascending ? extent.at : max(0, extent.end - wanted)
        let end = direction == .ascending ? min(indexStart, start + wanted) : extent.end
        let read = try files.readBlock(descriptor, path, at: start, count: end - start)
        guard extent.end <= start + read.bytes.count else {
            throw .tableDamaged(path, "it is shorter than it should be")
        }
        window.bytes = read
        let block = LoadedBlock(part: read, from: extent.at, count: extent.bytes)
        try verify(block, extent)
        return block
    }

    /// The line of `key`, when this file has one.
    func find(_ key: UnsafeRawBufferPointer) throws(ShopError) -> (LoadedBlock, Line)? {
        guard let place = try place(of: key) else { return nil }
        let block = try load(place)
        guard let line = block.find(key) else { return nil }
        return (block, line)
    }

    /// The last line whose key is not above `key`.
    func floor(_ key: UnsafeRawBufferPointer) throws(ShopError) -> (LoadedBlock, Line)? {
        guard let place = try place(of: key) else { return nil }
        let block = try load(place)
        return block.floor(key, after: Line.keyPrefix).map { (block, $0) }
    }

    /// The file as an error names it.
    var damagedLine: ShopError { .tableDamaged(path, "a line is not what it should be") }
}

extension ShopError {
    static func tableDamaged(_ path: String, _ what: String) -> ShopError {
        ShopError(
            .data, "stored-file-damaged", "\(path): \(what)", at: path,
            why: "the file was changed or the disk failed; nothing was changed by this command",
            try: ["shopctl doctor"])
    }
}
