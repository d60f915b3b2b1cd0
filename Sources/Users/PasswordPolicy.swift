package import Primitives

/// What a new password must be: long, not the user's own address, and not a usual one.
///
/// Length rather than rules on kinds of characters, as NIST SP 800-63B section 5.1.1.2 has it.
package enum PasswordPolicy {
    package static let fewestCharacters = 12
    package static let mostCharacters = 256
    /// What libxcrypt reads, CRYPT_MAX_PASSPHRASE_SIZE, with room for the NUL.
    package static let mostBytes = 511

    /// Every problem at once. The error says the rule and never the password.
    ///
    /// - Throws: `weak-password` (6).
    package static func check(
        _ password: [UInt8], for email: EmailAddress
    ) throws(ShopError) {
        guard !password.contains(0), let text = String(validating: password, as: UTF8.self) else {
            throw .weakPassword("the password is not text", why: "it holds a NUL or is not UTF-8")
        }
        if text.count < fewestCharacters {
            throw .weakPassword(
                "the password has \(text.count) characters",
                why: "\(fewestCharacters) characters are the fewest")
        }
        if text.count > mostCharacters || password.count > mostBytes {
            throw .weakPassword(
                "the password has \(text.count) characters in \(password.count) bytes",
                why: "\(mostCharacters) characters and \(mostBytes) bytes are the most")
        }
        let folded = text.lowercased()
        if isAddress(folded, email.folded) {
            throw .weakPassword(
                "the password is the e-mail address, or its part before the @",
                why: "that is tried first")
        }
        if CommonPassword.isCommon(folded) {
            throw .weakPassword(
                "the password is one of the usual ones",
                why: "a usual word or row of keys is tried first, and so is one twice or with"
                    + " some digits")
        }
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
