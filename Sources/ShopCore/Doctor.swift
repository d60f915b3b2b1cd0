package import Primitives
import Storage
import Users

/// Something that is not as it should be, and what mends it.
package struct Diagnosis: Sendable, Equatable {
    let finding: Finding

    /// Stable kebab-case name of the kind; an invariant's number, `I2`.
    package var code: String { finding.code }
    /// Path relative to the data directory: of a file, or `catalog/stock` for the files that keep a
    /// collection.
    package var file: String { finding.file }
    /// The record, line or byte in it.
    package var record: String? { finding.record }
    package var message: String { finding.message }
    package var isMendable: Bool { finding.repair != nil }
    /// The command that mends it, or what else to do.
    package var mend: String {
        switch finding.mend {
        case .repair: "shopctl doctor --fix"
        case .advice(let text): text
        }
    }
}

/// Checks a data directory from its files to its invariants, and mends what is provably safe.
///
/// Works on directories that no command can open any more, so it is no use case of `Shop` and
/// asks nobody to sign in: it needs what the files themselves ask for.
package struct Doctor {
    private let store: Store
    private let clock: Clock
    private let random: RandomBytes
    /// Sessions and codes that expired longer ago than this many seconds are only in the way.
    private static let staleSeconds: Int64 = 30 * 86_400
    /// Who was erased longer ago than this is to be out of the journal too: half of the month that
    /// the law leaves.
    private static let purgeSeconds: Int64 = 14 * 86_400

    /// - Parameter patience: how long to wait for another writer, in milliseconds.
    package init(
        _ path: String, patience: Int = 5_000, clock: Clock, random: RandomBytes
    ) {
        store = Shop.store(at: path, patience: patience)
        self.clock = clock
        self.random = random
    }

    /// - Throws: `no-shop`, `not-a-shop` (78).
    package func examine() throws(ShopError) -> [Diagnosis] {
        try findings().map(Diagnosis.init)
    }

    private func findings() throws(ShopError) -> [Finding] {
        switch try store.kind() {
        case .absent: throw .noShop(store.path)
        case .foreign where !(try store.isDamagedShop()): throw .notAShop(store.path)
        case .foreign, .shop: break
        }
        var findings = try store.examine(
            at: clock.now(), keysLive: keySeconds, seals: seals)
        // Without a manifest there are no records to look at.
        let unreadable = findings.contains {
            $0.file == "MANIFEST.json" && $0.code != "open-to-others"
        }
        guard !unreadable else { return findings }
        do throws(ShopError) {
            let shop = try openShop()
            findings += try shop.violations().map(Finding.init)
            findings += try shop.expired(before: staleTime)
            if let due = try shop.duePurge(before: purgeTime) { findings.append(due) }
        } catch {
            // Where a file cannot be read, what it holds cannot be checked: the file is named.
            let known = findings.contains { $0.code == error.code }
            if !known { findings.append(Finding(error, in: error.location ?? "shop.json")) }
        }
        return findings
    }

    /// Makes the repairs of what was found, and goes on with those that come to light by them.
    ///
    /// - Returns: what was mended, and what is left.
    package func mend(
        _ diagnoses: [Diagnosis]
    ) throws(ShopError) -> (mended: [Diagnosis], left: [Diagnosis]) {
        var mended: [Finding] = []
        var left = diagnoses.map(\.finding)
        // A file that was rebuilt shows what was behind it; each repair is tried once.
        for _ in 0..<4 {
            let due = left.filter { $0.repair != nil && !mended.contains($0) }
            guard !due.isEmpty else { break }
            var made: [Finding.Repair] = []
            for finding in due {
                guard let repair = finding.repair else { continue }
                if !made.contains(repair) { try make(repair) }
                made.append(repair)
                mended.append(finding)
            }
            left = try findings()
        }
        return (mended.map(Diagnosis.init), left.map(Diagnosis.init))
    }

    private func make(_ repair: Finding.Repair) throws(ShopError) {
        switch repair {
        case .reindex: try openShop().reindex()
        case .dropExpired: try openShop().dropExpired(before: staleTime)
        default: try store.mend(repair)
        }
    }

    /// How long an idempotency key stands for one request.
    private var keySeconds: Int64 {
        (try? openShop().settings.idempotencySeconds) ?? 30 * 86_400
    }

    /// The seals of closed days; none where they cannot be read, which is found elsewhere.
    private var seals: [JournalSeal] { (try? openShop().sealsAndPurges().0) ?? [] }

    private var staleTime: Timestamp { clock.now().adding(seconds: -Self.staleSeconds) }
    private var purgeTime: Timestamp { clock.now().adding(seconds: -Self.purgeSeconds) }

    private func openShop() throws(ShopError) -> Shop {
        try Shop(
            store, clock: clock, random: random, request: Shop.Request(command: "doctor --fix"))
    }
}

extension Shop {
    fileprivate func duePurge(before time: Timestamp) throws(ShopError) -> Finding? {
        let due = try store.read { (view) throws(ShopError) in
            try erasures(in: view, before: time)
        }
        guard let first = due.first else { return nil }
        let count = Set(due.map(\.pseudonym)).count
        return Finding(
            "purge-due", in: "journal", at: first.pseudonym.text,
            "\(count == 1 ? "somebody" : "\(count) people") erased more than 14 days ago "
                + "\(count == 1 ? "is" : "are") still in the journal",
            .advice("shopctl user purge"))
    }

    fileprivate func expired(before time: Timestamp) throws(ShopError) -> [Finding] {
        func finding(_ code: String, _ count: Int, _ noun: String) -> Finding? {
            guard count > 0 else { return nil }
            return Finding(
                code, in: "users", "\(count) \(noun) expired more than 30 days ago",
                .repair(.dropExpired))
        }
        return try store.read { (view) throws(ShopError) in
            let sessions = try expired(Session.self, "sessions", in: view) { $0.isOver(at: time) }
            let codes = try expired(OneTimeCode.self, "codes", in: view) { $0.isOver(at: time) }
            return [
                finding("stale-sessions", sessions.count, "sessions"),
                finding("stale-codes", codes.count, "codes"),
            ].compactMap { $0 }
        }
    }

    /// The keys of records that are of no use any more.
    private func expired<Record: StoredRecord>(
        _ type: Record.Type, _ collection: String, in view: View, _ isOver: (Record) -> Bool
    ) throws(ShopError) -> [RecordKey] {
        var keys: [RecordKey] = []
        try view.each(type, KeyRange(collection: collection)) { (record) in
            if isOver(record) { keys.append(record.recordKey) }
            return true
        }
        return keys
    }

    fileprivate func dropExpired(before time: Timestamp) throws(ShopError) {
        let stamp = Stamp(at: clock.now(), by: "[doctor]", command: request.command)
        try store.transact(stamp) { (transaction) throws(ShopError) in
            let over =
                try expired(Session.self, "sessions", in: transaction) { $0.isOver(at: time) }
                + expired(OneTimeCode.self, "codes", in: transaction) { $0.isOver(at: time) }
            for key in over { transaction.remove(key) }
        }
    }
}

extension Finding {
    fileprivate init(_ violation: Violation) {
        self.init(
            violation.invariant, in: violation.place, at: violation.record, violation.what,
            violation.isDerived ? .repair(.reindex) : .advice(violation.history))
    }
}

extension Violation {
    /// The command that shows who changed the record and what it was before.
    fileprivate var history: String {
        let key = record.split(separator: "/").first.map(String.init) ?? record
        let id =
            switch (invariant, place) {
            case ("record-damaged", "orders/orders"): "ORD-\(Int64(key) ?? 0)"
            case ("record-damaged", "payments/payments"): "PAY-\(Int64(key) ?? 0)"
            default: String(key.prefix { $0 != " " })
            }
        return "shopctl audit list --id \(id)"
    }
}
