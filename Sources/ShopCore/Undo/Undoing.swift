import Formats
import Primitives
import Storage

/// A transaction while it is being taken back: its changes, kind by kind, what was written to
/// compensate for them, and what stands in the way.
struct Undoing {
    let work: Shop.Work
    private let changes: [HistoryEntry.Change]
    private(set) var undone: Undone
    private(set) var problems: [ShopError] = []

    /// One record that the transaction changed.
    struct Change<Record: Sendable> {
        let key: RecordKey
        let versions: Versions<Record>
        /// The same as JSON.
        let raw: HistoryEntry.Change
    }

    init(_ line: HistoryEntry, in work: Shop.Work) throws(ShopError) {
        self.work = work
        undone = Undone(line)
        var changes: [HistoryEntry.Change] = []
        try line.eachChange { changes.append($0) }
        self.changes = changes
    }

    var number: Int64 { undone.number }
    /// What the entries give as their reason.
    var reason: String { "undoes transaction \(number)" }

    // MARK: - What it changed

    func changes<Record: JSONRecord & Sendable>(
        _ type: Record.Type, _ collection: String
    ) throws(ShopError) -> [Change<Record>] {
        var found: [Change<Record>] = []
        for change in raw(collection) {
            let key = RecordKey(escaped: change.key)
            do throws(JSONError) {
                let was = try change.was.map { (json) throws(JSONError) in try Record(json: json) }
                let now = try change.now.map { (json) throws(JSONError) in try Record(json: json) }
                found.append(Change(key: key, versions: Versions(was: was, now: now), raw: change))
            } catch {
                throw .recordDamaged(key.description, error)
            }
        }
        return found
    }

    func raw(_ collection: String) -> [HistoryEntry.Change] {
        let prefix = Array("\(collection)/".utf8)
        return changes.filter { $0.key.starts(with: prefix) }
    }

    /// Kinds of records that `Shop.undo` knows how to take back, or why not.
    static let kinds: Set<Substring> = [
        "balance-movements", "balances", "coupons", "locations", "movements", "orders", "payments",
        "products", "purges", "seals", "shipping-methods", "stock", "tax-rates", "users",
    ]

    /// What follows from those, and what is about who is signed in and the like: no part of an
    /// undo.
    static func isBookkeeping(_ collection: Substring) -> Bool {
        [
            "codes", "corrections", "counters", "coupon-uses", "customer-orders", "days", "denials",
            "idempotency", "key-ages", "order-payments", "pending-payments", "prices", "sessions",
            "signin-failures", "status-orders",
        ].contains(collection)
    }

    /// A kind that is neither: better refused than half undone.
    var unknownKind: Substring? {
        changes.map { String(decoding: $0.key, as: UTF8.self).prefix { $0 != "/" } }
            .first { !Self.kinds.contains($0) && !Self.isBookkeeping($0) }
    }

    // MARK: - What comes of it

    mutating func wrote(_ id: String, _ what: String) {
        undone.entries.append(Undone.Entry(id: id, what: what))
    }

    mutating func refuse(_ problem: ShopError) { problems.append(problem) }

    /// Goes on after what is refused, so that all of it is named.
    mutating func attempt(_ step: (inout Undoing) throws(ShopError) -> Void) {
        do throws(ShopError) {
            try step(&self)
        } catch {
            problems.append(error)
        }
    }
}

/// The members of a record that a transaction changed.
struct ChangedFields {
    private let was, now: [JSONValue.Member]
    let names: [String]

    /// - Parameter less: names of members that follow from others, which are left as they are.
    init(_ change: HistoryEntry.Change, less: Set<String> = []) throws(ShopError) {
        was = try Self.members(of: change.was, change.key)
        now = try Self.members(of: change.now, change.key)
        var names: [String] = []
        for name in (was + now).map(\.name)
        where !less.contains(name) && !names.contains(name) && was[name] != now[name] {
            names.append(name)
        }
        self.names = names
    }

    /// Those of these names that are no longer what the transaction made of them.
    func changedAgain(
        _ names: [String], in current: [UInt8], _ key: RecordKey
    ) throws(ShopError) -> [String] {
        let members = try Self.members(of: current, key.bytes)
        return names.filter { members[$0] != now[$0] }
    }

    /// The record with these members as they were before the transaction.
    func putBack<Record: JSONRecord>(
        _ names: [String], in current: [UInt8], _ key: RecordKey
    ) throws(ShopError) -> Record {
        var members = try Self.members(of: current, key.bytes)
        members.removeAll { names.contains($0.name) }
        members += was.filter { names.contains($0.name) }
        do throws(JSONError) {
            return try Record(json: JSONValue.object(members).json)
        } catch {
            throw .recordDamaged(key.description, error)
        }
    }

    private static func members(
        of json: [UInt8]?, _ key: [UInt8]
    ) throws(ShopError) -> [JSONValue.Member] {
        guard let json else { return [] }
        do throws(JSONError) {
            guard case .object(let members) = try JSONValue(parsing: json) else { return [] }
            return members
        } catch {
            throw .recordDamaged(String(decoding: key, as: UTF8.self), error)
        }
    }
}

extension [JSONValue.Member] {
    fileprivate subscript(name: String) -> JSONValue? { last { $0.name == name }?.value }
}
