package import Formats
package import Primitives

/// Someone who may sign in, by e-mail.
///
///     enabled ──disable──▶ disabled ──enable──▶ enabled
package struct User: Sendable, Equatable {
    package let email: EmailAddress
    package var name: String?
    package internal(set) var role: Role
    package internal(set) var passwordHash: PasswordHash
    package let createdAt: Timestamp
    /// A disabled user keeps the history but cannot sign in.
    package internal(set) var isDisabled = false
    package var unknown = UnknownMembers()

    package init(
        email: EmailAddress, name: String? = nil, role: Role, passwordHash: PasswordHash,
        at time: Timestamp
    ) {
        self.email = email
        self.name = name
        self.role = role
        self.passwordHash = passwordHash
        createdAt = time
    }

    /// Whether `password` is that of `user`. Nobody, a disabled user and a wrong password cost
    /// the same time and throw the same error.
    ///
    /// - Throws: `wrong-credentials` (4).
    package static func check(_ password: [UInt8], of user: User?) throws(ShopError) {
        let matches = PasswordHash.verify(password, against: user?.passwordHash)
        guard let user, matches, !user.isDisabled else { throw .wrongCredentials() }
    }

    /// - Returns: false when the user has the role already.
    package mutating func setRole(_ role: Role) -> Bool {
        defer { self.role = role }
        return self.role != role
    }

    package mutating func setPassword(_ hash: PasswordHash) {
        passwordHash = hash
    }

    /// - Returns: false when already disabled.
    package mutating func disable() -> Bool {
        defer { isDisabled = true }
        return !isDisabled
    }

    /// - Returns: false when already enabled.
    package mutating func enable() -> Bool {
        defer { isDisabled = false }
        return isDisabled
    }
}

extension ShopError {
    package static func wrongCredentials() -> ShopError {
        ShopError(
            .auth, "wrong-credentials", "the e-mail or the password is wrong",
            try: ["shopctl user signin you@shop.example"])
    }
}
