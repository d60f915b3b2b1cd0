import Formats
package import Primitives
import Storage
package import Users

extension Records {
    static func user(_ email: EmailAddress) -> RecordKey { RecordKey("users", email.folded) }
    static func session(_ hash: String) -> RecordKey { RecordKey("sessions", hash) }
}

extension User: StoredRecord {
    var recordKey: RecordKey { Records.user(email) }
}

extension Session: StoredRecord {
    var recordKey: RecordKey { Records.session(tokenHash) }
}

extension Shop {
    /// How long a sign-in lasts.
    package static let sessionSeconds: Int64 = 12 * 60 * 60

    /// What signing up asks for.
    package struct SignupRequest: Sendable {
        package var email: EmailAddress
        package var name: String?
        /// nil: owner for the first account, customer for all others.
        package var role: Role?
        package var password: [UInt8]

        package init(email: EmailAddress, password: [UInt8]) {
            self.email = email
            self.password = password
        }
    }

    /// Makes an account. The first one is the owner's; from then on anybody may sign up as a
    /// customer, and other roles are given by those who may manage them.
    ///
    /// - Throws: `user-exists` (5), `weak-password` (6), `no-permission` (77),
    ///   `first-user-is-owner` (6).
    package func signUp(_ request: SignupRequest) throws(ShopError) -> User {
        try PasswordPolicy.check(request.password, for: request.email)
        // Made before the lock is taken: it takes a tenth of a second on purpose.
        let hash = try PasswordHash.make(request.password, random: random)
        return try changeFreely { (work) throws(ShopError) in
            var counters = try work.transaction.counters()
            let role = request.role ?? (counters.owners == 0 ? .owner : .customer)
            if counters.owners == 0 {
                guard role == .owner else { throw .firstUserIsOwner(role) }
            } else if role != .customer {
                guard let user = work.access.user else { throw .notSignedIn }
                try user.role.checkManages(role)
            }
            guard try work.transaction.find(User.self, Records.user(request.email)) == nil else {
                throw .userExists(request.email)
            }
            let user = User(
                email: request.email, name: request.name, role: role, passwordHash: hash,
                at: work.at)

            // After this point the account must be made.
            counters.users += 1
            if role == .owner { counters.owners += 1 }
            work.transaction.ids = [user.email.text]
            work.transaction.put(user)
            work.transaction.put(counters)
            return user
        }
    }

    /// Begins a session.
    ///
    /// - Returns: the session and its token, which is stored nowhere in the shop.
    /// - Throws: `wrong-credentials` (4): the same text in the same time for a user that does not
    ///   exist, is disabled, or has another password.
    package func signIn(
        _ email: EmailAddress, password: [UInt8]
    ) throws(ShopError) -> (user: User, session: Session, token: String) {
        request.token = nil
        let known = try store.read { (view) throws(ShopError) in
            try view.find(User.self, Records.user(email))
        }
        try User.check(password, of: known)
        guard let user = known else { throw .wrongCredentials() }
        let (session, token) = Session.begin(
            for: user.email, lasting: Self.sessionSeconds, at: clock.now(), random: random)
        request.token = nil
        _ = try changeFreely(by: user.email.text) { (work) throws(ShopError) -> User in
            work.transaction.ids = [user.email.text]
            work.transaction.put(session)
            return user
        }
        // Its token is handed out, into a file that no group waits for.
        try settle()
        return (user, session, token)
    }

    /// Ends the session of the request's token; a token that no session knows is fine.
    package func signOut() throws(ShopError) {
        guard let token = request.token else { throw .notSignedIn }
        let key = Records.session(Session.hash(ofToken: token))
        let session = try store.read { (view) throws(ShopError) in
            try view.find(Session.self, key)
        }
        guard let session else { return }
        request.token = nil
        let stamp = Stamp(at: clock.now(), by: session.user.text, command: request.command)
        guard !request.isDryRun else { return }
        try store.transact(stamp) { (transaction) throws(ShopError) in
            transaction.ids = [session.user.text]
            transaction.remove(key)
        }
    }

    /// The person asking.
    ///
    /// - Throws: `not-signed-in`, `session-expired` (4).
    package func whoAmI() throws(ShopError) -> (user: User, session: Session) {
        guard let token = request.token else { throw .notSignedIn }
        return try store.read { (view) throws(ShopError) in
            let key = Records.session(Session.hash(ofToken: token))
            guard let user = try access(in: view).user,
                let session = try view.find(Session.self, key)
            else { throw .sessionExpired }
            return (user, session)
        }
    }

    /// A change that needs no permission of its own: the use case decides.
    private func changeFreely(
        by name: String? = nil, _ body: (Work) throws(ShopError) -> User
    ) throws(ShopError) -> User {
        func run(_ transaction: Transaction) throws(ShopError) -> User {
            try body(Work(transaction, by: try access(in: transaction)))
        }
        guard !request.isDryRun else { return try store.rehearse(at: clock.now(), run) }
        var stamp = try signedStamp()
        stamp.idempotencyKey = nil
        stamp.by = name ?? stamp.by
        return try store.transact(stamp, run)
    }

    // MARK: - Reading

    /// Accounts; everybody may see their own.
    package func users(_ emails: [EmailAddress]) throws(ShopError) -> [User] {
        try store.read { (view) throws(ShopError) in
            let access = try access(in: view)
            var users: [User] = []
            for email in emails {
                if access.user?.email != email { try access.require(.manageUsers) }
                guard let user = try view.find(User.self, Records.user(email)) else {
                    throw .noUser(email)
                }
                users.append(user)
            }
            return users
        }
    }

    /// Accounts by e-mail address.
    package func eachUser(_ visit: (User) throws(ShopError) -> Bool) throws(ShopError) {
        try read(.manageUsers) { (view, _) throws(ShopError) in
            try view.each(User.self, KeyRange(collection: "users"), .ascending, visit)
        }
    }
}

// MARK: - Errors

extension ShopError {
    static func userExists(_ email: EmailAddress) -> ShopError {
        ShopError(
            .conflict, "user-exists", "\(email) has an account already", at: email.text,
            try: ["shopctl user signin \(email)"])
    }

    static func noUser(_ email: EmailAddress) -> ShopError {
        ShopError(
            .notFound, "user-not-found", "no account \(email)", at: email.text,
            try: ["shopctl user list"])
    }

    static func firstUserIsOwner(_ role: Role) -> ShopError {
        ShopError(
            .refused, "first-user-is-owner", "the first account cannot be a \(role.rawValue)",
            at: "--role", why: "a shop needs an owner before anybody else",
            try: ["shopctl user signup you@shop.example"])
    }
}
