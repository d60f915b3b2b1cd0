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
    package let findings: [Diagnosis]
}

/// Proves that the journal is whole: nothing changed, moved, repeated or taken out.
///
/// Like `Doctor` no use case of `Shop`: it must work where no command can read the shop any more,
/// and needs what the files themselves ask for.
package struct Auditor {
    private let store: Store

    /// - Parameter patience: how long to wait for another writer, in milliseconds.
    package init(_ path: String, patience: Int = 5_000) {
        store = Shop.store(at: path, patience: patience)
    }

    /// - Throws: `no-shop`, `not-a-shop` (78), and why the list of files cannot be read.
    package func prove() throws(ShopError) -> AuditProof {
        switch try store.kind() {
        case .absent: throw .noShop(store.path)
        case .foreign: throw .notAShop(store.path)
        case .shop: break
        }
        let proof = try store.proveJournal()
        return AuditProof(
            files: Int64(proof.files), transactions: Int64(proof.transactions),
            last: Int64(proof.last.tx), at: Timestamp(rfc3339: proof.lastAt),
            file: proof.last.file, line: Int64(proof.last.line),
            findings: proof.findings.map(Diagnosis.init))
    }
}
