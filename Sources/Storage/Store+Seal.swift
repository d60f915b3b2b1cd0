import Formats
package import Primitives

/// What stands for the whole journal up to a transaction: SHA-256 over the seal before, as text,
/// and the lines of all transactions since, each with its newline.
package struct JournalSeal: Sendable, Equatable {
    /// What findings call it, `2026-11-23`.
    package let name: String
    /// The last transaction that it covers.
    package let tx: Int
    /// 64 digits.
    package let sha256: String

    package init(name: String, tx: Int, sha256: String) {
        self.name = name
        self.tx = tx
        self.sha256 = sha256
    }
}

/// The hash of a seal in the making.
struct SealHash {
    private var hash = SHA256()

    init(after previous: String?) {
        add(Array((previous ?? "").utf8))
    }

    private mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { hash.update($0) }
    }

    /// - Parameter line: without its newline.
    mutating func add(_ line: UnsafeRawBufferPointer) {
        hash.update(line)
        add([UInt8(ascii: "\n")])
    }

    var sha256: String { Hex.encode(hash.digest()) }
}

extension Store {
    /// Seals the journal as far as a view shows it.
    ///
    /// Goes on from the seal before: journal files that it covers whole are not read.
    package func seal(
        _ view: View, named name: String, after previous: JournalSeal?
    ) throws(ShopError) -> JournalSeal {
        let generation = view.generation
        let first = (previous?.tx ?? 0) + 1
        var hash = SealHash(after: previous?.sha256)
        var walk = JournalWalk(files, paths, generation.manifest)
        let journals = generation.manifest.journals
        for (index, journal) in journals.enumerated() {
            let next = index + 1 < journals.count ? journals[index + 1].first : Int.max
            guard next > first else { continue }
            let isOpen = index == journals.count - 1
            try walk.walk(journal, upTo: isOpen ? generation.tail.end : journal.acknowledged) {
                (tx, line) throws(ShopError) in
                if tx >= first { hash.add(line) }
            }
        }
        return JournalSeal(name: name, tx: view.transaction, sha256: hash.sha256)
    }
}

/// Compares seals with the journal while it is walked.
struct SealCheck {
    private var left: ArraySlice<JournalSeal>
    private var hash = SealHash(after: nil)
    /// The seal that the last purge set beside those of days.
    private let purge: JournalSeal?
    private(set) var proven = 0
    private(set) var findings: [Finding] = []

    /// - Parameters:
    ///   - seals: oldest first.
    ///   - purge: what a seal would say that goes on from the last one before it.
    init(_ seals: [JournalSeal], purge: JournalSeal? = nil) {
        left = seals[...]
        self.purge = purge
    }

    mutating func add(_ place: JournalPlace, _ line: UnsafeRawBufferPointer) {
        let isPurgeDue = purge.map { place.tx <= $0.tx } ?? false
        guard isPurgeDue || !left.isEmpty else { return }
        hash.add(line)
        if let seal = left.first, place.tx == seal.tx {
            left.removeFirst()
            if hash.sha256 == seal.sha256 { proven += 1 } else { isBroken(seal, at: place) }
            // The next one goes on from what was sealed, so that one day is named for a change.
            hash = SealHash(after: seal.sha256)
        }
        if let purge, place.tx == purge.tx, hash.sha256 != purge.sha256 {
            isBroken(purge, at: place)
        }
    }

    private mutating func isBroken(_ seal: JournalSeal, at place: JournalPlace) {
        findings.append(
            Finding(
                "seal-broken", in: place.file, at: "line \(place.line)",
                "up to here the journal is not what it was at the \(seal.name)", .restoreBackup))
    }

    /// What is missing at the end of the journal.
    mutating func finish(at place: JournalPlace) {
        for seal in left {
            findings.append(
                Finding(
                    "seal-broken", in: place.file, at: "line \(place.line)",
                    "the journal ends before transaction \(seal.tx), with which \(seal.name) "
                        + "was closed", .restoreBackup))
        }
        left = []
    }
}
