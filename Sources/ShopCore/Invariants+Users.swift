import Formats
import Primitives
import Storage
import Users

extension InvariantCheck {
    /// People, what is kept by their address, and what requests with a key answered.
    mutating func checkUsers() throws(ShopError) {
        try each(User.self, "users") { (check, user) in
            check.derived.add(user)
            check.expect(user.role, of: "users", user.email.text)
        }
        try each(Session.self, "sessions") { (check, session) throws(ShopError) in
            let id = String(session.tokenHash.prefix(8))
            if try check.view.record(Records.user(session.user)) == nil {
                check.add("I5", in: "sessions", id, "no user \(session.user)")
            }
            if let role = session.grant?.role { check.expect(role, of: "sessions", id) }
        }
        // Be there such an account or not: it is only their form that can be wrong.
        try each(OneTimeCode.self, "codes") { (_, _) in }
        try each(SigninFailures.self, "signin-failures") { (_, _) in }
        try view.scan(KeyRange(collection: "idempotency")) { (found) throws(ShopError) in
            do throws(JSONError) {
                var reader = JSONReader(found.record)
                _ = try IdempotentResult(from: &reader)
            } catch {
                let key = String(decoding: found.key, as: UTF8.self)
                add("record-damaged", in: "idempotency", key, error.reason)
            }
            return true
        }
    }

    /// A role that was taken out of shop.json may nothing: whoever has it is shut out unseen.
    private mutating func expect(_ role: Role, of collection: String, _ id: String) {
        guard !roles.roles.contains(role) else { return }
        add("I5", in: collection, id, "no role \(role.rawValue)")
    }
}
