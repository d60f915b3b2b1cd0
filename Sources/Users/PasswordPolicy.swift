package import Primitives

/// What a new password must be: long, not a usual one, not a name that is known, and not one that
/// the user had before.
///
/// Length rather than rules on kinds of characters, as NIST SP 800-63B section 5.1.1.2 has it.
package struct PasswordPolicy: Sendable {
    /// Of what a shop may ask for at least, and asks for where it says nothing.
    package static let possibleLengths = 8...mostCharacters
    package static let usualLength = 12
    package static let mostCharacters = 256
    /// What libxcrypt reads, CRYPT_MAX_PASSPHRASE_SIZE, with room for the NUL.
    package static let mostBytes = 511

    package var fewestCharacters = usualLength
    /// How many earlier passwords of a user may not come back; the one in use never may.
    package var history = 4
    /// What the shop is called.
    package var shopNames: [String] = []

    package init() {}

    /// The password is compared with hashes of earlier ones, each of which takes its time.
    ///
    /// - Parameter user: whose password it becomes; nil for an account that is being made.
    /// - Throws: `weak-password` (6), which says the rule and never the password.
    package func check(
        _ password: [UInt8], for email: EmailAddress, of user: User? = nil
    ) throws(ShopError) {
        guard !password.contains(0), let text = String(validating: password, as: UTF8.self) else {
            throw .weakPassword("the password is not text", why: "it holds a NUL or is not UTF-8")
        }
        if text.count < fewestCharacters {
            throw .weakPassword(
                "the password has \(text.count) characters",
                why: "\(fewestCharacters) characters are the fewest")
        }
        if text.count > Self.mostCharacters || password.count > Self.mostBytes {
            throw .weakPassword(
                "the password has \(text.count) characters in \(password.count) bytes",
                why: "\(Self.mostCharacters) characters and \(Self.mostBytes) bytes are the most")
        }
        let folded = text.lowercased()
        if Self.isAddress(folded, email.folded) {
            throw .weakPassword(
                "the password is the e-mail address, or its part before the @",
                why: "that is tried first")
        }
        if shopNames.contains(where: { Self.isName(folded, $0.lowercased()) }) {
            throw .weakPassword("the password is the name of the shop", why: "that is tried first")
        }
        if CommonPassword.isCommon(folded) || LeakedPasswords.contain(folded) {
            throw .weakPassword(
                "the password is one of the usual ones",
                why: "a usual word or row of keys is tried first, and so is one twice or with"
                    + " some digits")
        }
        guard let user else { return }
        let earlier = [user.passwordHash] + user.previousPasswords.prefix(history)
        if earlier.contains(where: { $0.matches(password) }) {
            throw .weakPassword(
                "the password was in use before",
                why: "the one in use and the \(history) before it may not come back")
        }
    }

    /// The name alone or with digits and signs around it, spaces and signs inside left out.
    private static func isName(_ password: String, _ name: String) -> Bool {
        let letters = name.filter(\.isLetter)
        return letters.count > 2 && password.filter(\.isLetter) == letters
    }

    /// The address or its local part, alone or with digits and signs around it.
    private static func isAddress(_ password: String, _ email: String) -> Bool {
        func core(_ text: Substring) -> Substring {
            var text = text
            while let last = text.last, !last.isLetter { text.removeLast() }
            while let first = text.first, !first.isLetter { text.removeFirst() }
            return text
        }
        let local = email.prefix { $0 != "@" }
        if password == email || password == local { return true }
        let bare = core(password[...])
        return !bare.isEmpty && (bare == core(email[...]) || bare == core(local))
    }
}

extension ShopError {
    static func weakPassword(_ message: String, why reason: String) -> ShopError {
        ShopError(
            .refused, "weak-password", message, why: reason)
    }
}
