import Formats
import Primitives

/// The base segments of one collection, in key order and together covering all of its keys.
///
/// A few stand in the manifest itself. Many stand in a list, a file of the same form as a segment
/// with one record for each: a lookup reads one block of it, however many there are.
final class Segments {
    let collection: Manifest.Collection
    private unowned let generation: Generation
    /// The whole list, once somebody asked for it, or for one of them often.
    private var loaded: [Manifest.TableFile]?
    private var asked = 0
    /// Reading the list costs as much as so many looks into it, or less.
    private static let often = 64

    init(_ collection: Manifest.Collection, of generation: Generation) {
        self.collection = collection
        self.generation = generation
    }

    /// All of them.
    func all() throws(ShopError) -> [Manifest.TableFile] {
        guard let list = collection.list else { return collection.segments }
        if let loaded { return loaded }
        let segments = try Self.read(try generation.table(list.table))
        loaded = segments
        return segments
    }

    /// Everything that a list names.
    static func read(_ list: Table) throws(ShopError) -> [Manifest.TableFile] {
        var segments: [Manifest.TableFile] = []
        var place = try list.firstPlace
        while let here = place {
            let block = try list.load(here)
            var position = 0
            while let line = block.line(at: position) {
                segments.append(try segment(line.whole(in: block.bytes), list.damagedLine))
                position = line.end + 1
            }
            place = try list.place(after: here)
        }
        return segments
    }

    /// The segment whose range holds `key`, which is inside the collection; nil when there is none.
    func covering(_ key: UnsafeRawBufferPointer) throws(ShopError) -> Manifest.TableFile? {
        guard let list = collection.list else { return Self.covering(key, in: collection.segments) }
        if let loaded { return Self.covering(key, in: loaded) }
        asked += 1
        if asked > Self.often { return Self.covering(key, in: try all()) }
        let table = try generation.table(list.table)
        guard let (block, line) = try table.floor(key) else { return nil }
        return try Self.segment(line.whole(in: block.bytes), table.damagedLine)
    }

    private static func covering(
        _ key: UnsafeRawBufferPointer, in segments: [Manifest.TableFile]
    ) -> Manifest.TableFile? {
        Manifest.covering(key, in: segments).map { segments[$0] }
    }

    /// The next segment in a direction; nil after the last one.
    func next(
        after segment: Manifest.TableFile, _ direction: ScanDirection
    ) throws(ShopError) -> Manifest.TableFile? {
        guard let list = collection.list, loaded == nil else {
            let segments = loaded ?? collection.segments
            let index = segment.first.withUnsafeBytes { Manifest.covering($0, in: segments) } ?? 0
            let next = direction == .ascending ? index + 1 : index - 1
            return segments.indices.contains(next) ? segments[next] : nil
        }
        let isUp = direction == .ascending
        let cursor = try TableCursor(
            list.table, isRun: false, from: isUp ? segment.first : [],
            to: isUp ? [0xff] : segment.first, direction, of: generation)
        if isUp { try cursor.advance() }
        guard !cursor.isAtEnd, let record = cursor.record else { return nil }
        return try Self.segment(record, try generation.table(list.table).damagedLine)
    }

    private static func segment(
        _ record: UnsafeRawBufferPointer, _ damage: ShopError
    ) throws(ShopError) -> Manifest.TableFile {
        do throws(JSONError) {
            var reader = JSONReader(record)
            return try Manifest.table(from: &reader)
        } catch {
            throw damage
        }
    }
}

/// Up to which transaction the base holds every change, for a walk that asks of key after key.
struct Coverage {
    private let segments: Segments
    /// The keys that the segment asked last covers; to the end where there is no next one.
    private var from: [UInt8] = []
    private var to: [UInt8]?
    private var upTo: Int?

    init(_ segments: Segments) {
        self.segments = segments
    }

    /// - Parameter key: inside the collection.
    mutating func upTo(at key: UnsafeRawBufferPointer) throws(ShopError) -> Int {
        if let upTo, holds(key) { return upTo }
        guard let segment = try segments.covering(key) else { return 0 }
        from = segment.first
        to = try segments.next(after: segment, .ascending)?.first
        upTo = segment.upTo
        return segment.upTo
    }

    private func holds(_ key: UnsafeRawBufferPointer) -> Bool {
        from.withUnsafeBytes { compareBytes($0, key) <= 0 }
            && to?.withUnsafeBytes { compareBytes(key, $0) < 0 } ?? true
    }
}

extension Store {
    /// Says where a collection's segments stand: in the manifest, or in a list that is written
    /// here. Its directory is to be synced by the caller (S4).
    func collection(
        _ place: Layout.Collection, of segments: [Manifest.TableFile], _ nextFile: inout Int
    ) throws(ShopError) -> Manifest.Collection {
        guard segments.count > thresholds.inlineSegments else {
            return Manifest.Collection(name: place.name, segments: segments)
        }
        let name = "\(place.directory)/\(place.name)-list-\(zeroPadded(nextFile, 6)).jsonl"
        nextFile += 1
        let writer = try TableWriter(files, paths, name: name)
        for segment in segments {
            var body = JSONWriter()
            Manifest.write(listed: segment, to: &body)
            try segment.first.withBytes { (key) throws(ShopError) in
                try body.bytes.withBytes { (body) throws(ShopError) in
                    try writer.add(key: key, body: body)
                }
            }
        }
        let upTo = segments.reduce(0) { max($0, $1.upTo) }
        let list = Manifest.SegmentList(
            table: try writer.finish(fromTx: 0, upTo: upTo), segments: segments.count,
            bytes: segments.reduce(0) { $0 + $1.bytes },
            oldest: segments.reduce(upTo) { min($0, $1.upTo) })
        return Manifest.Collection(name: place.name, segments: [], list: list)
    }
}
