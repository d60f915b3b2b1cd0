import Glibc
package import Primitives

/// The shop as it stood at one transaction: every read of a use case goes through one.
///
/// Sees a published generation and the journal after it; nothing that comes later (S2).
package class View {
    let generation: Generation

    init(_ generation: Generation) {
        self.generation = generation
    }

    /// The number of the last transaction seen.
    package var transaction: Int { generation.tail.tx }

    /// The record of `key` as its JSON object, nil where there is none.
    package func record(_ key: RecordKey) throws(ShopError) -> [UInt8]? {
        try key.bytes.withBytes(lookUp)
    }

    /// Shows every record of `range` to `visit`, in key order or against it, until it says false.
    ///
    /// The bytes shown are valid during the call only. They are one JSON object, which may have
    /// the member `key` in front. All of the range lies in one collection.
    package func scan(
        _ range: KeyRange, _ direction: ScanDirection = .ascending,
        _ visit: (Scanned) throws(ShopError) -> Bool
    ) throws(ShopError) {
        let cursor = try mergedCursor(range, direction)
        while !cursor.isAtEnd {
            if let record = cursor.record {
                guard try visit(Scanned(key: cursor.key, record: record)) else { return }
            }
            try cursor.advance()
        }
    }

    /// A record met in a scan.
    package struct Scanned {
        /// The key inside its collection.
        package let key: UnsafeRawBufferPointer
        package let record: UnsafeRawBufferPointer
    }

    /// The same for another thread.
    func twin() -> View { View(generation.twin()) }

    func lookUp(_ key: UnsafeRawBufferPointer) throws(ShopError) -> [UInt8]? {
        let recent = generation.tail.overlay.find(key)
        // Only a bulk load that is not published yet puts segments above the journal's tail.
        if let recent, generation.tail.loaded.isEmpty {
            return generation.tail.overlay.value(of: recent)
        }
        let (collection, inner) = Self.split(key)
        let covering = try generation.segments(of: collection).covering(inner)
        if let recent, recent.tx > covering?.upTo ?? 0 {
            return generation.tail.overlay.value(of: recent)
        }
        return try settled(key, inner, covering)
    }

    /// What runs and the covering segment say of a key.
    final func settled(
        _ key: UnsafeRawBufferPointer, _ inner: UnsafeRawBufferPointer,
        _ covering: Manifest.TableFile?
    ) throws(ShopError) -> [UInt8]? {
        let upTo = covering?.upTo ?? 0
        let collection = UnsafeRawBufferPointer(
            rebasing: key.dropLast(min(key.count, inner.count + 1)))
        for run in generation.newestRuns
        where run.file.upTo > upTo && run.mayHold(key, of: collection) {
            let table = try run.table
            guard let (block, line) = try table.find(key) else { continue }
            guard let change = line.change(in: block.bytes) else { throw table.damagedLine }
            if change.tx <= upTo { break }
            return change.now.map { Array($0) }
        }
        guard let covering else { return nil }
        guard let (block, line) = try generation.table(covering).find(inner) else { return nil }
        return recordBody(line.whole(in: block.bytes))
    }

    /// Overlays to look into before the generation's own, newest first.
    func overlays(_ range: KeyRange, _ direction: ScanDirection) -> [Cursor] {
        [
            OverlayCursor(
                generation.tail.overlay, generation.tail.overlay.sorted(in: range)[...], direction)
        ]
    }

    final func mergedCursor(
        _ range: KeyRange, _ direction: ScanDirection
    ) throws(ShopError) -> MergedCursor {
        let collection = Self.collection(of: range.from)
        let segments = generation.segments(of: collection)
        var sources = overlays(range, direction)
        for run in generation.manifest.runs.reversed() where run.holds(collection) {
            sources.append(
                try TableCursor(
                    run, isRun: true, from: range.from, to: range.to, direction, of: generation))
        }
        let base = try TableCursor(
            segments, from: Array(range.from.dropFirst(collection.count + 1)),
            to: Self.innerEnd(range.to, collection), direction, of: generation)
        return try MergedCursor(
            newestFirst: sources, base: base, covering: segments,
            collection: collection.count, direction)
    }

    /// The name before the first slash, and the key after it.
    static func split(
        _ key: UnsafeRawBufferPointer
    ) -> (collection: UnsafeRawBufferPointer, inner: UnsafeRawBufferPointer) {
        guard let base = key.baseAddress, let slash = memchr(base, 0x2f, key.count) else {
            return (key, UnsafeRawBufferPointer(start: nil, count: 0))
        }
        let count = UnsafeRawPointer(slash) - base
        return (
            UnsafeRawBufferPointer(rebasing: key[..<count]),
            UnsafeRawBufferPointer(rebasing: key[(count + 1)...])
        )
    }

    static func collection(of key: [UInt8]) -> [UInt8] {
        Array(key.prefix { $0 != UInt8(ascii: "/") })
    }

    /// The end of a range in the form segments use; beyond every key when the range ends with
    /// its collection.
    static func innerEnd(_ to: [UInt8], _ collection: [UInt8]) -> [UInt8] {
        let prefix = collection + [UInt8(ascii: "/")]
        return to.starts(with: prefix) ? Array(to.dropFirst(prefix.count)) : [0xff]
    }
}
