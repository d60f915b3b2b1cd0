import Orders
package import Primitives
import Storage
package import Users

/// Who is asking, found anew in every transaction: a role that was taken away is gone at once.
package struct Access: Sendable {
    /// nil: nobody is signed in.
    package let user: User?
    /// Until the first owner signs up, the shop is open to whoever can read its files.
    let isOpen: Bool
    /// The role of the token that asks, where it is one for automation: it may do what this role
    /// and its user's may both.
    let grant: Role?

    /// What the shop's roles may do.
    let roles: RoleTable

    init(user: User?, isOpen: Bool, roles: RoleTable, grant: Role? = nil) {
        self.user = user
        self.isOpen = isOpen
        self.grant = grant
        self.roles = roles
    }

    /// What the audit trail and the movements call the person.
    package var name: String { user?.email.text ?? (isOpen ? "[setup]" : "[guest]") }

    /// - Throws: `not-signed-in` (4), `no-permission` (77).
    func require(_ action: Action) throws(ShopError) {
        if isOpen, user == nil { return }
        guard let user else { throw .notSignedIn }
        try roles.check(user.role, action)
        if let grant { try roles.check(grant, action) }
    }

    func allows(_ action: Action) -> Bool {
        if isOpen, user == nil { return true }
        guard let user else { return false }
        return roles.allows(user.role, action) && (grant.map { roles.allows($0, action) } ?? true)
    }

    /// - Throws: `not-signed-in` (4); `no-permission` (77) where this person may not create,
    ///   change or disable a user of that role, or give it: nobody gives what they do not have.
    func requireManaging(_ role: Role) throws(ShopError) {
        guard user != nil else { throw .notSignedIn }
        try require(.manageUsers)
        for action in Action.allCases where roles.allows(role, action) { try require(action) }
    }

    /// For what takes money back without an amount that a limit could be on.
    func requireUnlimitedRefunds() throws(ShopError) {
        guard let (role, _) = refundLimit else { return }
        let able = roles.roles.filter {
            roles.allows($0, .refundPayments) && roles.refundLimit(of: $0) == nil
        }
        throw .notAllowed(role, .refundPayments, able: able)
    }

    /// The lowest limit on what this person may refund of one order, and whose it is.
    var refundLimit: (role: Role, minorUnits: Int64)? {
        [user?.role, grant].compactMap { $0 }.compactMap { role in
            roles.refundLimit(of: role).map { (role, $0) }
        }.min { $0.1 < $1.1 }
    }

    /// A customer orders for themselves; staff for anybody.
    func requireOrderFor(_ customer: EmailAddress) throws(ShopError) {
        guard !allows(.createOrders), user?.email != customer else { return }
        try require(.createOrders)
    }

    /// The customer whose orders are all that may be seen; nil: all orders.
    var ownOrdersOnly: EmailAddress? {
        allows(.readOrders) ? nil : user?.email
    }

    /// The order as this person sees it.
    func shown(_ order: Order) -> Order {
        ownOrdersOnly == nil ? order : order.asCustomersSee
    }

    func mayRead(_ order: Order) -> Bool {
        guard let own = ownOrdersOnly else { return allows(.readOrders) }
        return order.customer == own
    }
}

/// A session and its user as they were read, with the records they were read from: while those
/// are the same, so are they.
struct KnownAccess {
    let token: String
    let session: Session
    let sessionKey: RecordKey
    let sessionRecord: [UInt8]
    let user: User
    let userKey: RecordKey
    let userRecord: [UInt8]
}

extension Shop {
    /// What the person asking may do.
    package func allowedActions() throws(ShopError) -> [Action] {
        try store.read { (view) throws(ShopError) in
            let access = try access(in: view)
            if access.user == nil, !access.isOpen { throw .notSignedIn }
            return Action.allCases.filter(access.allows)
        }
    }

    package var roles: RoleTable { settings.accounts.roles }

    /// What the person asking may refund of one order; nil: all of it, or nothing at all.
    package func refundLimit() throws(ShopError) -> Money? {
        try store.read { (view) throws(ShopError) in
            try access(in: view).refundLimit.map { Money(minorUnits: $0.minorUnits, currency) }
        }
    }

    /// - Throws: `session-expired` (4) for a token that no session knows any more;
    ///   `second-factor-missing` (4).
    func access(in view: View) throws(ShopError) -> Access {
        let isOpen = try view.counters().owners == 0
        guard let token = request.token else {
            return Access(user: nil, isOpen: isOpen, roles: roles)
        }
        if let known = knownAccess, known.token == token,
            isGood(known.session),
            try view.record(known.sessionKey) == known.sessionRecord,
            try view.record(known.userKey) == known.userRecord
        {
            return Access(
                user: known.user, isOpen: isOpen, roles: roles, grant: known.session.grant?.role)
        }
        knownAccess = nil
        let sessionKey = Records.session(Session.hash(ofToken: token))
        guard let sessionRecord = try view.record(sessionKey) else { throw .sessionExpired }
        let session = try view.read(Session.self, sessionRecord, sessionKey)
        guard isGood(session) else { throw .sessionExpired }
        let userKey = Records.user(session.user)
        guard let userRecord = try view.record(userKey) else { throw .sessionExpired }
        let user = try view.read(User.self, userRecord, userKey)
        guard !user.isDisabled else { throw .sessionExpired }
        try requireSecondFactor(of: user, in: session)
        knownAccess = KnownAccess(
            token: token, session: session, sessionKey: sessionKey, sessionRecord: sessionRecord,
            user: user, userKey: userKey, userRecord: userRecord)
        return Access(user: user, isOpen: isOpen, roles: roles, grant: session.grant?.role)
    }

    /// Where everybody of a role comes to have a second factor, those who are signed in without one
    /// can do nothing but enroll. A token for automation has none.
    ///
    /// - Throws: `second-factor-missing` (4).
    private func requireSecondFactor(
        of user: User, in session: Session
    ) throws(ShopError) {
        guard session.grant == nil, !user.hasSecondFactor,
            settings.accounts.secondFactorRoles.contains(user.role)
        else { return }
        throw .secondFactorMissing(user)
    }

    private func isGood(_ session: Session) -> Bool {
        let now = clock.now()
        guard session.isExpired(at: now) else { return true }
        guard let token = request.refreshToken else { return false }
        return session.mayRenew(with: token, lasting: lifetimes, at: now)
    }
}

extension ShopError {
    static var notSignedIn: ShopError {
        ShopError(
            .auth, "not-signed-in", "you are not signed in",
            try: ["shopctl user signin you@shop.example"])
    }

    static var sessionExpired: ShopError {
        ShopError(
            .auth, "session-expired", "your session has ended",
            try: ["shopctl user signin you@shop.example"])
    }
}
