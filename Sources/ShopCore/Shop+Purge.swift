import Formats
package import Primitives
import Storage
import Users

extension Shop {
    /// What a purge took out of the files, or would.
    package struct Purge: Sendable, Equatable {
        /// nil: nothing was changed.
        package var number: Int64?
        /// The pseudonyms of those whom the files still named.
        package var people: [String] = []
        /// Lines of the journal that name them, and the journal files and bytes to be written anew.
        package var transactions: Int64 = 0
        package var journals: Int64 = 0
        package var bytes: Int64 = 0
        /// Runs and segments that hold older versions.
        package var tables: Int64 = 0
        /// Files of the outbox and of quarantine.
        package var others: [String] = []

        package init() {}

        fileprivate init(_ people: PeopleRedaction, _ found: PurgeFound) {
            self.people = people.pseudonyms
            transactions = Int64(found.transactions)
            journals = Int64(found.journals)
            bytes = Int64(found.bytes)
            tables = Int64(found.tables.count)
            others = found.others
        }
    }

    /// Takes people who were erased out of the journal and of all older files. See docs/purge.md.
    ///
    /// - Parameter emails: whom; empty for everybody who was erased and is still in the journal.
    /// - Throws: `not-erased` (6), `no-permission` (77), `overtaken`, `data-directory-locked` (75),
    ///   `seal-broken`, `journal-damaged` (65).
    package func purge(_ emails: [EmailAddress]) throws(ShopError) -> Purge {
        // Who may not is told so before anything long begins, and that is recorded.
        try read(.purge) { (_, _) throws(ShopError) in }
        guard !request.isDryRun else {
            return try store.read { (view) throws(ShopError) in
                let people = try people(emails, in: view)
                guard !people.people.isEmpty else { return Purge() }
                let found = try store.examinePurge(of: people, in: view)
                return found.isEmpty ? Purge() : Purge(people, found)
            }
        }
        try forgetTries(of: emails)
        var planned: PeopleRedaction?
        let purge = try store.purge(
            plan: { (view) throws(ShopError) in
                let people = try people(emails, in: view)
                planned = people
                guard !people.people.isEmpty else { return nil }
                return (people, try view.seals().map(\.seal))
            },
            finish: { (transaction, facts) throws(ShopError) in
                guard let planned else { throw .notErased(emails) }
                return try record(planned, facts, in: transaction)
            }, at: clock.now())
        return purge ?? Purge()
    }

    /// Adds what is to be known of a purge to its transaction, and the seals made anew.
    private func record(
        _ people: PeopleRedaction, _ facts: PurgeFacts, in transaction: Transaction
    ) throws(ShopError) -> (Stamp, Purge) {
        let access = try access(in: transaction)
        try access.require(.purge)
        let number = (try transaction.lastPurge()?.number ?? 0) + 1
        var previous: String?
        for (seal, made) in zip(try transaction.seals(), facts.seals) {
            guard seal.day.description == made.name else { throw .purgeOvertakenByDay }
            if seal.sha256 != made.sha256 {
                transaction.put(seal.resealed(made.sha256, after: previous, by: number))
            }
            previous = made.sha256
        }
        guard try transaction.seals().count == facts.seals.count else {
            throw .purgeOvertakenByDay
        }
        transaction.put(
            PurgeRecord(
                number, people.pseudonyms, facts, at: transaction.time, by: access.name))
        transaction.ids = people.pseudonyms
        var stamp = stamp(by: access.name)
        stamp.command = people.redacted(stamp.command)
        stamp.idempotencyKey = nil
        var purge = Purge(people, facts.found)
        purge.number = number
        return (stamp, purge)
    }

    // MARK: - Who

    /// The people to purge, each with the lines that are theirs.
    private func people(
        _ emails: [EmailAddress], in view: View
    ) throws(ShopError) -> PeopleRedaction {
        var people = try erasures(in: view).filter { person in
            emails.isEmpty || emails.contains(person.email)
        }
        let present = try present(people.map(\.email) + emails, in: view)
        for email in emails where !people.contains(where: { $0.email == email }) {
            guard !present.contains(email) else { throw .notErased([email]) }
            people.append(
                .init(email: email, pseudonym: Redaction.pseudonym(random), upTo: view.transaction))
        }
        people.sort { $0.upTo < $1.upTo }
        // Who did not come back may be named by tries to sign in since.
        for index in people.indices where !present.contains(people[index].email) {
            let isLast = !people[(index + 1)...].contains { $0.email == people[index].email }
            if isLast { people[index].upTo = view.transaction }
        }
        return PeopleRedaction(people)
    }

    /// Everybody whom the journal says was erased and still names, and the addresses whose orders
    /// had been put into their accounts, which are theirs too.
    ///
    /// - Parameter time: of erasures before it; nil for all.
    func erasures(
        in view: View, before time: Timestamp? = nil
    ) throws(ShopError) -> [PeopleRedaction.Person] {
        var people: [PeopleRedaction.Person] = []
        var merges: [(guest: String, account: String, tx: Int)] = []
        try store.eachEntry(of: view, where: Self.mayErase) { entry in
            let isWanted = time.map { entry.at < $0.rfc3339 } ?? true
            if isWanted, let person = Self.erasure(entry) { people.append(person) }
            if entry.command.contains("customer merge"), entry.ids.count > 1 {
                let ids = entry.ids.suffix(2)
                merges.append((ids.first ?? "", ids.last ?? "", entry.tx))
            }
        }
        for merge in merges.reversed() where merge.guest != merge.account {
            let account = people.first {
                $0.email == EmailAddress(stored: merge.account) && $0.upTo > merge.tx
            }
            guard let account else { continue }
            people.append(
                .init(
                    email: EmailAddress(stored: merge.guest), pseudonym: account.pseudonym,
                    upTo: merge.tx))
        }
        return people
    }

    /// Whether a line may be that of an erasure, whose last id is a pseudonym, or of a merge.
    private static func mayErase(_ line: UnsafeRawBufferPointer) -> Bool {
        line.firstIndex(of: Array(#"@erased.invalid"],"changes":["#.utf8)) != nil
            || line.firstIndex(of: Array("customer merge".utf8)) != nil
    }

    /// Whom a transaction erased; nil where it did not, or was purged already.
    private static func erasure(_ entry: HistoryEntry) -> PeopleRedaction.Person? {
        guard entry.ids.count == 2 else { return nil }
        let (email, pseudonym) = (
            EmailAddress(stored: entry.ids[0]), EmailAddress(stored: entry.ids[1])
        )
        guard pseudonym.isPseudonym, !email.isPseudonym else { return nil }
        return .init(email: email, pseudonym: pseudonym, upTo: entry.tx)
    }

    /// Of some addresses, those that a record names now.
    private func present(
        _ emails: [EmailAddress], in view: View
    ) throws(ShopError) -> Set<EmailAddress> {
        var sought = Set(emails)
        var found: Set<EmailAddress> = []
        for collection in Records.layout.collections where !sought.isEmpty {
            var redactions = sought.map { Redaction(of: $0, as: $0) }
            try view.scan(KeyRange(collection: collection.name)) { scanned in
                for redaction in redactions
                where redaction.concerns(scanned.key) || redaction.concerns(scanned.record) {
                    found.insert(redaction.email)
                }
                redactions.removeAll { found.contains($0.email) }
                return !redactions.isEmpty
            }
            sought.subtract(found)
        }
        return found
    }

    /// Failed sign-ins, codes and denials of those who have no account, which would make it look as
    /// if they were back.
    private func forgetTries(of emails: [EmailAddress]) throws(ShopError) {
        let known = try store.read { (view) throws(ShopError) in
            try erasures(in: view).map(\.email) + emails
        }
        try changeFreely { (work) throws(ShopError) in
            try work.access.require(.purge)
            for email in known
            where try work.transaction.find(User.self, Records.user(email)) == nil {
                removeTraces(of: email, in: work.transaction)
            }
        }
    }

    /// Every seal and every purge, oldest first; for whoever may read the files.
    func sealsAndPurges() throws(ShopError) -> ([JournalSeal], [PurgeRecord]) {
        try store.read { (view) throws(ShopError) in
            (try view.seals().map(\.seal), try view.purges())
        }
    }
}

extension PeopleRedaction {
    /// Each once.
    var pseudonyms: [String] {
        var names: [String] = []
        for person in people where !names.contains(person.pseudonym.text) {
            names.append(person.pseudonym.text)
        }
        return names
    }
}

extension EmailAddress {
    /// Whether it stands for somebody who was erased.
    var isPseudonym: Bool { text.hasSuffix("@erased.invalid") }
}

extension View {
    /// Oldest first.
    func purges() throws(ShopError) -> [PurgeRecord] {
        var purges: [PurgeRecord] = []
        try each(PurgeRecord.self, KeyRange(collection: "purges")) { purge in
            purges.append(purge)
            return true
        }
        return purges
    }

    func lastPurge() throws(ShopError) -> PurgeRecord? { try purges().last }
}

extension ShopError {
    static func notErased(_ emails: [EmailAddress]) -> ShopError {
        let name = emails.first?.text ?? ""
        return ShopError(
            .refused, "not-erased", "\(name) is named by records of now", at: name,
            why: "the past of somebody who is there cannot be taken out alone",
            try: ["shopctl user delete \(name) --erase"])
    }

    static var purgeOvertakenByDay: ShopError {
        ShopError(
            .locked, "overtaken", "somebody closed a day while the purge ran",
            why: "nothing was changed", try: ["again in a moment"])
    }
}
