import Primitives

/// Merges records that come in key order into the segments of one collection.
///
/// A segment into whose range no record falls stays as it is; every other one is replaced by new
/// ones with the records merged in.
final class SegmentStream {
    /// What the records are merged with.
    enum Base {
        /// The collection as a generation shows it: its segments and the runs over them.
        case view(View)
        /// Segments that no generation names yet, and no runs.
        case segments([Manifest.TableFile], Generation)
    }

    private unowned let load: Load
    private let collection: Layout.Collection
    private let base: Base
    private let old: [Manifest.TableFile]

    private var result: [Manifest.TableFile] = []
    /// The old segments before this one are in `result`, in one form or the other.
    private var index = -1
    private var cursor: MergedCursor?
    private var writer: TableWriter?
    /// Where the range begins that the open writer's segment covers.
    private var bound: [UInt8] = []
    private let last = ByteBuffer(capacity: 128)
    private(set) var isEmpty = true

    init(
        _ load: Load, _ collection: Layout.Collection, over base: Base
    ) throws(ShopError) {
        self.load = load
        self.collection = collection
        self.base = base
        switch base {
        case .view(let view): old = try view.generation.segments(of: collection.name).all()
        case .segments(let segments, _): old = segments
        }
    }

    /// The key taken last; valid until the next one.
    var lastKey: UnsafeRawBufferPointer { last.all }

    /// Takes the next record; nil removes what stands under the key.
    ///
    /// - Parameter key: inside the collection, above all before it.
    func take(
        _ key: UnsafeRawBufferPointer, _ record: UnsafeRawBufferPointer?
    ) throws(ShopError) {
        isEmpty = false
        last.replaceAll(with: key)
        try open(Manifest.covering(key, in: old) ?? 0)
        if let cursor {
            while !cursor.isAtEnd {
                let order = compareBytes(cursor.key, key)
                guard order <= 0 else { break }
                if order < 0, let record = cursor.record { try copy(cursor.key, record) }
                try cursor.advance()
            }
        }
        guard let record else { return }
        try roomyWriter(at: key)?.add(key: key, body: record)
    }

    /// The segments of the collection with all records merged in.
    func finish() throws(ShopError) -> [Manifest.TableFile] {
        try close()
        if !isEmpty { result += old.dropFirst(index + 1) }
        return isEmpty ? old : result
    }

    /// Goes on to the old segment `next`: what is left of the open one is copied, those between
    /// stay as they are.
    private func open(_ next: Int) throws(ShopError) {
        guard next != index else { return }
        try close()
        if index + 1 < next { result += old[(index + 1)..<next] }
        index = next
        bound = old.isEmpty ? [] : old[next].first
        writer = try load.newWriter(for: collection)
        cursor = try cursor(over: next)
    }

    private func cursor(over next: Int) throws(ShopError) -> MergedCursor? {
        switch base {
        case .view(let view):
            let range = Store.range(of: old.isEmpty ? nil : next, in: old, collection.name)
            return try view.mergedCursor(range, .ascending)
        // One that the first pass left as it was: the runs over it count too.
        case .segments(let segments, _) where segments[next].upTo < load.upTo:
            let range = Store.range(of: next, in: segments, collection.name)
            return try load.base.mergedCursor(range, .ascending)
        case .segments(let segments, let generation):
            let table = try TableCursor(
                segments[next], isRun: false, from: [], to: [0xff], .ascending, of: generation)
            return try MergedCursor(
                newestFirst: [], base: table, covering: nil,
                collection: collection.name.utf8.count, .ascending)
        }
    }

    private func copy(
        _ key: UnsafeRawBufferPointer, _ record: UnsafeRawBufferPointer
    ) throws(ShopError) {
        try roomyWriter(at: key)?.add(key: key, record: record)
    }

    /// The open writer, or another one where that has written enough.
    private func roomyWriter(at key: UnsafeRawBufferPointer) throws(ShopError) -> TableWriter? {
        guard let full = writer, full.bytes >= load.segmentBytes else { return writer }
        try seal(full)
        bound = Array(key)
        let next = try load.newWriter(for: collection)
        writer = next
        return next
    }

    private func seal(_ writer: TableWriter) throws(ShopError) {
        var segment = try load.finish(writer, upTo: load.upTo)
        segment.first = bound
        if segment.records == 0 { segment.last = bound }
        result.append(segment)
        self.writer = nil
    }

    private func close() throws(ShopError) {
        if let cursor {
            while !cursor.isAtEnd {
                if let record = cursor.record { try copy(cursor.key, record) }
                try cursor.advance()
            }
            self.cursor = nil
        }
        if let writer { try seal(writer) }
    }
}
