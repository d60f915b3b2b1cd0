package import Primitives
import Storage

/// What `audit verify` has proven of the journal.
package struct AuditProof: Sendable {
    /// Journal files read.
    package let files: Int64
    /// Transactions whose line is whole and in its place.
    package let transactions: Int64
    /// The last of them: its number, time, file and line.
    package let last: Int64
    package let at: Timestamp?
    package let file: String
    package let line: Int64
    /// Closed days whose seal the journal agrees with.
    package let seals: Int64
    /// What was taken out of the journal, oldest first.
    package let purges: [PurgeRecord]
    package let findings: [Diagnosis]
}

/// Proves that the journal is whole: nothing changed, moved, repeated or taken out.
///
/// Like `Doctor` no use case of `Shop`: it must work where no command can read the shop any more,
/// and needs what the files themselves ask for.
package struct Auditor {
    private let store: Store
    private let clock: Clock
    private let random: RandomBytes

    /// - Parameter patience: how long to wait for another writer, in milliseconds.
    package init(
        _ path: String, patience: Int = 5_000, clock: Clock, random: RandomBytes
    ) {
        self.clock = clock
        self.random = random
        store = Shop.store(at: path, patience: patience)
    }

    /// - Throws: `no-shop`, `not-a-shop` (78), and why the list of files cannot be read.
    package func prove() throws(ShopError) -> AuditProof {
        switch try store.kind() {
        case .absent: throw .noShop(store.path)
        case .foreign: throw .notAShop(store.path)
        case .shop: break
        }
        var seals: [JournalSeal] = []
        var purges: [PurgeRecord] = []
        var failure: ShopError?
        do throws(ShopError) {
            let request = Shop.Request(command: "audit verify")
            let shop = try Shop(store, clock: clock, random: random, request: request)
            (seals, purges) = try shop.sealsAndPurges()
        } catch {
            failure = error
        }
        let proof = try store.proveJournal(seals, purge: purges.last?.seal)
        var findings = proof.findings
        // Most often it is the journal that keeps the shop from being read, and that is named.
        if let failure, findings.isEmpty {
            findings = [Finding(failure, in: failure.location ?? "shop.json")]
        }
        return AuditProof(
            files: Int64(proof.files), transactions: Int64(proof.transactions),
            last: Int64(proof.last.tx), at: Timestamp(rfc3339: proof.lastAt),
            file: proof.last.file, line: Int64(proof.last.line),
            seals: Int64(proof.seals), purges: purges, findings: findings.map(Diagnosis.init))
    }
}
