package import Primitives

/// One use case's changes over the newest state, all of which happen or none.
///
/// Sees its own writes. Nothing touches a file before the closure that was given it returns.
package final class Transaction: View {
    private var pending = Overlay()
    /// Records that were looked up, as they stood before.
    private var seen = Overlay()
    /// Bulk loads look at every key once: remembering those would be memory for nothing.
    private static let mostSeen = 4_096
    /// The ids the audit trail names for this transaction, `ORD-1001`.
    package var ids: [String] = []
    /// Who does it, where the stamp does not know yet: an e-mail address, or a word in brackets.
    package var by: String?
    /// The commit's time: now, or that of the last transaction where the clock went back.
    package let time: Timestamp

    /// What dry runs before this one would have changed.
    private let earlier: Overlay?

    init(_ generation: Generation, time: Timestamp, over earlier: Overlay? = nil) {
        self.time = time
        self.earlier = earlier
        super.init(generation)
    }

    /// Puts `body`, one JSON object without a member `key`, in the place of `key`'s record.
    package func set(_ key: RecordKey, _ body: [UInt8]) {
        pending.set(key.bytes, body, tx: 0)
    }

    /// The same for a record that cannot be there yet, because its number was just given: what
    /// stood there before need not be looked for.
    package func insert(_ key: RecordKey, _ body: [UInt8]) {
        pending.set(key.bytes, body, tx: Self.inserted)
    }

    /// Marks a change as the first of its key.
    private static let inserted = -1

    package func remove(_ key: RecordKey) {
        pending.set(key.bytes, nil, tx: 0)
    }

    /// The changes with what stood there before; a record that did not change is left out.
    func changes() throws(ShopError) -> [JournalLine.Change] {
        var changes: [JournalLine.Change] = []
        for entry in pending.liveInOrder {
            let key = pending.key(of: entry)
            let now = pending.value(of: entry)
            if entry.tx == Self.inserted {
                changes.append(JournalLine.Change(key: key, now: now, was: nil))
                continue
            }
            let was = try key.withBytes { (bytes) throws(ShopError) in try stored(bytes) }
            if now != was { changes.append(JournalLine.Change(key: key, now: now, was: was)) }
        }
        return changes
    }

    override func lookUp(_ key: UnsafeRawBufferPointer) throws(ShopError) -> [UInt8]? {
        if let entry = pending.find(key) { return pending.value(of: entry) }
        return try stored(key)
    }

    /// What stood under `key` before this transaction. A use case asks for the same few records
    /// several times, and the journal line once more.
    private func stored(_ key: UnsafeRawBufferPointer) throws(ShopError) -> [UInt8]? {
        if let entry = seen.find(key) { return seen.value(of: entry) }
        if let earlier, let entry = earlier.find(key) { return earlier.value(of: entry) }
        let record = try super.lookUp(key)
        if seen.count < Self.mostSeen { seen.set(Array(key), record, tx: 0) }
        return record
    }

    override func overlays(_ range: KeyRange, _ direction: ScanDirection) -> [Cursor] {
        let own = [pending] + (earlier.map { [$0] } ?? [])
        return own.map { OverlayCursor($0, $0.sorted(in: range)[...], direction) }
            + super.overlays(range, direction)
    }
}
