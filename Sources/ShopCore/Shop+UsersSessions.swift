import Formats
package import Primitives
import Storage
package import Users

extension Records {
    static func session(_ hash: String) -> RecordKey { RecordKey("sessions", hash) }
}

extension Session: StoredRecord {
    var recordKey: RecordKey { Records.session(tokenHash) }
}

extension Shop {
    /// Gives a session whose access token ended a new one.
    ///
    /// - Throws: `session-expired` (4) where the refresh token is not the one of the session, or
    ///   the session was idle for too long or is over.
    package func refreshSession(
        access: String, refresh: String
    ) throws(ShopError) -> (session: Session, tokens: Session.Tokens) {
        let key = Records.session(Session.hash(ofToken: access))
        let stamp = Stamp(at: clock.now(), by: "[guest]", command: "user refresh")
        let result = try store.transact(stamp) { (transaction) throws(ShopError) in
            guard var session = try transaction.find(Session.self, key) else {
                throw .sessionExpired
            }
            let user = try transaction.find(User.self, Records.user(session.user))
            guard let user, !user.isDisabled,
                let tokens = session.renew(
                    with: refresh, lasting: lifetimes, at: transaction.time, random: random)
            else { throw .sessionExpired }
            transaction.by = user.email.text
            transaction.ids = [user.email.text]
            transaction.remove(key)
            transaction.put(session)
            try sweep(Session.self, after: session, in: transaction) { $0.isOver(at: $1) }
            return (session, tokens)
        }
        try settle()
        return result
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

    // MARK: - All of a person

    /// The sessions and tokens that are of use, the newest first; those of others for whoever may
    /// manage them.
    ///
    /// - Parameter email: nil for one's own.
    package func sessions(of email: EmailAddress?) throws(ShopError) -> [Session] {
        try store.read { (view) throws(ShopError) in
            let owner = try sessionOwner(email, in: view)
            return try sessions(in: view) { $0.user == owner }
        }
    }

    /// Ends all sessions and tokens of a person.
    ///
    /// - Returns: how many there were.
    package func signOutEverywhere(_ email: EmailAddress?) throws(ShopError) -> Int {
        try changeFreely { (work) throws(ShopError) in
            let owner = try sessionOwner(email, in: work.transaction)
            work.transaction.ids = [owner.text]
            return try endSessions(of: owner, but: nil, in: work.transaction)
        }
    }

    /// Ends sessions and tokens by their ids: one's own, or those of people one may manage.
    ///
    /// - Throws: `session-not-found` (3).
    package func revokeSessions(_ ids: [String]) throws(ShopError) -> [Session] {
        try changeFreely { (work) throws(ShopError) in
            guard let asking = work.access.user else { throw .notSignedIn }
            var ended: [Session] = []
            for id in ids {
                let found = try sessions(in: work.transaction) { $0.id == id }
                guard let session = found.first else { throw .noSessionWithID(id) }
                if session.user != asking.email {
                    _ = try sessionOwner(session.user, in: work.transaction)
                }
                ended.append(session)
            }

            // After this point the sessions must end.
            for session in ended { work.transaction.remove(session.recordKey) }
            work.transaction.ids = ids
            return ended
        }
    }

    /// Makes a token for automation, which acts for the person asking within what `role` may.
    ///
    /// - Returns: the token, which is stored nowhere in the shop.
    /// - Throws: `no-permission` (77) for a role that may what the person may not.
    package func createToken(
        _ name: String?, as role: Role, days: Int64
    ) throws(ShopError) -> (session: Session, token: String) {
        let made = try changeFreely { (work) throws(ShopError) in
            guard let user = work.access.user else { throw .notSignedIn }
            try roles.checkExists(role)
            for action in Action.allCases where roles.allows(role, action) {
                try work.access.require(action)
            }
            let (session, token) = Session.grant(
                name, to: user.email, as: role, lasting: days * 86_400, at: work.at,
                random: random)
            work.transaction.ids = [user.email.text, session.id]
            work.transaction.put(session)
            try sweep(Session.self, after: session, in: work.transaction) { $0.isOver(at: $1) }
            return (session, token)
        }
        try settle()
        return made
    }

    /// Whose sessions are asked for, who has to be there.
    private func sessionOwner(
        _ email: EmailAddress?, in view: View
    ) throws(ShopError) -> EmailAddress {
        let access = try access(in: view)
        guard let asking = access.user else { throw .notSignedIn }
        guard let email, email != asking.email else { return asking.email }
        try access.require(.manageUsers)
        guard let user = try view.find(User.self, Records.user(email)) else { throw .noUser(email) }
        try access.requireManaging(user.role)
        return user.email
    }

    // MARK: - Searching

    /// There is no index by user: these are asked for rarely, and sessions that are over do not
    /// stay (`sweep`).
    func sessions(
        in view: View, where isWanted: (Session) -> Bool
    ) throws(ShopError) -> [Session] {
        var found: [Session] = []
        let now = clock.now()
        try view.each(Session.self, KeyRange(collection: "sessions")) {
            (session) throws(ShopError) in
            if isWanted(session), !session.isOver(at: now) { found.append(session) }
            return true
        }
        return found.sorted { ($1.createdAt, $0.id) < ($0.createdAt, $1.id) }
    }

    /// - Parameter token: of the session that stays.
    @discardableResult
    func endSessions(
        of email: EmailAddress, but token: String?, in transaction: Transaction
    ) throws(ShopError) -> Int {
        let kept = token.map(Session.hash(ofToken:))
        let ended = try sessions(in: transaction) { $0.user == email && $0.tokenHash != kept }
        for session in ended { transaction.remove(session.recordKey) }
        return ended.count
    }
}

extension ShopError {
    static func noSessionWithID(_ id: String) -> ShopError {
        ShopError(
            .notFound, "session-not-found", "no session \(id)", at: id,
            try: ["shopctl user session list"])
    }
}
