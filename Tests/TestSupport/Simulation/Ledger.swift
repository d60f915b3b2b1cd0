import Synchronization

/// What a program was told about each thing it asked to be stored.
package struct Claims<Entry: Hashable & Sendable>: Sendable {
    /// Reported as stored, in this order: must be there after any crash.
    package fileprivate(set) var acknowledged: [Entry] = []
    /// Reported as certainly not stored: must never be there.
    package fileprivate(set) var refused: Set<Entry> = []
    /// Asked for and not answered, or answered with "unknown": may be there or not.
    package fileprivate(set) var uncertain: [Entry] = []

    package init() {}
}

/// What was found contradicts what was claimed.
package struct Contradiction: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// Where a workload writes down what it asked for and what it was answered.
///
/// ```
/// ledger.begin(7); try store.append(7); ledger.acknowledge(7)
/// ```
package final class Ledger<Entry: Hashable & Sendable>: Sendable {
    private let kept: Mutex<Claims<Entry>>

    package init(_ claims: Claims<Entry> = Claims()) { kept = Mutex(claims) }

    package var claims: Claims<Entry> { kept.withLock { $0 } }

    /// `entry` is about to be asked for; what happens to it is open from here on.
    package func begin(_ entry: Entry) {
        kept.withLock { $0.uncertain.append(entry) }
    }

    /// The program was told that `entry` is stored.
    package func acknowledge(_ entry: Entry) {
        kept.withLock { claims in
            claims.uncertain.removeAll { $0 == entry }
            claims.acknowledged.append(entry)
        }
    }

    /// The program was told that `entry` is not stored and never will be.
    package func refuse(_ entry: Entry) {
        kept.withLock { claims in
            claims.uncertain.removeAll { $0 == entry }
            claims.refused.insert(entry)
        }
    }

    /// Compares what is stored with the claims: every acknowledged entry once, no refused one,
    /// no one that nobody asked for.
    ///
    /// What was uncertain is settled by it, since somebody has now seen the one or the other:
    /// an entry that is there must stay, and one that is not must not appear later.
    ///
    /// - Parameter settling: false for a look that does not settle it, as that of a reader while
    ///   no writer has recovered the store yet.
    package func compare(found: [Entry], settling: Bool = true) throws(Contradiction) {
        let claims = claims
        let seen = Set(found)
        guard seen.count == found.count else {
            var once: Set<Entry> = []
            let twice = found.first { !once.insert($0).inserted }
            throw Contradiction("found more than once: \(twice.map { "\($0)" } ?? "")")
        }
        if let lost = claims.acknowledged.first(where: { !seen.contains($0) }) {
            throw Contradiction(
                "acknowledged and lost: \(lost); \(found.count) found, "
                    + "\(claims.acknowledged.count) acknowledged")
        }
        if let ghost = found.first(where: { claims.refused.contains($0) }) {
            throw Contradiction("reported as not stored, and found: \(ghost)")
        }
        let known = Set(claims.acknowledged).union(claims.uncertain)
        if let stranger = found.first(where: { !known.contains($0) }) {
            throw Contradiction("never asked for, and found: \(stranger)")
        }
        guard settling else { return }
        for entry in claims.uncertain {
            if seen.contains(entry) { acknowledge(entry) } else { refuse(entry) }
        }
    }
}
