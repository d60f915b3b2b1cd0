package import Primitives

/// What dry runs would have changed, for those after them to see. Nothing of it is ever stored.
package final class Rehearsal {
    fileprivate(set) var changes = Overlay()

    package init() {}
}

extension Store {
    /// Runs `body` as a transaction would, over the newest durable state, and forgets what it
    /// did. Takes no lock and writes nothing.
    ///
    /// - Parameter isKept: while there is a `rehearsal`, those after this one see what it did.
    /// - Returns: also the records that would have changed.
    package func rehearse<R>(
        at time: Timestamp, isKept: Bool = true, _ body: (Transaction) throws(ShopError) -> R
    ) throws(ShopError) -> (result: R, changes: [HistoryEntry.Change]) {
        let generation = lockDepth > 0 ? try current() : try refreshForReading()
        let last = Timestamp(rfc3339: generation.tail.at) ?? time
        let transaction = Transaction(
            generation, time: max(time, last), over: rehearsal?.changes)
        let result = try body(transaction)
        let changes = try transaction.changes()
        if isKept, let rehearsal {
            for change in changes { rehearsal.changes.set(change.key, change.now, tx: 0) }
        }
        return (
            result,
            changes.map { HistoryEntry.Change(key: $0.key, now: $0.now, was: $0.was) }
        )
    }
}
