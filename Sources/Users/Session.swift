package import Formats
package import Primitives

/// A sign-in that lasts until it expires. The token itself is given out once and never stored.
package struct Session: Sendable, Equatable {
    /// SHA-256 of the token, 64 hexadecimal digits.
    package let tokenHash: String
    package let user: EmailAddress
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package var unknown = UnknownMembers()

    /// Bytes of chance in a token: too many to guess, so that a fast hash is enough for it.
    private static let tokenLength = 32

    package init(
        tokenHash: String, user: EmailAddress, createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.tokenHash = tokenHash
        self.user = user
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// A new session and its token, 64 hexadecimal digits.
    package static func begin(
        for user: EmailAddress, lasting seconds: Int64, at time: Timestamp, random: RandomBytes
    ) -> (session: Session, token: String) {
        let token = Hex.encode(random.next(tokenLength))
        let session = Session(
            tokenHash: hash(ofToken: token), user: user, createdAt: time,
            expiresAt: time.adding(seconds: seconds))
        return (session, token)
    }

    /// What a session is found by.
    package static func hash(ofToken token: String) -> String {
        Hex.encode(SHA256.of(Array(token.utf8)))
    }

    package func isExpired(at time: Timestamp) -> Bool { time >= expiresAt }
}
