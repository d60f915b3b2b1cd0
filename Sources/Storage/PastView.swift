import Formats
package import Primitives

/// A state of the store with other records before those that it has.
final class OverlaidView: View {
    /// The records that are other; nil where there is none.
    private let other: Overlay

    init(_ generation: Generation, _ other: Overlay) {
        self.other = other
        super.init(generation)
    }

    override func lookUp(_ key: UnsafeRawBufferPointer) throws(ShopError) -> [UInt8]? {
        if let entry = other.find(key) { return other.value(of: entry) }
        return try super.lookUp(key)
    }

    override func overlays(_ range: KeyRange, _ direction: ScanDirection) -> [Cursor] {
        [OverlayCursor(other, other.sorted(in: range)[...], direction)]
            + super.overlays(range, direction)
    }

    override func twin() -> View { OverlaidView(generation.twin(), other) }
}

extension Store {
    /// What `view` shows, as it stood after the last transaction up to `time`: the state now, and
    /// over it, for every record that changed since, what the journal says stood there before.
    ///
    /// Costs the journal lines since that moment, however many records there are.
    ///
    /// - Throws: `past-before-import` (6) where a bulk load came later: what it replaced is in no
    ///   journal line.
    package func past(of view: View, at time: Timestamp) throws(ShopError) -> View {
        // What a group holds is not in the journal yet.
        try settle()
        var past = Overlay()
        try history(of: view.generation) { (entry) throws(ShopError) in
            guard let at = Timestamp(rfc3339: entry.at), at > time else { return false }
            guard !entry.isLoad else { throw .pastBeforeImport(time, entry) }
            // Newest first: what is met later stood there earlier.
            try entry.eachChange { change in past.set(change.key, change.was, tx: 0) }
            return true
        }
        return OverlaidView(view.generation, past)
    }
}

extension Store {
    /// The keys of the records that changed after `from`, up to `to`, in key order.
    ///
    /// - Throws: `past-before-import` (6) where a bulk load came after `from`.
    package func changedKeys(
        of view: View, after from: Timestamp, upTo to: Timestamp?
    ) throws(ShopError) -> [RecordKey] {
        try settle()
        var keys: Set<RecordKey> = []
        try history(of: view.generation) { (entry) throws(ShopError) in
            guard let at = Timestamp(rfc3339: entry.at), at > from else { return false }
            guard !entry.isLoad else { throw .pastBeforeImport(from, entry) }
            if to.map({ at <= $0 }) ?? true {
                for key in entry.keys { keys.insert(RecordKey(escaped: Array(key.utf8))) }
            }
            return true
        }
        return keys.sorted()
    }
}

extension Store {
    /// The keys of the records that changed after a transaction, as far as a view shows it.
    ///
    /// - Returns: nil where a bulk load came after it, which names no records.
    package func changedKeys(
        of view: View, after tx: Int
    ) throws(ShopError) -> Set<RecordKey>? {
        var keys: Set<RecordKey> = []
        var isLoaded = false
        try history(of: view.generation) { entry in
            guard entry.tx > tx, !isLoaded else { return false }
            isLoaded = entry.isLoad
            for key in entry.keys { keys.insert(RecordKey(escaped: Array(key.utf8))) }
            return true
        }
        return isLoaded ? nil : keys
    }
}

extension HistoryEntry {
    /// What a transaction did to one record.
    package struct Change: Sendable {
        /// `stock/mug-1`.
        package var key: [UInt8]
        /// The record as JSON; nil where it was removed.
        package var now: [UInt8]?
        /// nil where there was none.
        package var was: [UInt8]?
    }

    /// Shows the changes in key order.
    ///
    /// - Throws: `journal-corrupt` (65).
    package func eachChange(
        _ visit: (Change) throws(ShopError) -> Void
    ) throws(ShopError) {
        for change in try read() { try visit(change) }
    }

    private func read() throws(ShopError) -> [Change] {
        guard !changes.isEmpty else { return [] }
        do throws(JSONError) {
            return try JSONReader.parse(changes) { (reader) throws(JSONError) in
                var all: [Change] = []
                try reader.beginArray()
                while try reader.nextElement() { all.append(try Change(from: &reader)) }
                return all
            }
        } catch {
            throw .journalCorrupt("transaction \(tx)", 0)
        }
    }
}

extension HistoryEntry.Change {
    fileprivate init(from reader: inout JSONReader) throws(JSONError) {
        self.init(key: [], now: nil, was: nil)
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "key": key = try reader.stringBytes()
            case "now": now = try Self.record(from: &reader)
            case "was": was = try Self.record(from: &reader)
            default: try reader.skip()
            }
        }
    }

    private static func record(from reader: inout JSONReader) throws(JSONError) -> [UInt8]? {
        guard try reader.peek() != .null else {
            try reader.skip()
            return nil
        }
        return try reader.rawValue()
    }
}

extension ShopError {
    fileprivate static func pastBeforeImport(
        _ time: Timestamp, _ entry: HistoryEntry
    ) -> ShopError {
        ShopError(
            .refused, "past-before-import",
            "the shop cannot be shown as of \(time.rfc3339): an import came later, at \(entry.at)",
            why: "a bulk import replaces records without a journal line for each",
            try: ["--as-of \(entry.at)"])
    }
}
