import Formats
package import Primitives
import Storage
package import Users

extension Records {
    static func hash(of email: EmailAddress) -> String {
        Hex.encode(SHA256.of(Array(email.folded.utf8)))
    }

    /// By the hash of the address, so that neighbours are strangers (`sweep`).
    static func failures(_ email: EmailAddress) -> RecordKey {
        RecordKey("signin-failures", hash(of: email))
    }
}

extension SigninFailures: StoredRecord {
    var recordKey: RecordKey { Records.failures(email) }
}

extension Shop {
    /// What a sign-in gives: the tokens are stored nowhere in the shop.
    package struct Signin: Sendable {
        package let user: User
        package let session: Session
        package let tokens: Session.Tokens
    }

    var lifetimes: Session.Lifetimes {
        Session.Lifetimes(
            access: settings.accounts.accessMinutes * 60,
            refresh: settings.accounts.refreshDays * 86_400,
            idle: settings.accounts.idleDays * 86_400)
    }

    /// Begins a session.
    ///
    /// - Throws: `wrong-credentials` (4): the same text in the same time for a user that does not
    ///   exist, is disabled, or has another password; `too-many-attempts` (4);
    ///   `not-confirmed`, `password-reset-required`, `password-change-required`,
    ///   `temporary-password-expired`, `second-factor-missing`, `second-factor-required`,
    ///   `wrong-second-factor` (4) for whoever knows it.
    package func signIn(
        _ email: EmailAddress, password: [UInt8], code: [UInt8]? = nil
    ) throws(ShopError) -> Signin {
        let cost = settings.accounts.cost
        return try proving(password, of: email) { (user) throws(ShopError) -> PasswordHash? in
            // A cost that rose since: now is when the password is at hand.
            guard let old = user.passwordHash.cost, old < cost else { return nil }
            return try PasswordHash.make(password, random: random, cost: cost)
        } use: { (transaction, user, newer) throws(ShopError) -> Signin? in
            try user.checkState(forChange: false, at: transaction.time)
            let isRequired = settings.accounts.secondFactorRoles.contains(user.role)
            guard try passes(&user, code, isRequired: isRequired, in: transaction) else {
                return nil
            }
            if let newer { user.rehash(newer) }
            // The code is used up.
            if newer != nil || user.hasSecondFactor { transaction.put(user) }
            let (session, tokens) = Session.begin(
                for: user.email, lasting: lifetimes, at: transaction.time, random: random)
            transaction.put(session)
            try sweep(Session.self, after: session, in: transaction) { $0.isOver(at: $1) }
            return Signin(user: user, session: session, tokens: tokens)
        }
    }

    /// Puts another password in the place of one that is known, be it temporary, and ends every
    /// session and token of the user but the one that asks.
    ///
    /// - Throws: as `signIn`; `weak-password` (6).
    package func changePassword(
        of email: EmailAddress, from old: [UInt8], to new: [UInt8], code: [UInt8]? = nil
    ) throws(ShopError) -> User {
        let own = request.token
        return try proving(old, of: email) { (user) throws(ShopError) -> PasswordHash in
            try user.checkState(forChange: true, at: clock.now())
            try passwordPolicy.check(new, for: email, of: user)
            return try PasswordHash.make(new, random: random, cost: settings.accounts.cost)
        } use: { (transaction, user, hash) throws(ShopError) -> User? in
            guard try passes(&user, code, in: transaction) else { return nil }
            user.setPassword(hash, history: Int(settings.accounts.passwordHistory))
            transaction.put(user)
            try endSessions(of: email, but: own, in: transaction)
            return user
        }
    }

    var passwordPolicy: PasswordPolicy {
        var policy = PasswordPolicy()
        policy.fewestCharacters = Int(settings.accounts.passwordLength)
        policy.history = Int(settings.accounts.passwordHistory)
        policy.shopNames = [name]
        return policy
    }

    // MARK: - Knowing a password

    /// Does what only somebody may do who knows the password of `email`.
    ///
    /// Failures are counted and shut the address (`SigninFailures`). The waiting is looked at
    /// twice: before the password is, so that a shut address costs nothing, and in the
    /// transaction, so that of many tries at once none learns more than one after another would.
    /// A failure counts in a dry run too: it would be a way to try passwords.
    ///
    /// - Parameters:
    ///   - prepare: what takes time, outside the lock.
    ///   - use: the change itself; nil where a code that it takes besides is wrong.
    func proving<Prepared, Result>(
        _ password: [UInt8], of email: EmailAddress,
        _ prepare: (User) throws(ShopError) -> Prepared,
        use: (Transaction, inout User, Prepared) throws(ShopError) -> Result?
    ) throws(ShopError) -> Result {
        request.token = nil
        let known = try store.read { (view) throws(ShopError) -> User? in
            try view.find(SigninFailures.self, Records.failures(email))?.check(at: clock.now())
            return try view.find(User.self, Records.user(email))
        }
        let isRight = User.knows(password, of: known, cost: settings.accounts.cost)
        var prepared: Prepared?
        if let known, isRight { prepared = try prepare(known) }
        func run(_ transaction: Transaction, isTry: Bool) throws(ShopError) -> Result? {
            transaction.ids = [email.text]
            let key = Records.failures(email)
            let failures = try transaction.find(SigninFailures.self, key)
            try failures?.check(at: transaction.time)
            guard var user = try transaction.find(User.self, Records.user(email)), let prepared,
                user.passwordHash == known?.passwordHash, !user.isDisabled, isTry,
                let result = try use(transaction, &user, prepared)
            else {
                var failures = failures ?? SigninFailures(of: email, at: transaction.time)
                failures.add(at: transaction.time)
                transaction.put(failures)
                try sweep(SigninFailures.self, after: failures, in: transaction) {
                    $0.isForgotten(at: $1)
                }
                return nil
            }
            transaction.by = user.email.text
            if failures != nil { transaction.remove(key) }
            return result
        }
        let isRehearsal = isRight && request.isDryRun
        if isRehearsal {
            let result = try rehearse { (transaction) throws(ShopError) in
                try run(transaction, isTry: true)
            }
            if let result { return result }
        }
        let result = try store.transact(stamp(by: "[guest]")) { (transaction) throws(ShopError) in
            try run(transaction, isTry: !isRehearsal)
        }
        // A failure counts from now on, and tokens are handed out: no group waits for either.
        try settle()
        if let result { return result }
        throw isRight ? .wrongSecondFactor(email) : .wrongCredentials()
    }

    /// Takes away what is of no use any more among the few records that follow a new one. Keys are
    /// hashes, so that those are a random choice, and more than are added: who asks for many
    /// addresses fills no disk.
    func sweep<Record: StoredRecord>(
        _ type: Record.Type, after record: Record, in transaction: Transaction,
        _ isOver: (Record, Timestamp) -> Bool
    ) throws(ShopError) {
        var over: [Record] = []
        var seen = 0
        let key = record.recordKey
        let range = KeyRange(from: key.bytes, to: KeyRange(collectionOf: key).to)
        try transaction.each(Record.self, range) { (other) throws(ShopError) in
            if isOver(other, transaction.time) { over.append(other) }
            seen += 1
            return seen < 16
        }
        for record in over { transaction.remove(record.recordKey) }
    }
}
