import Primitives

/// Makes segments of the buffers that a lane hands over.
///
/// ```
///   take ──sort──▶ its keys are above all before: into segments, but for the last quarter
///            │
///            └──▶ they are not: into a temporary file, and so is all that follows;
///                 in the end those are merged with the segments written so far
/// ```
final class LaneWriter {
    private unowned let load: Load
    private let collection: Layout.Collection
    private var opened: SegmentStream?
    /// The highest keys so far: those that come a little late find their place before them.
    private var kept: SortBuffer?
    private var spills: [SpillFile] = []
    private(set) var segments: [Manifest.TableFile]?

    init(_ load: Load, _ collection: Layout.Collection) {
        self.load = load
        self.collection = collection
    }

    private func stream() throws(ShopError) -> SegmentStream {
        if let opened { return opened }
        let stream = try SegmentStream(load, collection, over: .view(load.base))
        opened = stream
        return stream
    }

    func take(_ buffer: SortBuffer) throws(ShopError) {
        try take(buffer, keeping: true)
    }

    private func take(_ buffer: SortBuffer, keeping: Bool) throws(ShopError) {
        buffer.sort()
        let stream = try stream()
        let isAbove = stream.isEmpty || buffer.isAbove(stream.lastKey)
        guard spills.isEmpty, isAbove else {
            if let kept { spills.append(try load.spill(kept, collection)) }
            kept = nil
            if !buffer.isEmpty { spills.append(try load.spill(buffer, collection)) }
            load.buffers.give(buffer)
            return
        }
        let all = SortedPair(kept ?? SortBuffer(capacity: 0), buffer)
        let count = buffer.entries.count
        // Of one key all or none: the last one counts.
        let border = keeping && count > 0 ? buffer.endOfKey(at: max(1, count * 3 / 4) - 1) : count
        try all.each(upTo: keeping ? border : nil) { (key, record) throws(ShopError) in
            try stream.take(key, record)
        }
        kept = keeping ? all.rest(from: border) : nil
        load.buffers.give(buffer)
    }

    func finish(_ buffer: SortBuffer) throws(ShopError) {
        try take(buffer, keeping: false)
        let stream = try stream()
        let written = try stream.finish()
        guard !spills.isEmpty else {
            segments = stream.isEmpty ? nil : written
            return
        }
        // What was written so far becomes the base that the rest is merged with.
        let base: SegmentStream.Base =
            stream.isEmpty ? .view(load.base) : .segments(written, load.base.generation)
        let second = try SegmentStream(load, collection, over: base)
        var merge = try SpillMerge(spills)
        try merge.each { (key, record) throws(ShopError) in try second.take(key, record) }
        let merged = try second.finish()
        segments = merged
        load.discard(written, butNotIn: merged)
    }
}

/// Two sorted buffers as one; of one key the later buffer's record counts.
private struct SortedPair {
    private let earlier, later: SortBuffer
    /// How many of the earlier one's entries belong before the border.
    private func earlierCount(below border: Int) -> Int {
        guard border < later.entries.count else { return earlier.entries.count }
        let key = later.key(of: later.entries[border])
        var (low, high) = (0, earlier.entries.count)
        while low < high {
            let middle = (low + high) / 2
            if compareBytes(earlier.key(of: earlier.entries[middle]), key) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    init(_ earlier: SortBuffer, _ later: SortBuffer) {
        self.earlier = earlier
        self.later = later
    }

    /// Shows the records whose keys are below that of the later buffer's entry `border`.
    func each(
        upTo border: Int?,
        _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws(ShopError) -> Void
    ) throws(ShopError) {
        let end = border ?? later.entries.count
        let earlierEnd = earlierCount(below: end)
        var position = 0
        try later.each(0, end) { (key, record) throws(ShopError) in
            while position < earlierEnd {
                let entry = earlier.entries[position]
                let order = compareBytes(earlier.key(of: entry), key)
                guard order <= 0 else { break }
                if order < 0, position + 1 == earlierEnd || !isRepeated(position) {
                    try visit(earlier.key(of: entry), earlier.value(of: entry))
                }
                position += 1
            }
            try visit(key, record)
        }
        try earlier.each(position, earlierEnd, visit)
    }

    /// Whether the earlier buffer's next entry has the same key, and so counts instead.
    private func isRepeated(_ position: Int) -> Bool {
        let (entry, next) = (earlier.entries[position], earlier.entries[position + 1])
        return entry.prefix == next.prefix
            && compareBytes(earlier.key(of: entry), earlier.key(of: next)) == 0
    }

    /// A buffer of the records from the border on.
    func rest(from border: Int) -> SortBuffer? {
        let start = earlierCount(below: border)
        guard border < later.entries.count || start < earlier.entries.count else { return nil }
        let rest = SortBuffer(
            capacity: earlier.bytes(from: start) + later.bytes(from: border))
        earlier.moveRest(from: start, to: rest)
        later.moveRest(from: border, to: rest)
        rest.sort()
        return rest
    }
}
