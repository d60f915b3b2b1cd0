import Formats
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

/// Signing in with a code beside the password.
@Suite struct SecondFactorSigninTests {
    let stage: SigninTests
    var shop: Shop { stage.shop }

    init() throws { stage = try SigninTests() }

    func code(_ body: () throws -> Void) -> String? { stage.refusal(body)?.code }

    /// What the app shows now.
    func digits(_ user: User) throws -> [UInt8] {
        let secret = try #require(Base32.decode(user.secondFactor?.secretText ?? ""))
        let step = SecondFactor.step(at: stage.hands.clock.now())
        return Array(SecondFactor.code(secret, step: step).utf8)
    }

    func enroll() throws -> (user: User, recovery: [String]) {
        let user = try shop.enrollSecondFactor(of: stage.ana, password: stage.password).user
        let active = try shop.activateSecondFactor(
            of: stage.ana, password: stage.password, code: try digits(user))
        return (active.user, active.recoveryCodes)
    }

    @Test("once an app has shown a code, signing in and changing the password take one, once")
    func life() throws {
        let begun = try shop.enrollSecondFactor(of: stage.ana, password: stage.password)
        #expect(begun.uri.hasPrefix("otpauth://totp/mugs:Ana@x.example?secret="))
        // It is not asked for before it was seen to work.
        _ = try shop.signIn(stage.ana, password: stage.password)
        #expect(
            code {
                _ = try shop.activateSecondFactor(
                    of: stage.ana, password: stage.password, code: Array("1".utf8))
            } == "wrong-second-factor")
        let (user, recovery) = try enroll()
        #expect(
            code { _ = try shop.enrollSecondFactor(of: stage.ana, password: stage.password) }
                == "second-factor-exists")
        #expect(
            code { _ = try shop.signIn(stage.ana, password: stage.password) }
                == "second-factor-required")
        #expect(
            code { _ = try shop.signIn(stage.ana, password: stage.wrong) } == "wrong-credentials")
        let used = try digits(user)
        #expect(
            code { _ = try shop.signIn(stage.ana, password: stage.password, code: used) }
                == "wrong-second-factor")
        stage.hands.advance(milliseconds: 30_000)
        let fresh = try digits(user)
        _ = try shop.signIn(stage.ana, password: stage.password, code: fresh)
        #expect(
            code { _ = try shop.signIn(stage.ana, password: stage.password, code: fresh) }
                == "wrong-second-factor")
        let new = Array("a lathe of my own".utf8)
        #expect(
            code { _ = try shop.changePassword(of: stage.ana, from: stage.password, to: new) }
                == "second-factor-required")
        _ = try shop.changePassword(
            of: stage.ana, from: stage.password, to: new, code: Array(recovery[0].utf8))
        #expect(
            code { _ = try shop.signIn(stage.ana, password: new, code: Array(recovery[0].utf8)) }
                == "wrong-second-factor")
        _ = try shop.signIn(stage.ana, password: new, code: Array(recovery[1].utf8))
    }

    @Test("wrong codes shut the address as wrong passwords do, in a dry run too")
    func guessing() throws {
        let (user, _) = try enroll()
        for number in 0..<5 {
            shop.request.isDryRun = number % 2 == 0
            #expect(
                code {
                    _ = try shop.signIn(
                        stage.ana, password: stage.password, code: Array("000000".utf8))
                } == "wrong-second-factor")
        }
        shop.request.isDryRun = false
        stage.hands.advance(milliseconds: 900)
        #expect(
            code { _ = try shop.signIn(stage.ana, password: stage.password, code: digits(user)) }
                == "too-many-attempts")
        stage.hands.advance(milliseconds: 30_000)
        // A dry run says yes and uses nothing up.
        shop.request.isDryRun = true
        _ = try shop.signIn(stage.ana, password: stage.password, code: try digits(user))
        shop.request.isDryRun = false
        _ = try shop.signIn(stage.ana, password: stage.password, code: try digits(user))
    }

    @Test("where a role has to have it, nobody of the role signs in without")
    func required() throws {
        let path = stage.directory.file("mugs")
        try SigninTests.set(
            #"{"passwordCost":1,"secondFactorRoles":["owner"]}"#, in: path)
        let strict = try SigninTests.open(path, stage.hands.clock)
        #expect(
            code { _ = try strict.signIn(stage.owner, password: stage.password) }
                == "second-factor-missing")
        _ = try strict.signIn(stage.ana, password: stage.password)
        let user = try strict.enrollSecondFactor(of: stage.owner, password: stage.password).user
        #expect(
            code { _ = try strict.signIn(stage.owner, password: stage.password) }
                == "second-factor-missing")
        let (_, recovery) = try strict.activateSecondFactor(
            of: stage.owner, password: stage.password, code: try digits(user))
        let signin = try strict.signIn(
            stage.owner, password: stage.password, code: Array(recovery[0].utf8))
        #expect(signin.user.hasSecondFactor)
    }

    @Test("one's own goes with the password and a code, that of others by who manages them")
    func removing() throws {
        let (_, recovery) = try enroll()
        let ana = try shop.signIn(
            stage.ana, password: stage.password, code: Array(recovery[0].utf8))
        #expect(
            code {
                _ = try shop.removeSecondFactor(
                    of: stage.ana, password: stage.password, code: Array("1".utf8))
            } == "wrong-second-factor")
        stage.actAs(ana)
        #expect(code { _ = try shop.removeSecondFactor(of: stage.owner) } == "no-permission")
        stage.actAs(try shop.signIn(stage.owner, password: stage.password))
        _ = try shop.removeSecondFactor(of: stage.ana)
        stage.actAs(ana)
        #expect(code { _ = try shop.whoAmI() } == "session-expired")
        _ = try shop.signIn(stage.ana, password: stage.password)
        let (_, again) = try enroll()
        _ = try shop.removeSecondFactor(
            of: stage.ana, password: stage.password, code: Array(again[9].utf8))
        _ = try shop.signIn(stage.ana, password: stage.password)
    }

    @Test("where a role comes to have one, sessions of before can only enroll, and end by it")
    func comesToBeRequired() throws {
        let signin = try shop.signIn(stage.ana, password: stage.password)
        stage.actAs(signin)
        let token = try shop.createToken(nil, as: .customer, days: 9).token
        _ = try shop.whoAmI()
        let path = stage.directory.file("mugs")
        try SigninTests.set(#"{"passwordCost":1,"secondFactorRoles":["customer"]}"#, in: path)
        let strict = try SigninTests.open(path, stage.hands.clock)
        strict.request.token = signin.tokens.access
        #expect(code { _ = try strict.whoAmI() } == "second-factor-missing")
        strict.request.token = token
        _ = try strict.whoAmI()
        _ = try enroll()
        strict.request.token = signin.tokens.access
        #expect(code { _ = try strict.whoAmI() } == "session-expired")
        strict.request.token = token
        _ = try strict.whoAmI()
    }

    @Test("the use of a recovery code is in the audit trail, and how many are left is said")
    func recoveryCodes() throws {
        let (user, recovery) = try enroll()
        stage.hands.advance(milliseconds: 30_000)
        _ = try shop.signIn(stage.ana, password: stage.password, code: try digits(user))
        #expect(shop.takeNotices().isEmpty)
        _ = try shop.signIn(stage.ana, password: stage.password, code: Array(recovery[0].utf8))
        #expect(shop.takeNotices() == ["That was a recovery code; 9 are left."])
        stage.actAs(try shop.signIn(stage.owner, password: stage.password))
        var filter = Shop.AuditFilter()
        filter.id = "recovery-code"
        var found: [AuditEntry] = []
        try shop.eachAuditEntry(filter) { (entry) in
            found.append(entry)
            return true
        }
        #expect(found.map(\.by) == [stage.ana.text])
    }
}
