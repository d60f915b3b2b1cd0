import Formats
import Orders
package import Primitives
import Storage
package import Users

extension Shop {
    /// What became of somebody who was deleted.
    package struct Deletion: Sendable {
        package let email: EmailAddress
        /// What stands in records in the place of the address; nil where it still does.
        package var pseudonym: EmailAddress?
        /// How many records named the person and do no more.
        package var records: Int64 = 0
    }

    /// Takes an account away, with its sessions, tokens and codes. What the person did stays, under
    /// their address.
    ///
    /// - Throws: `user-not-found` (3), `last-owner` (6), `no-permission` (77).
    package func deleteUser(_ email: EmailAddress) throws(ShopError) -> Deletion {
        try changeFreely { (work) throws(ShopError) in
            let user = try managedUser(email, by: work.access, in: work.transaction)
            if user.role == .owner { try requireOtherOwner(than: user, in: work.transaction) }

            // After this point the account must go.
            try remove(user, in: work.transaction)
            work.transaction.ids = [user.email.text]
            return Deletion(email: user.email)
        }
    }

    /// Takes a person out of the records: the account, if there is one, and the address wherever it
    /// stands; a pseudonym takes its place. What was sold, paid and moved, when, and for how much,
    /// stays as it is.
    ///
    /// Looks through every record, before the lock is taken; under it only through those that
    /// changed meanwhile.
    ///
    /// - Throws: `user-not-found` (3) where there is neither account nor record,
    ///   `has-open-orders` (5), `last-owner` (6), `no-permission` (77).
    package func erasePerson(_ email: EmailAddress) throws(ShopError) -> Deletion {
        let redaction = Redaction(of: email, as: Redaction.pseudonym(random))
        try store.settle()
        let seen = try store.read { (view) throws(ShopError) in
            let access = try access(in: view)
            guard access.user != nil else { throw .notSignedIn }
            try access.require(.manageUsers)
            return (tx: view.transaction, keys: try keys(naming: redaction, in: view))
        }
        return try changeFreely { (work) throws(ShopError) in
            guard work.access.user != nil else { throw .notSignedIn }
            try work.access.require(.manageUsers)
            let user = try work.transaction.find(User.self, Records.user(email))
            if let user {
                try work.access.requireManaging(user.role)
                if user.role == .owner { try requireOtherOwner(than: user, in: work.transaction) }
            }
            let changed = try store.changedKeys(of: work.transaction, after: seen.tx)
            var keys = seen.keys
            if let changed {
                keys.formUnion(changed)
            } else {
                // An import of many rows names no record that it changed.
                keys = try self.keys(naming: redaction, in: work.transaction)
            }
            let found = try records(naming: redaction, among: keys, in: work.transaction)
            guard user != nil || !found.isEmpty else { throw .noUser(email) }

            // After this point the person must be gone.
            if let user { try remove(user, in: work.transaction) }
            removeTraces(of: email, in: work.transaction)
            for (key, record) in found {
                let redacted = try redaction.redacted(key, record)
                // In this order: what is replayed later comes last.
                if redacted.key != key { work.transaction.remove(key) }
                work.transaction.set(redacted.key, redacted.record)
            }
            work.transaction.ids = [email.text, redaction.pseudonym.text]
            return Deletion(
                email: email, pseudonym: redaction.pseudonym, records: Int64(found.count))
        }
    }

    /// Collections that are about accounts, whose records go and are not rewritten.
    private static let ofAccounts: Set<String> = [
        "users", "sessions", "signin-failures", "denials", "codes",
    ]

    /// The keys of records that name a person, but for those that go with the account.
    private func keys(
        naming redaction: Redaction, in view: View
    ) throws(ShopError) -> Set<RecordKey> {
        var keys: Set<RecordKey> = []
        for collection in Records.layout.collections
        where !Self.ofAccounts.contains(collection.name) {
            let prefix = Array("\(collection.name)/".utf8)
            try view.scan(KeyRange(collection: collection.name)) { scanned in
                if redaction.concerns(scanned.key) || redaction.concerns(scanned.record) {
                    keys.insert(RecordKey(escaped: prefix + Array(scanned.key)))
                }
                return true
            }
        }
        return keys
    }

    /// The records under some keys that name a person, in key order.
    ///
    /// - Throws: `has-open-orders` (5).
    private func records(
        naming redaction: Redaction, among keys: Set<RecordKey>, in view: View
    ) throws(ShopError) -> [(key: RecordKey, record: [UInt8])] {
        var found: [(key: RecordKey, record: [UInt8])] = []
        var open: [OrderNumber] = []
        for key in keys.sorted() where !Self.ofAccounts.contains(key.collection) {
            guard let record = try view.record(key),
                [key.bytes, record].contains(where: { $0.withUnsafeBytes(redaction.concerns) })
            else { continue }
            if key.collection == "orders", let order = try view.find(Order.self, key) {
                let isOpen = order.status == .draft || order.status == .placed
                if isOpen, order.customer == redaction.email { open.append(order.number) }
            }
            found.append((key, record))
        }
        guard open.isEmpty else { throw .hasOpenOrders(redaction.email, open) }
        return found
    }

    private func remove(_ user: User, in transaction: Transaction) throws(ShopError) {
        var counters = try transaction.counters()
        counters.users -= 1
        if user.role == .owner { counters.owners -= 1 }
        try endSessions(of: user.email, but: nil, in: transaction)
        removeTraces(of: user.email, in: transaction)
        transaction.remove(Records.user(user.email))
        transaction.put(counters)
    }

    /// What is kept by address, be there an account or not.
    func removeTraces(of email: EmailAddress, in transaction: Transaction) {
        transaction.remove(Records.failures(email))
        transaction.remove(Records.denials(email))
        for purpose in OneTimeCode.Purpose.allCases {
            transaction.remove(Records.code(email, purpose))
        }
    }
}

extension ShopError {
    static func hasOpenOrders(_ email: EmailAddress, _ orders: [OrderNumber]) -> ShopError {
        let names = orders.prefix(3).map(\.description).joined(separator: ", ")
        let more = orders.count > 3 ? " and \(orders.count - 3) more" : ""
        return ShopError(
            .conflict, "has-open-orders", "\(email) has open orders: \(names)\(more)",
            at: email.text, why: "they cannot be carried out for somebody unknown",
            try: orders.prefix(1).flatMap {
                ["shopctl order show \($0)", "shopctl order cancel \($0)"]
            })
    }
}
