package import Formats
package import Primitives

/// What a person shows beside the password: the six digits that an authenticator app works out of
/// a secret and the time (TOTP, RFC 6238), or a recovery code. Either is good once.
///
///     begin ──activate──▶ active ──accept──▶ active, with a later step or a code less
package struct SecondFactor: Sendable, Equatable {
    /// Shared with the app; 160 bits, as RFC 4226 advises.
    let secret: [UInt8]
    /// Whether the app has shown that it has the secret.
    package private(set) var isActive = false
    /// The last step of time whose digits were taken: none up to it is taken again.
    private var lastStep: Int64 = 0
    /// SHA-256 of the recovery codes that are left. They are 80 bits of chance each: too many to
    /// guess, so that a fast hash is enough for them.
    private var recoveryHashes: [String] = []
    private var unknown = UnknownMembers()

    package static let digits = 6
    package static let stepSeconds: Int64 = 30
    /// So many steps before and after the present one are taken, for clocks that differ.
    private static let tolerance: Int64 = 1
    private static let secretLength = 20
    private static let recoveryCount = 10
    private static let recoveryLength = 10

    private init(secret: [UInt8]) { self.secret = secret }

    package static func begin(_ random: RandomBytes) -> SecondFactor {
        SecondFactor(secret: random.next(secretLength))
    }

    package var recoveryCodesLeft: Int { recoveryHashes.count }

    /// The secret as people type it into an app that cannot scan.
    package var secretText: String { Base32.encode(secret) }

    /// What an app scans: the URI of Google Authenticator's "Key Uri Format", in which SHA-1, six
    /// digits and 30 seconds need not be said.
    package func uri(of account: EmailAddress, issuer: String) -> String {
        let issuer = Self.escaped(issuer)
        return "otpauth://totp/\(issuer):\(Self.escaped(account.text))"
            + "?secret=\(secretText)&issuer=\(issuer)"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                byte < 0x80
                && (scalar.properties.isAlphabetic || "0123456789-._~@".utf8.contains(byte))
            result += isPlain ? String(scalar) : "%" + Hex.encode([byte]).uppercased()
        }
        return result
    }

    // MARK: - Codes

    /// The digits of a step of time: HOTP (RFC 4226) of its number.
    package static func code(_ secret: [UInt8], step: Int64) -> String {
        let counter = stride(from: 56, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: step >> Int64($0))
        }
        let mac = HMAC.of(counter, key: secret, by: SHA1.of)
        let start = Int(mac[19] & 0x0f)
        let number = mac[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        return Digits.text(Int64(number % 1_000_000), digits)
    }

    package static func step(at time: Timestamp) -> Int64 {
        time.millisecondsSinceEpoch / 1_000 / stepSeconds
    }

    /// Turns the factor on, by a code that shows that the app has the secret.
    ///
    /// - Returns: the recovery codes, which are stored nowhere; nil for a wrong code.
    package mutating func activate(
        by text: [UInt8], at time: Timestamp, random: RandomBytes
    ) -> [String]? {
        guard !isActive, acceptDigits(Self.plain(text), at: time) else { return nil }
        isActive = true
        let codes = (0..<Self.recoveryCount).map { _ in
            Base32.encode(random.next(Self.recoveryLength))
        }
        recoveryHashes = codes.map(Self.hash)
        return codes.map(Self.grouped)
    }

    /// Takes a code of the app or a recovery code, once. Blanks and hyphens count for nothing.
    package mutating func accept(_ text: [UInt8], at time: Timestamp) -> Bool {
        let code = Self.plain(text)
        if code.utf8.count == Self.digits { return acceptDigits(code, at: time) }
        guard let index = recoveryHashes.firstIndex(of: Self.hash(code)) else { return false }
        recoveryHashes.remove(at: index)
        return true
    }

    private mutating func acceptDigits(_ code: String, at time: Timestamp) -> Bool {
        let now = Self.step(at: time)
        let steps = (now - Self.tolerance)...(now + Self.tolerance)
        let found = steps.first { $0 > lastStep && Self.code(secret, step: $0) == code }
        guard let found else { return false }
        lastStep = found
        return true
    }

    private static func plain(_ text: [UInt8]) -> String {
        String(decoding: text.filter { $0 != 0x20 && $0 != 0x2d }, as: UTF8.self).uppercased()
    }

    private static func hash(_ code: String) -> String { Hex.encode(SHA256.of(Array(code.utf8))) }

    /// `ABCD-EFGH-IJKL-MNOP`.
    private static func grouped(_ code: String) -> String {
        stride(from: 0, to: code.count, by: 4).map { start in
            String(code.dropFirst(start).prefix(4))
        }.joined(separator: "-")
    }
}

extension SecondFactor: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var secret: [UInt8]?
        var (isActive, lastStep) = (false, Int64(0))
        var recoveryHashes: [String] = []
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "secret": secret = Base32.decode(try reader.string())
            case "active": isActive = try reader.bool()
            case "lastStep": lastStep = try reader.int64()
            case "recovery": recoveryHashes = try reader.strings()
            default: try unknown.keep(member, from: &reader)
            }
        }
        guard let secret, !secret.isEmpty else {
            throw JSONError(offset: start, reason: "a second factor without a secret")
        }
        self.init(secret: secret)
        self.isActive = isActive
        self.lastStep = lastStep
        self.recoveryHashes = recoveryHashes
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("secret", secretText)
        if isActive { writer.member("active", true) }
        if lastStep > 0 { writer.member("lastStep", lastStep) }
        if !recoveryHashes.isEmpty { writer.member("recovery", recoveryHashes) }
        writer.members(unknown)
        writer.endObject()
    }
}

extension SecondFactor: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the secret.
    package var description: String { "(second factor)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

// MARK: - Of a user

extension User {
    package var hasSecondFactor: Bool { secondFactor?.isActive ?? false }

    /// Whether `code` is what this user has to show beside the password, if that is anything.
    ///
    /// - Parameter isRequired: of everybody with this role.
    /// - Throws: `second-factor-missing`, `second-factor-required` (4).
    package mutating func passesSecondFactor(
        _ code: [UInt8]?, isRequired: Bool, at time: Timestamp
    ) throws(ShopError) -> Bool {
        guard var factor = secondFactor, factor.isActive else {
            if isRequired { throw .secondFactorMissing(self) }
            return true
        }
        guard let code else { throw .secondFactorRequired(email) }
        defer { secondFactor = factor }
        return factor.accept(code, at: time)
    }

    /// Puts a factor in the place of one that was begun and not turned on.
    ///
    /// - Throws: `second-factor-exists` (5).
    package mutating func beginSecondFactor(_ factor: SecondFactor) throws(ShopError) {
        guard !hasSecondFactor else { throw .secondFactorExists(email) }
        secondFactor = factor
    }

    /// - Returns: the recovery codes; nil for a wrong code.
    /// - Throws: `second-factor-exists` (5), `second-factor-not-begun` (6).
    package mutating func activateSecondFactor(
        by code: [UInt8], at time: Timestamp, random: RandomBytes
    ) throws(ShopError) -> [String]? {
        guard !hasSecondFactor else { throw .secondFactorExists(email) }
        guard var factor = secondFactor else { throw .secondFactorNotBegun(email) }
        defer { secondFactor = factor }
        return factor.activate(by: code, at: time, random: random)
    }

    /// - Returns: false where there was none.
    package mutating func removeSecondFactor() -> Bool {
        defer { secondFactor = nil }
        return secondFactor != nil
    }
}

extension ShopError {
    static func secondFactorRequired(_ email: EmailAddress) -> ShopError {
        ShopError(
            .auth, "second-factor-required", "\(email) signs in with a code beside the password",
            at: email.text, why: "an authenticator app shows it; a recovery code will do",
            try: ["shopctl user signin \(email) --code-stdin"])
    }

    package static func secondFactorMissing(_ user: User) -> ShopError {
        ShopError(
            .auth, "second-factor-missing",
            "every \(user.role.rawValue) of this shop signs in with a code beside the password",
            at: user.email.text, why: "an authenticator app has to be enrolled first",
            try: ["shopctl user totp enroll \(user.email)"])
    }

    static func secondFactorExists(_ email: EmailAddress) -> ShopError {
        ShopError(
            .conflict, "second-factor-exists", "\(email) has a second factor already",
            at: email.text, try: ["shopctl user totp remove \(email)"])
    }

    static func secondFactorNotBegun(_ email: EmailAddress) -> ShopError {
        ShopError(
            .refused, "second-factor-not-begun", "\(email) has enrolled no authenticator app",
            at: email.text, try: ["shopctl user totp enroll \(email)"])
    }

    package static func wrongSecondFactor(_ email: EmailAddress) -> ShopError {
        ShopError(
            .auth, "wrong-second-factor", "the code of the authenticator app is wrong or was used",
            at: email.text, why: "each is good once, within a minute and a half",
            try: ["shopctl user signin \(email)"])
    }
}
