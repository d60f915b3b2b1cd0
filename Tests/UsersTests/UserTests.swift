import Formats
import Primitives
import TestSupport
import Testing
import Users

@Suite struct UserTests {
    let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)
    let password = Array("correct horse battery".utf8)

    func user(cost: UInt = 1) throws -> User {
        try User(
            email: EmailAddress(parsing: "ana@x.example"), name: "Ana", role: .clerk,
            passwordHash: .make(password, random: .seeded(1), cost: cost), at: now)
    }

    func refusal(_ body: () throws -> Void) -> ShopError? {
        do { try body() } catch { return error as? ShopError }
        return nil
    }

    @Test func aHashIsYescryptSaltedAndMatchesOnlyItsPassword() throws {
        let first = try PasswordHash.make(password, random: .system, cost: 1)
        let second = try PasswordHash.make(password, random: .system, cost: 1)
        #expect(first.text.hasPrefix("$y$") && first != second)
        #expect(first.matches(password) && second.matches(password))
        #expect(!first.matches(password + [0x20]) && !first.matches([]))
        #expect(!first.matches(password + [0, 0x41]), "what follows a NUL is not ignored")
    }

    @Test func aDamagedHashMatchesNothing() {
        for text in ["", "*0", "*1", "$y$", "plain", "$y$j9T$"] {
            #expect(!PasswordHash(stored: text).matches(password), "\(text)")
        }
    }

    @Test func aHashIsNeverShown() throws {
        let user = try user()
        var dumped = ""
        dump(user, to: &dumped)
        for text in ["\(user)", String(reflecting: user), dumped] {
            #expect(!text.contains("$y$"))
        }
    }

    @Test func nobodyAndAWrongPasswordAndADisabledUserGiveTheSameError() throws {
        var user = try user()
        try User.check(password, of: user)
        let wrong = refusal { try User.check(Array("wrong horse".utf8), of: user) }
        let nobody = refusal { try User.check(password, of: nil) }
        _ = user.disable()
        let disabled = refusal { try User.check(password, of: user) }
        #expect(wrong?.code == "wrong-credentials" && wrong?.kind == .auth)
        #expect(wrong == nobody && nobody == disabled)
    }

    @Test func nobodyTakesAsLongAsAWrongPassword() throws {
        let user = try user(cost: PasswordHash.defaultCost)
        let wrong = Array("wrong horse battery".utf8)
        func fastest(_ user: User?) -> Duration {
            (0..<5).map { _ in
                ContinuousClock().measure { _ = refusal { try User.check(wrong, of: user) } }
            }.min() ?? .zero
        }
        let (known, unknown) = (fastest(user), fastest(nil))
        #expect(unknown * 2 > known && known * 2 > unknown, "\(known) and \(unknown)")
    }

    @Test func disablingTwiceIsFine() throws {
        var user = try user()
        let changed = [user.disable(), user.disable(), user.enable(), user.enable()]
        #expect(changed == [true, false, true, false])
        let roles = [user.setRole(.manager), user.setRole(.manager)]
        #expect(roles == [true, false] && user.role == .manager)
    }

    @Test func aSessionStoresTheHashOfItsTokenAndExpires() throws {
        let email = try EmailAddress(parsing: "ana@x.example")
        let (session, token) = Session.begin(
            for: email, lasting: 60, at: now, random: .seeded(3))
        #expect(token.utf8.count == 64)
        #expect(session.tokenHash == Session.hash(ofToken: token))
        #expect(!String(decoding: session.json, as: UTF8.self).contains(token))
        #expect(!session.isExpired(at: now.adding(seconds: 59)))
        #expect(session.isExpired(at: now.adding(seconds: 60)))
        let other = Session.begin(for: email, lasting: 60, at: now, random: .system)
        #expect(other.token != token)
    }

    @Test(
        "users read back byte for byte and keep members of newer versions",
        arguments: [
            #"{"email":"Ana@x.example","name":"Ana","role":"owner","passwordHash":"$y$j9T$a$b","#
                + #""createdAt":"2026-11-23T18:31:07.123Z","disabled":true,"mfa":["totp"]}"#,
            #"{"email":"b@x.example","role":"customer","passwordHash":"$y$j9T$a$b","#
                + #""createdAt":"2026-11-23T18:31:07.123Z"}"#,
        ])
    func users(json: String) throws {
        #expect(String(decoding: try User(json: Array(json.utf8)).json, as: UTF8.self) == json)
        let bad = json.replacing("\"role\":\"", with: "\"role\":\"super")
        #expect(throws: JSONError.self) { try User(json: Array(bad.utf8)) }
    }

    @Test func sessionsReadBackAndKeepMembersOfNewerVersions() throws {
        let json =
            #"{"tokenHash":"ab12","user":"ana@x.example","createdAt":"2026-11-23T18:31:07.123Z","#
            + #""expiresAt":"2026-11-24T18:31:07.123Z","device":"till"}"#
        #expect(String(decoding: try Session(json: Array(json.utf8)).json, as: UTF8.self) == json)
    }
}
