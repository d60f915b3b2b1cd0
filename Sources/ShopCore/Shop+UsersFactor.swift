import Formats
package import Primitives
import Storage
package import Users

extension Shop {
    /// Begins with an authenticator app, for whoever knows the password: where every one of a role
    /// has to have one, nobody can sign in before.
    ///
    /// - Returns: with the user, what the app scans.
    /// - Throws: as `signIn`; `second-factor-exists` (5).
    package func enrollSecondFactor(
        of email: EmailAddress, password: [UInt8]
    ) throws(ShopError) -> (user: User, uri: String) {
        let factor = SecondFactor.begin(random)
        let user = try proving(password, of: email) { (_) throws(ShopError) in
        } use: { (transaction, user, _) throws(ShopError) -> User? in
            try user.checkState(forChange: false, at: transaction.time)
            try user.beginSecondFactor(factor)
            transaction.put(user)
            return user
        }
        return (user, factor.uri(of: user.email, issuer: name))
    }

    /// Turns the second factor on, by a code of the app, and ends the sessions that began without
    /// one.
    ///
    /// - Returns: with the user, the recovery codes, which are stored nowhere.
    /// - Throws: as `signIn`; `second-factor-exists` (5), `second-factor-not-begun` (6).
    package func activateSecondFactor(
        of email: EmailAddress, password: [UInt8], code: [UInt8]
    ) throws(ShopError) -> (user: User, recoveryCodes: [String]) {
        try proving(password, of: email) { (_) throws(ShopError) in
        } use: { (transaction, user, _) throws(ShopError) -> (User, [String])? in
            let codes = try user.activateSecondFactor(
                by: code, at: transaction.time, random: random)
            guard let codes else { return nil }
            transaction.put(user)
            let owner = user.email
            let before = try sessions(in: transaction) { $0.user == owner && $0.grant == nil }
            for session in before { transaction.remove(session.recordKey) }
            return (user, codes)
        }
    }

    /// Takes one's own second factor away, which takes the password and a code.
    ///
    /// - Throws: as `signIn`.
    package func removeSecondFactor(
        of email: EmailAddress, password: [UInt8], code: [UInt8]
    ) throws(ShopError) -> User {
        try proving(password, of: email) { (_) throws(ShopError) in
        } use: { (transaction, user, _) throws(ShopError) -> User? in
            guard try passes(&user, code, in: transaction) else { return nil }
            if user.removeSecondFactor() { transaction.put(user) }
            return user
        }
    }

    /// Takes the second factor of somebody else away, who lost the app and the recovery codes, and
    /// ends all sessions and tokens.
    ///
    /// - Throws: `user-not-found` (3), `no-permission` (77).
    package func removeSecondFactor(of email: EmailAddress) throws(ShopError) -> User {
        try changeUser(email) { (work, user) throws(ShopError) in
            _ = user.removeSecondFactor()
            try endSessions(of: user.email, but: nil, in: work.transaction)
        }
    }

    /// Whether a code is what a user has to show beside the password, if that is anything. The use
    /// of a recovery code is named in the audit trail.
    ///
    /// - Parameter isRequired: of everybody with this role.
    /// - Throws: `second-factor-missing`, `second-factor-required` (4).
    func passes(
        _ user: inout User, _ code: [UInt8]?, isRequired: Bool = false,
        in transaction: Transaction
    ) throws(ShopError) -> Bool {
        let before = user.secondFactor?.recoveryCodesLeft ?? 0
        guard
            try user.passesSecondFactor(code, isRequired: isRequired, at: transaction.time)
        else { return false }
        let left = user.secondFactor?.recoveryCodesLeft ?? 0
        if left < before {
            transaction.ids.append("recovery-code")
            note("That was a recovery code; \(left == 0 ? "none is" : "\(left) are") left.")
        }
        return true
    }

    /// A shop is called what its directory is called.
    var name: String { store.path.split(separator: "/").last.map(String.init) ?? "shopctl" }
}
