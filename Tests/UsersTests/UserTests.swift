import Formats
import Glibc
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

    @Test func onlyThePasswordOfAnEnabledUserIsKnown() throws {
        var user = try user()
        #expect(User.knows(password, of: user, cost: 1))
        #expect(!User.knows(Array("wrong horse".utf8), of: user, cost: 1))
        #expect(!User.knows(password, of: nil, cost: 1))
        _ = user.disable()
        #expect(!User.knows(password, of: user, cost: 1))
    }

    /// How much longer than `second` `first` computes, at the lower quartile and the median of
    /// what each took by turns. The time is the thread's own: a busy machine adds nothing to it.
    func ratios(_ first: () -> Void, _ second: () -> Void) -> [Double] {
        func threadTime() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return time.tv_sec * 1_000_000_000 + time.tv_nsec
        }
        func time(_ body: () -> Void) -> Double {
            let start = threadTime()
            body()
            return Double(threadTime() - start)
        }
        let pairs = (0..<24).map { _ in (time(first), time(second)) }
        let (one, other) = (pairs.map(\.0).sorted(), pairs.map(\.1).sorted())
        return [pairs.count / 4, pairs.count / 2].map { one[$0] / other[$0] }
    }

    /// Whether one of a few tries finds both alike: neighbours in the cache may spoil some of
    /// them, and none can hide a hash that is left out.
    func takeTheSameTime(_ first: () -> Void, _ second: () -> Void) -> Bool {
        (0..<10).contains { _ in ratios(first, second).allSatisfy { (0.8...1.25).contains($0) } }
    }

    @Test("nobody, and a user whose hash is cheaper, take as long as a wrong password does")
    func sameTime() throws {
        let wrong = Array("wrong horse battery".utf8)
        let user = try user(cost: 4)
        let old = try self.user(cost: 2)
        func ask(_ user: User?) -> () -> Void {
            { _ = User.knows(wrong, of: user, cost: 4) }
        }
        #expect(takeTheSameTime(ask(user), ask(nil)))
        #expect(takeTheSameTime(ask(old), ask(nil)))
        // The measure sees what it is for: one step of cost.
        #expect(
            !takeTheSameTime(ask(user), { _ = User.knows(wrong, of: nil, cost: 3) }))
    }

    @Test func theCostOfAHashIsReadFromIt() throws {
        for cost in UInt(1)...4 { #expect(try user(cost: cost).passwordHash.cost == cost) }
        #expect(PasswordHash(stored: "$2b$12$abc").cost == nil)
        #expect(PasswordHash(stored: "$y$j9T$abc$def").cost == PasswordHash.defaultCost)
    }

    @Test func earlierPasswordsAreRememberedAsFarAsAskedFor() throws {
        var user = try user()
        let first = user.passwordHash
        for seed in UInt64(2)...5 {
            user.setPassword(.init(stored: "\(seed)"), history: 3)
        }
        #expect(user.previousPasswords.map(\.text) == ["4", "3", "2"])
        #expect(!user.previousPasswords.contains(first))
    }

    @Test func aTemporaryPasswordIsForChangingOnlyAndForSevenDays() throws {
        var user = try user()
        user.setTemporaryPassword(user.passwordHash, history: 4, at: now)
        #expect(user.state == .forceChangePassword)
        let week = now.adding(seconds: 7 * 86_400)
        #expect(
            refusal { try user.checkState(forChange: false, at: now) }?.code
                == "password-change-required")
        #expect(refusal { try user.checkState(forChange: true, at: now) } == nil)
        #expect(
            refusal { try user.checkState(forChange: true, at: week) }?.code
                == "temporary-password-expired")
        user.setPassword(user.passwordHash, history: 4)
        #expect(user.state == .confirmed)
        #expect(refusal { try user.checkState(forChange: false, at: week) } == nil)
    }

    @Test func disablingTwiceIsFine() throws {
        var user = try user()
        let changed = [user.disable(), user.disable(), user.enable(), user.enable()]
        #expect(changed == [true, false, true, false])
        let roles = [user.setRole(.manager), user.setRole(.manager)]
        #expect(roles == [true, false] && user.role == .manager)
    }

    let lifetimes = Session.Lifetimes(access: 60, refresh: 3_600, idle: 600)

    @Test func aSessionStoresTheHashesOfItsTokensAndExpires() throws {
        let email = try EmailAddress(parsing: "ana@x.example")
        let (session, tokens) = Session.begin(
            for: email, lasting: lifetimes, at: now, random: .seeded(3))
        #expect(tokens.access.utf8.count == 64 && tokens.refresh.utf8.count == 64)
        #expect(session.tokenHash == Session.hash(ofToken: tokens.access))
        let stored = String(decoding: session.json, as: UTF8.self)
        #expect(!stored.contains(tokens.access) && !stored.contains(tokens.refresh))
        #expect(!session.isExpired(at: now.adding(seconds: 59)))
        #expect(session.isExpired(at: now.adding(seconds: 60)))
        #expect(!session.isOver(at: now.adding(seconds: 60)))
        #expect(session.isOver(at: now.adding(seconds: 3_600)))
        let other = Session.begin(for: email, lasting: lifetimes, at: now, random: .system)
        #expect(other.tokens != tokens && other.session.id != session.id)
    }

    @Test func aSessionIsRenewedOnceByItsRefreshTokenAndNotAfterItsLimits() throws {
        let email = try EmailAddress(parsing: "ana@x.example")
        func renewed(
            _ session: inout Session, _ token: String, after seconds: Int64
        ) -> Session.Tokens? {
            session.renew(
                with: token, lasting: lifetimes, at: now.adding(seconds: seconds),
                random: .system)
        }
        var (session, tokens) = Session.begin(
            for: email, lasting: lifetimes, at: now, random: .seeded(3))
        let id = session.id
        #expect(renewed(&session, tokens.access, after: 60) == nil)
        #expect(renewed(&session, tokens.refresh, after: 600) == nil, "idle")
        let next = try #require(renewed(&session, tokens.refresh, after: 599))
        #expect(session.id == id && session.tokenHash == Session.hash(ofToken: next.access))
        #expect(session.expiresAt == now.adding(seconds: 659))
        #expect(renewed(&session, tokens.refresh, after: 700) == nil, "used already")
        var token = next.refresh
        for step in Int64(2)...6 {
            token = try #require(renewed(&session, token, after: step * 599)).refresh
        }
        #expect(session.expiresAt == now.adding(seconds: 3_600), "never beyond the last day")
        #expect(renewed(&session, token, after: 3_600) == nil)
    }

    @Test(
        "users read back byte for byte and keep members of newer versions",
        arguments: [
            #"{"email":"Ana@x.example","name":"Ana","role":"owner","passwordHash":"$y$j9T$a$b","#
                + #""createdAt":"2026-11-23T18:31:07.123Z","disabled":true,"mfa":["totp"]}"#,
            #"{"email":"c@x.example","role":"clerk","passwordHash":"$y$j9T$a$b","#
                + #""createdAt":"2026-11-23T18:31:07.123Z","#
                + #""temporaryUntil":"2026-11-30T18:31:07.123Z","#
                + #""previousPasswords":["$y$j9T$c$d"]}"#,
            #"{"email":"d@x.example","role":"customer","passwordHash":"$y$j9T$a$b","#
                + #""createdAt":"2026-11-23T18:31:07.123Z","unconfirmed":true}"#,
            #"{"email":"b@x.example","role":"customer","passwordHash":"$y$j9T$a$b","#
                + #""createdAt":"2026-11-23T18:31:07.123Z"}"#,
        ])
    func users(json: String) throws {
        #expect(String(decoding: try User(json: Array(json.utf8)).json, as: UTF8.self) == json)
        let bad = json.replacing("\"role\":\"", with: "\"role\":\"super ")
        #expect(throws: JSONError.self) { try User(json: Array(bad.utf8)) }
    }

    @Test(
        "sessions and tokens read back and keep members of newer versions",
        arguments: [
            #"{"tokenHash":"ab12","user":"ana@x.example","createdAt":"2026-11-23T18:31:07.123Z","#
                + #""expiresAt":"2026-11-24T18:31:07.123Z","device":"till"}"#,
            #"{"tokenHash":"ab12","id":"01020304","user":"ana@x.example","#
                + #""createdAt":"2026-11-23T18:31:07.123Z","expiresAt":"2026-11-24T18:31:07.123Z","#
                + #""refreshHash":"cd34","refreshUntil":"2026-12-24T18:31:07.123Z","#
                + #""refreshedAt":"2026-11-23T18:31:07.123Z"}"#,
            #"{"tokenHash":"ab12","id":"01020304","user":"ana@x.example","#
                + #""createdAt":"2026-11-23T18:31:07.123Z","expiresAt":"2026-11-24T18:31:07.123Z","#
                + #""role":"clerk","name":"till"}"#,
        ])
    func sessions(json: String) throws {
        #expect(String(decoding: try Session(json: Array(json.utf8)).json, as: UTF8.self) == json)
    }
}
