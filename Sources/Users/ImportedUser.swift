package import Primitives

/// An account as a file says it is: one that another shop exported, or a list somebody made.
package struct ImportedUser: Sendable {
    package let email: EmailAddress
    package var role = Role.customer
    package var profile = ProfileEdit()
    package private(set) var passwordHash: PasswordHash?
    package var isDisabled = false
    package var isUnconfirmed = false
    /// The password is of no use there: it was set by somebody else, or has to be chosen anew.
    package var mustReset = false
    package var createdAt: Timestamp?

    package init(_ email: EmailAddress) { self.email = email }

    /// - Throws: `not-a-password-hash` (65) for what this program could not have made.
    package mutating func setPasswordHash(_ text: String) throws(ShopError) {
        let hash = PasswordHash(stored: text)
        guard hash.cost != nil else { throw .notAPasswordHash }
        passwordHash = hash
    }

    /// Whether an account says all of this already.
    package func isLike(_ user: User) -> Bool {
        var profile = Profile()
        profile.apply(self.profile)
        return user.role == role && user.profile == profile && user.isDisabled == isDisabled
            && passwordHash.map { $0 == user.passwordHash } ?? true
    }
}

extension User {
    /// A new account. Where the file has no password the person chooses one by a code.
    ///
    /// - Parameter nobodys: the hash of a password that nobody knows.
    package init(_ imported: ImportedUser, nobodys: PasswordHash, at time: Timestamp) {
        self.init(
            email: imported.email, role: imported.role,
            passwordHash: imported.passwordHash ?? nobodys, at: imported.createdAt ?? time)
        profile.apply(imported.profile)
        isDisabled = imported.isDisabled
        isUnconfirmed = imported.isUnconfirmed
        isResetRequired = imported.passwordHash == nil || imported.mustReset
    }
}

extension ShopError {
    fileprivate static var notAPasswordHash: ShopError {
        ShopError(
            .data, "not-a-password-hash", "the hash of the password is none of yescrypt's",
            at: "passwordHash", why: "only export users of another shop gives one out")
    }
}
