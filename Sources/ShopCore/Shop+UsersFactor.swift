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

    /// Turns the second factor on, by a code of the app.
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
            guard
                try user.passesSecondFactor(code, isRequired: false, at: transaction.time)
            else { return nil }
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

    /// A shop is called what its directory is called.
    var name: String { store.path.split(separator: "/").last.map(String.init) ?? "shopctl" }
}
