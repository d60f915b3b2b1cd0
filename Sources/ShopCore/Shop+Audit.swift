package import Primitives
import Storage
import Users

/// One transaction with the records that it changed, before and after.
package struct AuditDetail: Sendable {
    package let entry: AuditEntry
    /// Those of the records that somebody looks at; indexes and totals follow from them.
    package let differences: [RecordDifference]
}

extension Shop {
    /// Transactions whole, in the order asked for.
    ///
    /// - Throws: `transaction-not-found` (3), `no-permission` (77).
    package func auditDetails(_ numbers: [Int64]) throws(ShopError) -> [AuditDetail] {
        try read(.readAudit) { (_, _) throws(ShopError) in
            var found: [Int64: AuditDetail] = [:]
            let (first, last) = (numbers.min() ?? 0, numbers.max() ?? 0)
            try store.history(upTo: Int(last)) { (line) throws(ShopError) in
                guard line.tx >= first else { return false }
                let entry = AuditEntry(line)
                let isSeen = request.asOf.map { entry.at <= $0 } ?? true
                guard isSeen, numbers.contains(entry.number) else { return true }
                var differences: [RecordDifference] = []
                try line.eachChange { (change) throws(ShopError) in
                    let key = RecordKey(escaped: change.key)
                    if let one = try Self.difference(key, change.was, change.now) {
                        differences.append(one)
                    }
                }
                found[entry.number] = AuditDetail(entry: entry, differences: differences)
                return true
            }
            var details: [AuditDetail] = []
            for number in numbers {
                guard let detail = found[number] else { throw .noTransaction(number) }
                details.append(detail)
            }
            return details
        }
    }
}

extension ShopError {
    static func noTransaction(_ number: Int64) -> ShopError {
        ShopError(
            .notFound, "transaction-not-found", "no transaction \(number)", at: String(number),
            try: ["shopctl audit list --limit 10"])
    }
}
