import Formats
package import Primitives
import Storage
package import Users

extension Records {
    static func user(_ email: EmailAddress) -> RecordKey { RecordKey("users", email.folded) }
}

extension User: StoredRecord {
    var recordKey: RecordKey { Records.user(email) }
}

extension Shop {
    /// What signing up asks for.
    package struct SignupRequest: Sendable {
        package var email: EmailAddress
        package var profile = ProfileEdit()
        /// nil: owner for the first account, customer for all others.
        package var role: Role?
        package var password: [UInt8]
        /// Whether the password is only good for choosing another one.
        package var isTemporary = false

        package init(email: EmailAddress, password: [UInt8]) {
            self.email = email
            self.password = password
        }
    }

    /// Makes an account. The first one is the owner's; from then on anybody may sign up as a
    /// customer, and other roles are given by those who may manage them. Where shop.json says so,
    /// who signs up for themselves has to confirm the address.
    ///
    /// - Throws: `user-exists` (5), `weak-password` (6), `no-permission` (77),
    ///   `first-user-is-owner` (6).
    package func signUp(_ request: SignupRequest) throws(ShopError) -> User {
        try passwordPolicy.check(request.password, for: request.email)
        // Made before the lock is taken: it takes a tenth of a second on purpose.
        let hash = try newHash(request.password)
        let digits = settings.accounts.confirmAddresses ? OneTimeCode.text(random) : nil
        let codeHash = try digits.map { (text) throws(ShopError) in
            try newHash(Array(text.utf8))
        }
        var code: OneTimeCode?
        let user = try changeFreely { (work) throws(ShopError) in
            var counters = try work.transaction.counters()
            let role = request.role ?? (counters.owners == 0 ? .owner : .customer)
            try roles.checkExists(role)
            if counters.owners == 0 {
                guard role == .owner else { throw .firstUserIsOwner(role) }
            } else if role != .customer {
                try work.access.requireManaging(role)
            }
            guard try work.transaction.find(User.self, Records.user(request.email)) == nil else {
                throw .userExists(request.email)
            }
            var user = User(
                email: request.email, role: role, passwordHash: hash, at: work.at)
            user.profile.apply(request.profile)
            if request.isTemporary {
                user.setTemporaryPassword(hash, history: 0, at: work.at)
            }

            // Staff know whom they make an account for, and the first owner has the files.
            if let codeHash, counters.owners > 0, !work.access.allows(.manageUsers) {
                user.awaitConfirmation()
                code = try put(user.email, .confirm, codeHash, in: work.transaction)
            }

            // After this point the account must be made.
            counters.users += 1
            if role == .owner { counters.owners += 1 }
            work.transaction.ids = [user.email.text]
            work.transaction.put(user)
            work.transaction.put(counters)
            return user
        }
        if let digits, let code { try deliver(digits, code) }
        return user
    }

    // MARK: - Managing

    /// Gives a user a temporary password, ends all sessions and tokens, and forgets failures.
    ///
    /// - Throws: `weak-password` (6), `user-not-found` (3), `no-permission` (77).
    package func resetPassword(
        of email: EmailAddress, to password: [UInt8]
    ) throws(ShopError) -> User {
        // Who may not do it learns nothing about earlier passwords.
        let known = try store.read { (view) throws(ShopError) in
            try managedUser(email, by: access(in: view), in: view)
        }
        try passwordPolicy.check(password, for: known.email, of: known)
        let hash = try newHash(password)
        return try changeUser(email) { (work, user) throws(ShopError) in
            user.setTemporaryPassword(
                hash, history: Int(settings.accounts.passwordHistory), at: work.at)
            work.transaction.remove(Records.failures(email))
            try endSessions(of: user.email, but: nil, in: work.transaction)
        }
    }

    /// Changes what is known of a person: oneself, or somebody whose account one may manage.
    ///
    /// - Parameter email: nil for one's own.
    /// - Throws: `user-not-found` (3), `no-permission` (77).
    package func editUser(
        _ email: EmailAddress?, _ edit: ProfileEdit
    ) throws(ShopError) -> User {
        try changeFreely { (work) throws(ShopError) in
            guard let asking = work.access.user else { throw .notSignedIn }
            let email = email ?? asking.email
            // A token for automation acts for nobody's own sake.
            let isOwn = email == asking.email && work.access.grant == nil
            var user =
                isOwn ? asking : try managedUser(email, by: work.access, in: work.transaction)
            user.profile.apply(edit)
            work.transaction.ids = [user.email.text]
            work.transaction.put(user)
            return user
        }
    }

    /// Gives a user another role, or the one they have.
    ///
    /// - Throws: `last-owner` (6), `user-not-found` (3), `no-permission` (77).
    package func setRole(_ role: Role, of email: EmailAddress) throws(ShopError) -> User {
        try changeUser(email) { (work, user) throws(ShopError) in
            try setRole(role, of: &user, in: work)
        }
    }

    func setRole(_ role: Role, of user: inout User, in work: Work) throws(ShopError) {
        try roles.checkExists(role)
        try work.access.requireManaging(role)
        if user.role == .owner, role != .owner {
            try requireOtherOwner(than: user, in: work.transaction)
        }
        var counters = try work.transaction.counters()
        counters.owners += (role == .owner ? 1 : 0) - (user.role == .owner ? 1 : 0)
        if user.setRole(role) { work.transaction.put(counters) }
    }

    /// Keeps a user from signing in, and ends all sessions and tokens.
    ///
    /// - Throws: `last-owner` (6), `user-not-found` (3), `no-permission` (77).
    package func disableUser(_ email: EmailAddress) throws(ShopError) -> User {
        try changeUser(email) { (work, user) throws(ShopError) in
            try disable(&user, in: work)
        }
    }

    func disable(_ user: inout User, in work: Work) throws(ShopError) {
        if user.role == .owner { try requireOtherOwner(than: user, in: work.transaction) }
        _ = user.disable()
        try endSessions(of: user.email, but: nil, in: work.transaction)
    }

    /// Lets a user sign in again, at once: failed sign-ins are forgotten too.
    ///
    /// - Throws: `user-not-found` (3), `no-permission` (77).
    package func enableUser(_ email: EmailAddress) throws(ShopError) -> User {
        try changeUser(email) { (work, user) throws(ShopError) in enable(&user, in: work) }
    }

    func enable(_ user: inout User, in work: Work) {
        _ = user.enable()
        work.transaction.remove(Records.failures(user.email))
    }

    func newHash(_ password: [UInt8]) throws(ShopError) -> PasswordHash {
        try PasswordHash.make(password, random: random, cost: settings.accounts.cost)
    }

    func changeUser(
        _ email: EmailAddress, _ body: (Work, inout User) throws(ShopError) -> Void
    ) throws(ShopError) -> User {
        try changeFreely { (work) throws(ShopError) in
            var user = try managedUser(email, by: work.access, in: work.transaction)
            try body(work, &user)
            work.transaction.ids = [user.email.text]
            work.transaction.put(user)
            return user
        }
    }

    /// Who may not manage users is told so, and not who exists.
    func managedUser(
        _ email: EmailAddress, by access: Access, in view: View
    ) throws(ShopError) -> User {
        guard access.user != nil else { throw .notSignedIn }
        try access.require(.manageUsers)
        guard let user = try view.find(User.self, Records.user(email)) else { throw .noUser(email) }
        try access.requireManaging(user.role)
        return user
    }

    /// A shop has an owner who can sign in at any time.
    func requireOtherOwner(
        than user: User, in view: View
    ) throws(ShopError) {
        var isThere = false
        try view.each(User.self, KeyRange(collection: "users")) { (other) throws(ShopError) in
            isThere =
                other.role == .owner && !other.isDisabled && !other.isUnconfirmed
                && other.email != user.email
            return !isThere
        }
        guard isThere else { throw .lastOwner(user.email) }
    }

    /// A change that needs no permission of its own: the use case decides.
    func changeFreely<Result>(
        _ body: (Work) throws(ShopError) -> Result
    ) throws(ShopError) -> Result {
        func run(_ transaction: Transaction) throws(ShopError) -> Result {
            let access = try access(in: transaction)
            transaction.by = access.name
            return try body(Work(transaction, by: access))
        }
        guard !request.isDryRun else { return try rehearse(run) }
        var stamp = stamp()
        stamp.idempotencyKey = nil
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

    static func lastOwner(_ email: EmailAddress) -> ShopError {
        ShopError(
            .refused, "last-owner", "\(email) is the only owner who can sign in",
            at: email.text, why: "nobody could manage the shop then",
            try: ["shopctl user role EMAIL --to owner"])
    }
}
