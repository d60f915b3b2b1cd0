package import Primitives
import Storage

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

    /// One transaction, without its commit.
    func rehearse<Result>(
        _ run: (Transaction) throws(ShopError) -> Result
    ) throws(ShopError) -> Result {
        let (result, changes) = try store.rehearse(
            at: clock.now(), isKept: !isRehearsing, run)
        for change in changes {
            let key = RecordKey(escaped: change.key)
            if let one = try Self.difference(key, change.was, change.now) { rehearsed.append(one) }
        }
        return result
    }
}
