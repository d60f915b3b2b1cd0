package import Formats
package import Primitives

/// A sign-in: an access token for an hour or so, and a refresh token to get the next one with; or
/// a token for automation, which has the former alone. The tokens themselves are given out once
/// and never stored.
package struct Session: Sendable, Equatable {
    /// SHA-256 of the access token, 64 hexadecimal digits.
    package private(set) var tokenHash: String
    /// What people call it; stays the same when it is refreshed.
    package let id: String
    package let user: EmailAddress
    package let createdAt: Timestamp
    /// When the access token ends.
    package private(set) var expiresAt: Timestamp
    package internal(set) var refresh: Refresh?
    /// Of a token for automation.
    package internal(set) var grant: Grant?
    package var unknown = UnknownMembers()

    /// What the next access token can be had with.
    package struct Refresh: Sendable, Equatable {
        /// SHA-256 of the refresh token.
        package var tokenHash: String
        package let until: Timestamp
        /// When it was used last, which is when the session was.
        package var usedAt: Timestamp
    }

    /// What a token for automation is for.
    package struct Grant: Sendable, Equatable {
        package let name: String?
        /// It may do what this role and its user's may both.
        package let role: Role
    }

    /// The two tokens of a session, each 64 hexadecimal digits.
    package struct Tokens: Sendable, Equatable {
        package let access: String
        package let refresh: String
    }

    /// How long sessions last, in seconds.
    package struct Lifetimes: Sendable {
        let access: Int64
        let refresh: Int64
        let idle: Int64

        package init(access: Int64, refresh: Int64, idle: Int64) {
            self.access = access
            self.refresh = refresh
            self.idle = idle
        }
    }

    /// Bytes of chance in a token: too many to guess, so that a fast hash is enough for it.
    private static let tokenLength = 32
    private static let idLength = 4

    init(
        tokenHash: String, id: String?, user: EmailAddress, createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.tokenHash = tokenHash
        self.id = id ?? String(tokenHash.prefix(Self.idLength * 2))
        self.user = user
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// A new session and its tokens.
    package static func begin(
        for user: EmailAddress, lasting lifetimes: Lifetimes, at time: Timestamp,
        random: RandomBytes
    ) -> (session: Session, tokens: Tokens) {
        let tokens = newTokens(random)
        var session = Session(
            tokenHash: hash(ofToken: tokens.access), id: Hex.encode(random.next(idLength)),
            user: user, createdAt: time, expiresAt: time.adding(seconds: lifetimes.access))
        session.refresh = Refresh(
            tokenHash: hash(ofToken: tokens.refresh),
            until: time.adding(seconds: lifetimes.refresh), usedAt: time)
        return (session, tokens)
    }

    /// A token for automation.
    package static func grant(
        _ name: String?, to user: EmailAddress, as role: Role, lasting seconds: Int64,
        at time: Timestamp, random: RandomBytes
    ) -> (session: Session, token: String) {
        let token = Hex.encode(random.next(tokenLength))
        var session = Session(
            tokenHash: hash(ofToken: token), id: Hex.encode(random.next(idLength)), user: user,
            createdAt: time, expiresAt: time.adding(seconds: seconds))
        session.grant = Grant(name: name, role: role)
        return (session, token)
    }

    private static func newTokens(_ random: RandomBytes) -> Tokens {
        Tokens(
            access: Hex.encode(random.next(tokenLength)),
            refresh: Hex.encode(random.next(tokenLength)))
    }

    /// What a session is found by.
    package static func hash(ofToken token: String) -> String {
        Hex.encode(SHA256.of(Array(token.utf8)))
    }

    package func isExpired(at time: Timestamp) -> Bool { time >= expiresAt }

    /// Whether it is of no use any more, refreshed or not.
    package func isOver(at time: Timestamp) -> Bool {
        isExpired(at: time) && (refresh.map { time >= $0.until } ?? true)
    }

    /// Whether `token` is its refresh token and comes in time.
    package func mayRenew(
        with token: String, lasting lifetimes: Lifetimes, at time: Timestamp
    ) -> Bool {
        guard let refresh, Self.hash(ofToken: token) == refresh.tokenHash else { return false }
        return time < refresh.until && time < refresh.usedAt.adding(seconds: lifetimes.idle)
    }

    /// Gives the session new tokens; the old ones are worth nothing from then on.
    ///
    /// - Returns: nil where `token` is not its refresh token, or comes too late.
    package mutating func renew(
        with token: String, lasting lifetimes: Lifetimes, at time: Timestamp, random: RandomBytes
    ) -> Tokens? {
        guard mayRenew(with: token, lasting: lifetimes, at: time), var refresh else { return nil }
        let tokens = Self.newTokens(random)
        refresh.tokenHash = Self.hash(ofToken: tokens.refresh)
        refresh.usedAt = time
        self.refresh = refresh
        tokenHash = Self.hash(ofToken: tokens.access)
        expiresAt = min(time.adding(seconds: lifetimes.access), refresh.until)
        return tokens
    }
}
