import Formats
package import Primitives
import Storage
import Users

/// Taking back what a transaction did, by entries that compensate for it (docs/explaining.md).
extension Shop {
    /// Takes a transaction back, all of it or nothing.
    ///
    /// - Parameter number: nil for the last one of the person who asks that is neither an undo nor
    ///   undone.
    /// - Throws: `transaction-not-found`, `nothing-to-undo` (3), `undone-already`,
    ///   `undo-changed-since` (5), `not-undoable` (6), `no-permission` (77), and what the
    ///   compensation is refused for.
    package func undo(_ number: Int64?) throws(ShopError) -> Undone {
        // The journal is read before the lock is taken: the transaction may be an old one.
        let target = try undoTarget(number)
        return try change(.undo) { (work) throws(ShopError) in
            guard let target else { throw number.map(ShopError.noTransaction) ?? .nothingToUndo }
            let line = target.line
            if line.by != work.by { try work.access.require(.readAudit) }
            let later = try undo(of: line.tx, after: target.newest)
            if let by = later ?? target.undoneBy { throw .undoneAlready(line.tx, by) }
            guard !line.isLoad else { throw .importNotUndoable(line) }
            var undoing = try Undoing(line, in: work)
            work.transaction.ids = [HistoryEntry.id(undoing: undoing.number)]
            undoing.attempt { (undoing) throws(ShopError) in try undoMoney(&undoing) }
            undoing.attempt { (undoing) throws(ShopError) in try undoOrders(&undoing) }
            undoing.attempt { (undoing) throws(ShopError) in try undoStock(&undoing) }
            undoing.attempt { (undoing) throws(ShopError) in try undoCatalog(&undoing) }
            undoing.attempt { (undoing) throws(ShopError) in try undoPrices(&undoing) }
            undoing.attempt { (undoing) throws(ShopError) in try undoUsers(&undoing) }
            undoing.attempt { (undoing) throws(ShopError) in try refuseTheRest(of: &undoing) }
            if let error = ShopError.combining(undoing.problems) { throw error }
            var seen: Set<String> = []
            work.transaction.ids.removeAll { !seen.insert($0).inserted }
            return undoing.undone
        }
    }

    private func refuseTheRest(of undoing: inout Undoing) throws(ShopError) {
        if !undoing.raw("purges").isEmpty {
            throw .notUndoable("purge", "what a purge took out is nowhere any more")
        }
        if let seal = undoing.raw("seals").first {
            let day = String(decoding: seal.key.dropFirst("seals/".count), as: UTF8.self)
            throw .notUndoable(
                day, "\(day) is sealed: a seal that could be broken would be none",
                try: ["shopctl day show \(day)"])
        }
        if let kind = undoing.unknownKind {
            throw .notUndoable(String(kind), "records of \(kind) are not taken back")
        }
        guard undoing.problems.isEmpty, undoing.undone.entries.isEmpty else { return }
        throw .notUndoable(
            "transaction \(undoing.number)", "nothing of it can be taken back",
            try: ["shopctl audit show \(undoing.number)"])
    }

    // MARK: - Which transaction

    private struct UndoTarget {
        let line: HistoryEntry
        /// The transaction by which it is undone.
        let undoneBy: Int?
        /// The newest transaction that was looked at.
        let newest: Int
    }

    /// An undo that is undone itself counts for nothing; what undoes it comes later, and so is seen
    /// first.
    private func undoTarget(_ number: Int64?) throws(ShopError) -> UndoTarget? {
        let name = try read(.undo) { (_, access) in access.name }
        var undone: [Int: Int] = [:]
        var newest = 0
        var target: UndoTarget?
        try store.history { (line) throws(ShopError) in
            newest = max(newest, line.tx)
            let by = undone[line.tx]
            if by == nil, let earlier = line.undoes { undone[Int(earlier)] = line.tx }
            let isMeant =
                number.map { $0 == line.tx }
                ?? (line.by == name && by == nil && line.undoes == nil && !line.isBookkeeping)
            if isMeant { target = UndoTarget(line: line, undoneBy: by, newest: newest) }
            return !isMeant && line.tx > number ?? 0
        }
        return target
    }

    /// The transaction by which another one has been undone since `last`.
    private func undo(of number: Int, after last: Int) throws(ShopError) -> Int? {
        var undone: [Int: Int] = [:]
        try store.history { (line) throws(ShopError) in
            guard line.tx > last else { return false }
            if undone[line.tx] == nil, let earlier = line.undoes { undone[Int(earlier)] = line.tx }
            return true
        }
        return undone[number]
    }

    /// The first transaction after `number` that changed these members of a record, or any where
    /// none are named; nil where it was an import, which has no line for each record.
    func nextChange(
        of key: RecordKey, _ names: [String] = [], after number: Int64
    ) throws(ShopError) -> Int64? {
        var first: Int64?
        try store.history { (line) throws(ShopError) in
            guard line.tx > number else { return false }
            guard line.keys.contains(key.description) else { return true }
            try line.eachChange { (change) throws(ShopError) in
                guard change.key == key.bytes else { return }
                let changed = try ChangedFields(change).names
                if names.isEmpty || names.contains(where: changed.contains) {
                    first = Int64(line.tx)
                }
            }
            return true
        }
        return first
    }

    /// The current record with these members as they were before the transaction.
    ///
    /// - Throws: `undo-changed-since` (5) where one of them is not what the transaction made of it.
    func putBack<Record: JSONRecord>(
        _ names: [String], of fields: ChangedFields, _ key: RecordKey, _ id: String,
        _ undoing: Undoing
    ) throws(ShopError) -> Record {
        let current = try undoing.work.transaction.record(key)
        let again = try current.map { (json) throws(ShopError) in
            try fields.changedAgain(names, in: json, key)
        }
        guard let current, let again, again.isEmpty else {
            throw .changedSince(
                id, again ?? [], by: try nextChange(of: key, again ?? [], after: undoing.number))
        }
        return try fields.putBack(names, in: current, key)
    }

    /// Puts a record back as it was before the transaction, or takes it away where there was none.
    func putBackWhole(
        _ change: HistoryEntry.Change, _ id: String, _ undoing: inout Undoing
    ) throws(ShopError) {
        let (key, transaction) = (RecordKey(escaped: change.key), undoing.work.transaction)
        guard try transaction.record(key) == change.now else {
            throw .changedSince(id, [], by: try nextChange(of: key, after: undoing.number))
        }
        if let was = change.was { transaction.set(key, was) } else { transaction.remove(key) }
        transaction.ids.append(id)
        undoing.wrote(id, change.was == nil ? "removed" : "put back as it was")
    }
}

// MARK: - Errors

extension ShopError {
    static var nothingToUndo: ShopError {
        ShopError(
            .notFound, "nothing-to-undo", "nothing that you did is left to undo",
            why: "without a number it is your own last transaction",
            try: ["shopctl audit list --limit 10", "shopctl undo NO"])
    }

    static func undoneAlready(_ number: Int, _ by: Int) -> ShopError {
        ShopError(
            .conflict, "undone-already", "transaction \(number) is undone: by transaction \(by)",
            at: String(number), try: ["shopctl undo \(by)"])
    }

    static func changedSince(_ id: String, _ names: [String], by later: Int64?) -> ShopError {
        let fields = names.isEmpty ? "" : " in \(names.joined(separator: ", "))"
        return ShopError(
            .conflict, "undo-changed-since",
            "\(id) was changed again\(fields), by "
                + (later.map { "transaction \($0)" } ?? "an import"),
            at: id, why: "to undo must not take back what came later",
            try: later.map { ["shopctl audit show \($0)", "shopctl undo \($0)"] } ?? [])
    }

    static func notUndoable(
        _ id: String, _ fact: String, try suggestions: [String] = []
    ) -> ShopError {
        ShopError(.refused, "not-undoable", fact, at: id, try: suggestions)
    }

    static func importNotUndoable(_ line: HistoryEntry) -> ShopError {
        .notUndoable(
            "transaction \(line.tx)",
            "an import is not taken back: what it replaced is not in the journal",
            try: ["an import of what was exported before", "a backup from before"])
    }
}
