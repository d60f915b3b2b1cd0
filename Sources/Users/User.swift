package import Formats
package import Primitives

/// Someone who may sign in, by e-mail.
///
///     enabled ──disable──▶ disabled ──enable──▶ enabled
///     unconfirmed ──confirm──▶ confirmed
///     confirmed ──reset──▶ force-change-password ──passwd──▶ confirmed
///     confirmed ──reset --code──▶ reset-required ──recover──▶ confirmed
package struct User: Sendable, Equatable {
    package let email: EmailAddress
    package var profile: Profile
    package internal(set) var role: Role
    package internal(set) var passwordHash: PasswordHash
    /// The ones before it, the newest first.
    package internal(set) var previousPasswords: [PasswordHash] = []
    package let createdAt: Timestamp
    /// A disabled user keeps the history but cannot sign in.
    package internal(set) var isDisabled = false
    /// Somebody else set the password: it is good for choosing another one, up to this time.
    package internal(set) var temporaryUntil: Timestamp?
    /// Nobody has shown yet that the address is this person's.
    package internal(set) var isUnconfirmed = false
    /// The password, whoever knows it, is of no use until another one is chosen by a code.
    package internal(set) var isResetRequired = false
    package internal(set) var secondFactor: SecondFactor?
    package var unknown = UnknownMembers()

    /// Amazon Cognito's UNCONFIRMED, CONFIRMED, FORCE_CHANGE_PASSWORD and RESET_REQUIRED.
    package enum State: String, Sendable, CaseIterable {
        case unconfirmed
        case confirmed
        case forceChangePassword = "force-change-password"
        case resetRequired = "reset-required"
    }

    package var state: State {
        if isUnconfirmed { return .unconfirmed }
        if isResetRequired { return .resetRequired }
        return temporaryUntil == nil ? .confirmed : .forceChangePassword
    }

    /// How long a temporary password can be changed for another one.
    static let temporarySeconds: Int64 = 7 * 86_400

    package init(
        email: EmailAddress, name: String? = nil, role: Role, passwordHash: PasswordHash,
        at time: Timestamp
    ) {
        self.email = email
        profile = Profile(name: name)
        self.role = role
        self.passwordHash = passwordHash
        createdAt = time
    }

    /// Whether `password` is that of `user`, who may sign in. Nobody, a disabled user and a wrong
    /// password cost the same time.
    ///
    /// - Parameter cost: of the shop's hashes.
    package static func knows(_ password: [UInt8], of user: User?, cost: UInt) -> Bool {
        let matches = PasswordHash.verify(password, against: user?.passwordHash, cost: cost)
        guard let user else { return false }
        return matches && !user.isDisabled
    }

    /// - Returns: false when the user has the role already.
    package mutating func setRole(_ role: Role) -> Bool {
        defer { self.role = role }
        return self.role != role
    }

    /// - Parameter history: how many earlier ones to remember.
    package mutating func setPassword(_ hash: PasswordHash, history: Int) {
        previousPasswords = Array(([passwordHash] + previousPasswords).prefix(history))
        passwordHash = hash
        temporaryUntil = nil
        isResetRequired = false
    }

    /// A password that somebody else knows, and that has to be changed before it is of use.
    package mutating func setTemporaryPassword(
        _ hash: PasswordHash, history: Int, at time: Timestamp
    ) {
        setPassword(hash, history: history)
        temporaryUntil = time.adding(seconds: Self.temporarySeconds)
    }

    /// Another password has to be chosen by a code before anybody signs in.
    package mutating func requireReset() { isResetRequired = true }

    /// Whether the password, which is right, may be used to sign in, or only to change it.
    ///
    /// - Throws: `not-confirmed`, `password-reset-required`, `password-change-required`,
    ///   `temporary-password-expired` (4).
    package func checkState(
        forChange isChange: Bool, at time: Timestamp
    ) throws(ShopError) {
        guard !isUnconfirmed else { throw .notConfirmed(email) }
        guard !isResetRequired else { throw .passwordResetRequired(email) }
        guard let temporaryUntil else { return }
        guard time < temporaryUntil else { throw .temporaryPasswordExpired(email) }
        guard isChange else { throw .passwordChangeRequired(email) }
    }

    /// The address has to be confirmed before anybody signs in with it.
    package mutating func awaitConfirmation() { isUnconfirmed = true }

    package mutating func confirm() { isUnconfirmed = false }

    /// Whether a code for that is of use to this user.
    package func mayUseCode(_ purpose: OneTimeCode.Purpose) -> Bool {
        switch purpose {
        case .confirm, .invite: isUnconfirmed && !isDisabled
        case .recover: !isDisabled
        }
    }

    package var name: String? { profile.name }

    /// Makes of an account that nobody confirmed yet one that waits for whoever reads its mail:
    /// what was said of it before, by whomever, counts no more.
    ///
    /// - Parameter hash: of a password that nobody knows.
    package mutating func invite(name: String?, as role: Role, _ hash: PasswordHash) {
        profile.name = name ?? profile.name
        self.role = role
        passwordHash = hash
        previousPasswords = []
        isUnconfirmed = true
    }

    /// The same password, hashed at a higher cost.
    package mutating func rehash(_ hash: PasswordHash) {
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
    static func notConfirmed(_ email: EmailAddress) -> ShopError {
        ShopError(
            .auth, "not-confirmed", "\(email) is not confirmed yet", at: email.text,
            why: "a code was sent there",
            try: ["shopctl user confirm \(email)", "shopctl user resend \(email)"])
    }

    static func passwordResetRequired(_ email: EmailAddress) -> ShopError {
        ShopError(
            .auth, "password-reset-required", "another password has to be chosen for \(email)",
            at: email.text, why: "whoever manages the shop's users asked for it; a code was sent",
            try: ["shopctl user recover \(email)", "shopctl user forgot \(email)"])
    }

    static func passwordChangeRequired(_ email: EmailAddress) -> ShopError {
        ShopError(
            .auth, "password-change-required", "this password was set for you by somebody else",
            why: "it is good for choosing one of your own", try: ["shopctl user passwd \(email)"])
    }

    static func temporaryPasswordExpired(_ email: EmailAddress) -> ShopError {
        ShopError(
            .auth, "temporary-password-expired", "the temporary password is too old",
            at: email.text, why: "it had to be changed within 7 days",
            try: ["shopctl user reset \(email)"])
    }

    package static func wrongCredentials() -> ShopError {
        ShopError(
            .auth, "wrong-credentials", "the e-mail or the password is wrong",
            try: ["shopctl user signin you@shop.example"])
    }
}
