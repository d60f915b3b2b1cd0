import Formats
package import Primitives
import Storage
package import Users

extension Records {
    /// By the hash of the address, so that neighbours are strangers (`sweep`).
    static func code(_ email: EmailAddress, _ purpose: OneTimeCode.Purpose) -> RecordKey {
        RecordKey("codes", hash(of: email), purpose.rawValue)
    }
}

extension OneTimeCode: StoredRecord {
    var recordKey: RecordKey { Records.code(email, purpose) }
}

extension Shop {
    /// Sends a code to whoever may use one for `purpose`: to an account that is not confirmed yet,
    /// or to one whose password is forgotten. Anybody may ask, and learns nothing: where nobody
    /// may use one it is made all the same, and sent to nobody.
    ///
    /// - Throws: `code-too-soon` (6).
    package func sendCode(
        to email: EmailAddress, _ purpose: OneTimeCode.Purpose
    ) throws(ShopError) {
        request.token = nil
        let text = OneTimeCode.text(random)
        let hash = try newHash(Array(text.utf8))
        let code = try changeFreely { (work) throws(ShopError) -> (OneTimeCode, isMeant: Bool) in
            let code = try put(email, purpose, hash, in: work.transaction)
            work.transaction.ids = [email.text]
            let user = try work.transaction.find(User.self, Records.user(email))
            return (code, user?.mayUseCode(purpose) ?? false)
        }
        try deliver(text, code.0, isMeant: code.isMeant)
    }

    /// Stores a code in the place of the one before.
    func put(
        _ email: EmailAddress, _ purpose: OneTimeCode.Purpose, _ hash: PasswordHash,
        in transaction: Transaction
    ) throws(ShopError) -> OneTimeCode {
        hasAskedForCode = true
        let earlier = try transaction.find(OneTimeCode.self, Records.code(email, purpose))
        let code = try OneTimeCode.send(
            to: email, purpose, hash, after: earlier, at: transaction.time)
        transaction.put(code)
        try sweep(OneTimeCode.self, after: code, in: transaction) { $0.isOver(at: $1) }
        return code
    }

    /// Puts a code into the outbox, for the operator's delivery program (`emptyOutbox`) or one that
    /// watches the directory: what shopctl knows of mail is this file. Durable codes only.
    ///
    /// - Parameter isMeant: whether the person may use it; else it goes again, at the same cost.
    func deliver(
        _ text: String, _ code: OneTimeCode, isMeant: Bool = true
    ) throws(ShopError) {
        guard !request.isDryRun else { return }
        try settle()
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("to", code.email.text)
        writer.member("purpose", code.purpose.rawValue)
        writer.member("code", text)
        writer.member("expiresAt", code.expiresAt.rfc3339)
        writer.member("command", "shopctl user \(code.purpose.verb) \(code.email)")
        writer.endObject()
        let time = code.sentAt.last?.millisecondsSinceEpoch ?? 0
        let name = "\(time)-\(code.purpose.rawValue)-\(Records.hash(of: code.email).prefix(16))"
        try store.putIntoOutbox(
            "\(name).json", writer.bytes + [UInt8(ascii: "\n")], isMeant: isMeant)
    }

    /// Confirms the address of an account by the code that was sent to it.
    ///
    /// - Throws: `wrong-code` (4).
    package func confirmAddress(
        of email: EmailAddress, code: [UInt8]
    ) throws(ShopError) -> User {
        try redeeming(code, of: email, .confirm) { (_) throws(ShopError) in
        } use: { (_, user, _) throws(ShopError) in
            user.confirm()
        }
    }

    /// Makes an account whose password is chosen by whoever reads its mail, or repeats an
    /// invitation that nobody accepted yet.
    ///
    /// - Throws: `user-exists` (5), `code-too-soon` (6), `no-permission` (77).
    package func inviteUser(
        _ email: EmailAddress, name: String?, as role: Role
    ) throws(ShopError) -> User {
        let text = OneTimeCode.text(random)
        let codeHash = try newHash(Array(text.utf8))
        // A password that nobody knows, at the price of one that somebody does.
        let hash = try newHash(Array(Hex.encode(random.next(32)).utf8))
        let (user, code) = try changeFreely {
            (work) throws(ShopError) -> (User, OneTimeCode) in
            try roles.checkExists(role)
            try work.access.requireManaging(role)
            let key = Records.user(email)
            let known = try work.transaction.find(User.self, key)
            if let known {
                try work.access.requireManaging(known.role)
                guard known.state == .unconfirmed, !known.isDisabled else {
                    throw .userExists(email)
                }
            }
            let code = try put(email, .invite, codeHash, in: work.transaction)
            var user =
                known ?? User(email: email, name: name, role: role, passwordHash: hash, at: work.at)
            user.invite(name: name, as: role, hash)

            // After this point the account must be made.
            var counters = try work.transaction.counters()
            counters.users += known == nil ? 1 : 0
            counters.owners += (role == .owner ? 1 : 0) - (known?.role == .owner ? 1 : 0)
            // A code of before would confirm what the invitation has changed.
            work.transaction.remove(Records.code(email, .confirm))
            work.transaction.ids = [user.email.text]
            work.transaction.put(user)
            work.transaction.put(counters)
            return (user, code)
        }
        try deliver(text, code)
        return user
    }

    /// Makes the password of a user useless until another one is chosen by a code, which is sent,
    /// and ends all sessions and tokens.
    ///
    /// - Throws: `user-not-found` (3), `no-permission` (77).
    package func requireReset(of email: EmailAddress) throws(ShopError) -> User {
        let text = OneTimeCode.text(random)
        let hash = try newHash(Array(text.utf8))
        var code: OneTimeCode?
        let user = try changeUser(email) { (work, user) throws(ShopError) in
            user.requireReset()
            work.transaction.remove(Records.failures(email))
            try endSessions(of: user.email, but: nil, in: work.transaction)
            do throws(ShopError) {
                code = try put(user.email, .recover, hash, in: work.transaction)
            } catch  where error.code == "code-too-soon" {
                // Whoever asks for codes in another's name keeps nobody from this.
                note(error.message)
            }
        }
        if let code, user.mayUseCode(.recover) { try deliver(text, code) }
        return user
    }

    /// Chooses a password by a code, in the place of a forgotten one or as the first, and ends
    /// every session and token.
    ///
    /// - Throws: `wrong-code` (4), `weak-password` (6).
    package func choosePassword(
        of email: EmailAddress, by purpose: OneTimeCode.Purpose, code: [UInt8],
        to password: [UInt8]
    ) throws(ShopError) -> User {
        try redeeming(code, of: email, purpose) { (user) throws(ShopError) -> PasswordHash in
            try passwordPolicy.check(password, for: email, of: user)
            return try newHash(password)
        } use: { (transaction, user, hash) throws(ShopError) in
            user.setPassword(hash, history: Int(settings.accounts.passwordHistory))
            // Whoever reads the address's mail has confirmed it.
            user.confirm()
            transaction.remove(Records.failures(email))
            try endSessions(of: email, but: nil, in: transaction)
        }
    }

    /// Does what only somebody may do who was sent a code. Works as `proving` does, and for the
    /// same reasons: what takes time happens outside the lock, and a wrong code counts.
    private func redeeming<Prepared>(
        _ text: [UInt8], of email: EmailAddress, _ purpose: OneTimeCode.Purpose,
        _ prepare: (User) throws(ShopError) -> Prepared,
        use: (Transaction, inout User, Prepared) throws(ShopError) -> Void
    ) throws(ShopError) -> User {
        request.token = nil
        let key = Records.code(email, purpose)
        let now = clock.now()
        let (code, known) = try store.read { (view) throws(ShopError) in
            (
                try view.find(OneTimeCode.self, key),
                try view.find(User.self, Records.user(email))
            )
        }
        let isRight =
            PasswordHash.verify(text, against: code?.hash, cost: settings.accounts.cost)
            && code?.isGood(at: now) ?? false && known?.mayUseCode(purpose) ?? false
        var prepared: Prepared?
        if let known, isRight { prepared = try prepare(known) }
        func run(_ transaction: Transaction) throws(ShopError) -> User? {
            transaction.ids = [email.text]
            var stored = try transaction.find(OneTimeCode.self, key)
            guard let prepared, stored?.hash == code?.hash,
                stored?.isGood(at: transaction.time) ?? false,
                var user = try transaction.find(User.self, Records.user(email)),
                user.mayUseCode(purpose)
            else {
                stored?.countTry()
                if let stored { transaction.put(stored) }
                return nil
            }
            transaction.by = user.email.text
            stored?.use()
            if let stored { transaction.put(stored) }
            try use(transaction, &user, prepared)
            transaction.put(user)
            return user
        }
        let user =
            isRight && request.isDryRun
            ? try rehearse(run) : try store.transact(stamp(by: "[guest]"), run)
        try settle()
        guard let user else { throw .wrongCode(email, purpose) }
        return user
    }
}

extension OneTimeCode.Purpose {
    /// Of the command that takes the code.
    fileprivate var verb: String { self == .invite ? "accept" : rawValue }
}

extension ShopError {
    static func wrongCode(
        _ email: EmailAddress, _ purpose: OneTimeCode.Purpose
    ) -> ShopError {
        let suggestions: [String] =
            switch purpose {
            case .confirm: ["shopctl user resend \(email)"]
            case .recover: ["shopctl user forgot \(email)"]
            case .invite: ["shopctl user invite \(email) --role ROLE"]
            }
        return ShopError(
            .auth, "wrong-code", "the code is wrong, was used already or is too old",
            why: "after five wrong ones none is taken", try: suggestions)
    }
}
