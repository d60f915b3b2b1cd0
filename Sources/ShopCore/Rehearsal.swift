import Orders
package import Primitives
import Storage
import Users

/// Dry runs: all checks and changes of a command, and nothing stored.
extension Shop {
    /// Does what `body` does as a dry run that nobody asked for: to see whether it would work. It
    /// shows nobody a difference, and what somebody is denied in it is not put on record.
    package func rehearsing<R>(_ body: () throws(ShopError) -> R) throws(ShopError) -> R {
        let (asked, wasRehearsing, shown) = (request, isRehearsing, rehearsed)
        request.isDryRun = true
        isRehearsing = true
        defer { (request, isRehearsing, rehearsed) = (asked, wasRehearsing, shown) }
        return try body()
    }

    /// What the dry runs since this was asked last would have changed: the records that somebody
    /// looks at, transaction by transaction, as `auditDetails` shows them.
    package func takeRehearsed() -> [RecordDifference] {
        defer { rehearsed = [] }
        return rehearsed
    }

    /// Lets dry runs in `body` see what those before them would have changed.
    package func rehearsingInTurn<R>(_ body: () throws(ShopError) -> R) throws(ShopError) -> R {
        store.rehearsal = Rehearsal()
        defer { store.rehearsal = nil }
        return try body()
    }

    /// One transaction, without its commit.
    func rehearse<Result>(
        _ run: (Transaction) throws(ShopError) -> Result
    ) throws(ShopError) -> Result {
        var access: Access?
        let (result, changes) = try store.rehearse(at: clock.now(), isKept: !isRehearsing) {
            (transaction) throws(ShopError) in
            // As it stands before: the first owner, for one, is somebody only after.
            access = try? self.access(in: transaction)
            return try run(transaction)
        }
        for change in changes {
            let key = RecordKey(escaped: change.key)
            guard let one = try Self.difference(key, change.was, change.now) else { continue }
            if let shown = one.shown(to: access) { rehearsed.append(shown) }
        }
        return result
    }
}

extension RecordDifference {
    /// The difference as far as who asks may look at such records by themselves; a customer who
    /// orders is not to learn how much there is.
    ///
    /// - Parameter access: nil where it is not known who asks.
    fileprivate func shown(to access: Access?) -> RecordDifference? {
        func visible(_ action: Action) -> RecordDifference? {
            access?.allows(action) ?? false ? self : nil
        }
        switch self {
        case .order(let versions):
            guard let access, let order = versions.now ?? versions.was, access.mayRead(order)
            else { return nil }
            return .order(
                Versions(was: versions.was.map(access.shown), now: versions.now.map(access.shown)))
        case .payment, .balance: return visible(.readPayments)
        case .product: return visible(.readProducts)
        case .stock, .location: return visible(.readStock)
        case .coupon, .shipping, .tax: return visible(.readPrices)
        // One's own, or that of somebody whom one manages.
        case .user: return self
        }
    }
}
