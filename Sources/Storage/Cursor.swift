import Primitives

/// Walks the records of one sorted source in one direction.
///
/// `key` is the key in the whole store's form (`collection/key`) for overlays and runs, and
/// inside the collection for segments; `MergedCursor` levels that. The pointers stay valid until
/// the next `advance()`.
class Cursor {
    fileprivate(set) var key = UnsafeRawBufferPointer(start: nil, count: 0)
    /// nil: the record was removed.
    fileprivate(set) var record: UnsafeRawBufferPointer?
    /// The transaction that made it; 0 in segments, which state one for the whole file.
    fileprivate(set) var tx = 0
    /// The line of a run that says so, without its newline.
    fileprivate(set) var line = UnsafeRawBufferPointer(start: nil, count: 0)
    fileprivate(set) var isAtEnd = false

    func advance() throws(ShopError) {}
}

/// Changes held in memory, as they were when the walk began.
final class OverlayCursor: Cursor {
    /// The overlay's text: kept, so that its bytes stay where they are while the transaction
    /// writes on into a copy of its own.
    private let text: [UInt8]
    private let base: UnsafeRawPointer?
    private let entries: ArraySlice<Overlay.Entry>
    private let direction: ScanDirection
    private var passed = 0

    /// - Parameter entries: entries of the overlay in key order.
    init(_ overlay: Overlay, _ entries: ArraySlice<Overlay.Entry>, _ direction: ScanDirection) {
        text = overlay.bytes
        base = text.withUnsafeBytes { $0.baseAddress }
        self.entries = entries
        self.direction = direction
        super.init()
        step()
    }

    override func advance() throws(ShopError) { step() }

    private func step() {
        guard passed < entries.count, let base else {
            isAtEnd = true
            return
        }
        let entry =
            direction == .ascending
            ? entries[entries.startIndex + passed] : entries[entries.endIndex - 1 - passed]
        passed += 1
        key = UnsafeRawBufferPointer(start: base + entry.keyStart, count: entry.keyCount)
        record =
            entry.valueCount < 0
            ? nil : UnsafeRawBufferPointer(start: base + entry.valueStart, count: entry.valueCount)
        tx = entry.tx
    }
}

/// The lines of one run, or of the consecutive segments of one collection.
final class TableCursor: Cursor {
    private let isRun: Bool
    private let from: [UInt8]
    private let to: [UInt8]
    private let direction: ScanDirection
    private let generation: Generation
    /// The file to walk next, in the direction of the walk.
    private var waiting: Manifest.TableFile?
    /// Where the one after it comes from; nil where there is one file only.
    private let segments: Segments?
    private var table: Table?
    private var place: Table.Place?
    private var window = Table.Window()
    private var block: LoadedBlock?
    /// Whether all of the block lies in the range, so that its lines need no look at its bounds.
    private var isInside = false
    /// Where the next line begins (ascending), or the last one given begins (descending).
    private var position = 0

    /// Walks one file.
    ///
    /// - Parameters:
    ///   - from: first key, in the form the file uses.
    ///   - to: key after the last one.
    init(
        _ table: Manifest.TableFile, isRun: Bool, from: [UInt8], to: [UInt8],
        _ direction: ScanDirection, of generation: Generation
    ) throws(ShopError) {
        self.isRun = isRun
        self.from = from
        self.to = to
        self.direction = direction
        self.generation = generation
        segments = nil
        let isInside = compareBytes(table.last, from) >= 0 && compareBytes(table.first, to) < 0
        waiting = isInside ? table : nil
        super.init()
        try advance()
    }

    /// Walks the segments of a collection, keys inside it.
    init(
        _ segments: Segments, from: [UInt8], to: [UInt8], _ direction: ScanDirection,
        of generation: Generation
    ) throws(ShopError) {
        isRun = false
        self.from = from
        self.to = to
        self.direction = direction
        self.generation = generation
        self.segments = segments
        let bound = direction == .ascending ? from : to
        waiting = try bound.withBytes { (key) throws(ShopError) in try segments.covering(key) }
        super.init()
        try advance()
    }

    override func advance() throws(ShopError) {
        while true {
            guard let block else {
                guard try openNext() else {
                    isAtEnd = true
                    return
                }
                continue
            }
            let line =
                direction == .ascending ? block.line(at: position) : block.line(before: position)
            guard let line else {
                try nextBlock()
                continue
            }
            position = direction == .ascending ? line.end + 1 : line.start
            guard try take(line, block) else {
                self.block = nil
                waiting = nil
                isAtEnd = true
                return
            }
            return
        }
    }

    /// Shows `line`; false when it lies beyond the range.
    private func take(_ line: Line, _ block: LoadedBlock) throws(ShopError) -> Bool {
        guard let key = line.key(in: block.bytes) else { throw damaged }
        guard isInside || isInRange(key) else { return false }
        self.key = key
        if isRun {
            guard let change = line.change(in: block.bytes) else { throw damaged }
            tx = change.tx
            record = change.now
            self.line = line.whole(in: block.bytes)
        } else {
            record = line.whole(in: block.bytes)
        }
        return true
    }

    /// Whether a key does not lie beyond the end that the walk goes to.
    private func isInRange(_ key: UnsafeRawBufferPointer) -> Bool {
        direction == .ascending
            ? to.withUnsafeBytes { compareBytes(key, $0) < 0 }
            : from.withUnsafeBytes { compareBytes(key, $0) >= 0 }
    }

    /// The whole lines from the one shown on, as far as they stand in its block, in the walk's
    /// range and below `key`: of segments, ascending.
    func lines(below key: UnsafeRawBufferPointer?) -> UnsafeRawBufferPointer {
        guard let block, let last = lastKey(of: block)
        else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        // Where the line shown begins: its key stands after the opening of the line.
        let start = block.offset(of: self.key) - Line.keyPrefix
        var end = block.bytes.count
        if !isInside {
            end = to.withUnsafeBytes { block.lowerBound($0) }
        }
        if let key, compareBytes(last, key) >= 0 { end = min(end, block.lowerBound(key)) }
        return UnsafeRawBufferPointer(rebasing: block.bytes[start..<end])
    }

    /// Moves on past `lines`, which `lines(below:)` gave.
    func advance(past lines: UnsafeRawBufferPointer) throws(ShopError) {
        if let block { position = block.offset(of: lines) + lines.count }
        try advance()
    }

    private var damaged: ShopError { table?.damagedLine ?? .tableDamaged("", "unreadable") }

    private func openNext() throws(ShopError) -> Bool {
        guard let file = waiting else { return false }
        waiting = try segments?.next(after: file, direction)
        // A segment that begins beyond the range ends the walk.
        guard direction == .descending || compareBytes(file.first, to) < 0 else { return false }
        // A walk over a large collection opens each of its segments for a moment only.
        let table = isRun ? try generation.table(file) : try generation.passingTable(file)
        self.table = table
        window = Table.Window()
        let bound = direction == .ascending ? from : to
        place = try bound.withBytes { (bytes) throws(ShopError) in try table.place(of: bytes) }
        guard let place else { return true }
        let loaded = try load(place, of: table)
        position = bound.withUnsafeBytes { loaded.lowerBound($0) }
        return true
    }

    private func nextBlock() throws(ShopError) {
        guard let table, let here = place else { return }
        place =
            direction == .ascending
            ? try table.place(after: here) : try table.place(before: here)
        guard let place else {
            block = nil
            return
        }
        let loaded = try load(place, of: table)
        position = direction == .ascending ? 0 : loaded.bytes.count
    }

    private func load(_ place: Table.Place, of table: Table) throws(ShopError) -> LoadedBlock {
        let loaded = try table.load(place, direction, through: &window)
        block = loaded
        let end =
            direction == .ascending
            ? lastKey(of: loaded) : loaded.line(at: 0)?.key(in: loaded.bytes)
        isInside = end.map(isInRange) ?? false
        return loaded
    }

    private func lastKey(of block: LoadedBlock) -> UnsafeRawBufferPointer? {
        block.line(before: block.bytes.count)?.key(in: block.bytes)
    }
}

/// Merges sources, newest first in the list: of one key the newest change wins.
///
/// All sources lie in one collection. A run's change that the covering segment already holds
/// (its `upTo` is not below the change's transaction) is passed over.
final class MergedCursor {
    /// Newest first; the walk over segments is the last one.
    private let sources: [Cursor]
    private let base: TableCursor?
    /// The same where there is nothing to merge with it.
    private let only: TableCursor?
    private var coverage: Coverage?
    /// Where each source stands: its key inside the collection, nil at its end.
    private let places: UnsafeMutableBufferPointer<UnsafeRawBufferPointer?>
    /// The newest of the sources that stand on the key shown.
    private var newest = 0
    /// Length of `collection/` in front of every key that is not from a segment.
    private let prefix: Int
    private let sign: Int

    /// The key inside the collection.
    private(set) var key = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var record: UnsafeRawBufferPointer?
    private(set) var isAtEnd = false

    /// - Parameters:
    ///   - base: a walk over segments, whose keys lie inside the collection.
    ///   - segments: those whose `upTo` makes a run's change old; nil where nothing is.
    ///   - collection: length of its name.
    init(
        newestFirst sources: [Cursor], base: TableCursor?, covering segments: Segments?,
        collection: Int, _ direction: ScanDirection
    ) throws(ShopError) {
        self.sources = sources + (base.map { [$0] } ?? [])
        self.base = base
        only = sources.allSatisfy { $0.isAtEnd } ? base : nil
        coverage = segments.map(Coverage.init)
        prefix = collection + 1
        sign = direction == .ascending ? 1 : -1
        places = .allocate(capacity: self.sources.count)
        places.initialize(repeating: nil)
        for index in self.sources.indices { notePlace(of: index) }
        try settle()
    }

    deinit { places.deallocate() }

    func advance() throws(ShopError) {
        if let only {
            try only.advance()
            show(only)
            return
        }
        try pass()
        try settle()
    }

    /// The change shown as it stands in a run, its key in the whole store's form.
    var change: (key: UnsafeRawBufferPointer, line: UnsafeRawBufferPointer) {
        (sources[newest].key, sources[newest].line)
    }

    /// The lines of the walk over segments from the record shown on that nothing changes, as far as
    /// they stand together; nil where the record shown is not one of them. They are passed with
    /// `advance(past:)`.
    func unchangedLines() -> UnsafeRawBufferPointer? {
        guard let base, sign > 0, only != nil || newest == sources.count - 1 else { return nil }
        var next: UnsafeRawBufferPointer?
        for place in places.dropLast() {
            guard let place else { continue }
            if next.map({ compareBytes(place, $0) < 0 }) ?? true { next = place }
        }
        return base.lines(below: next)
    }

    func advance(past lines: UnsafeRawBufferPointer) throws(ShopError) {
        try base?.advance(past: lines)
        notePlace(of: sources.count - 1)
        try settle()
    }

    /// Finds the lowest key over all sources that has something to show.
    private func settle() throws(ShopError) {
        if let only { return show(only) }
        while true {
            var lowest: UnsafeRawBufferPointer?
            for index in places.indices {
                guard let place = places[index] else { continue }
                if let lowest, compareBytes(place, lowest) * sign >= 0 { continue }
                lowest = place
                newest = index
            }
            guard let lowest else {
                isAtEnd = true
                return
            }
            key = lowest
            let cursor = sources[newest]
            if try isCurrent(cursor) {
                record = cursor.record
                return
            }
            // What changed before the newest change is held by the segment as well.
            if let base, let place = places[places.count - 1], compareBytes(place, lowest) == 0 {
                record = base.record
                return
            }
            try pass()
        }
    }

    /// Moves on all sources that stand on the key shown; its bytes lie in the newest one.
    private func pass() throws(ShopError) {
        for index in places.indices where index > newest {
            if let place = places[index], compareBytes(place, key) == 0 { try move(index) }
        }
        try move(newest)
    }

    private func move(_ index: Int) throws(ShopError) {
        try sources[index].advance()
        notePlace(of: index)
    }

    private func notePlace(of index: Int) {
        let cursor = sources[index]
        let isBase = base != nil && index == sources.count - 1
        places[index] =
            cursor.isAtEnd
            ? nil : isBase ? cursor.key : UnsafeRawBufferPointer(rebasing: cursor.key[prefix...])
    }

    private func isCurrent(_ cursor: Cursor) throws(ShopError) -> Bool {
        guard cursor !== base, cursor.tx > 0 else { return true }
        return try cursor.tx > coverage?.upTo(at: key) ?? 0
    }

    private func show(_ only: Cursor) {
        isAtEnd = only.isAtEnd
        key = only.key
        record = only.record
    }
}

package enum ScanDirection: Sendable {
    case ascending, descending
}
