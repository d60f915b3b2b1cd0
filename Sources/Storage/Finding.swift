package import Primitives

/// Something that is not as it should be in a data directory, and what mends it.
package struct Finding: Sendable, Equatable {
    /// Stable kebab-case name of the kind, `torn-tail`; an invariant's number, `I2`.
    package let code: String
    /// Path of the file, relative to the data directory where it is inside.
    package let file: String
    /// The record, line or byte the finding is about.
    package let record: String?
    package let message: String
    package let mend: Mend

    /// What makes it right again.
    package enum Mend: Sendable, Equatable {
        /// `doctor --fix` does it, and nothing that anybody was told is stored can be lost.
        case repair(Repair)
        /// A command, or what else the operator does.
        case advice(String)
    }

    package enum Repair: Sendable, Equatable {
        /// The permission bits that the file should have.
        case mode(String, UInt32)
        /// MANIFEST.json is gone; the manifest of that path is the published one.
        case republish(String)
        /// A file that nothing names goes into quarantine.
        case setAside(String)
        /// Bytes behind the last transaction that nobody acknowledged.
        case cutTail
        /// A run or segment is written anew from the journal.
        case rebuild(String)
        /// An index is emptied, to be worked out again.
        case empty(String)
        /// Indexes, day totals and counters are worked out again from the records.
        case reindex
        /// Sessions and codes that expired long ago are removed.
        case dropExpired
    }

    package init(
        _ code: String, in file: String, at record: String? = nil, _ message: String, _ mend: Mend
    ) {
        self.code = code
        self.file = file
        self.record = record
        self.message = message
        self.mend = mend
    }

    /// What an error says, as a finding.
    package init(_ error: ShopError, in file: String, _ mend: Mend = .restoreBackup) {
        self.init(error.code, in: file, error.message, mend)
    }

    /// The repair that `--fix` would make.
    package var repair: Repair? {
        guard case .repair(let repair) = mend else { return nil }
        return repair
    }
}

extension Finding.Mend {
    package static var restoreBackup: Self { .advice("restore a backup of the data directory") }
}
