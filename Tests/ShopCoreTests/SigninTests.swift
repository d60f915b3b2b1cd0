import Foundation
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing
import Users

/// Signing in, sessions and the managing of accounts, through the shop.
@Suite struct SigninTests {
    let hands = KeyRetentionTests.Hands()
    let directory: TemporaryDirectory
    let shop: Shop
    let owner: EmailAddress
    let ana: EmailAddress
    let password = Array("gnu-lathe-violet".utf8)
    let wrong = Array("gnu-lathe-purple".utf8)

    init() throws {
        directory = try TemporaryDirectory()
        shop = try Self.make(directory.file("mugs"), hands.clock, accounts: #"{"passwordCost":1}"#)
        owner = try EmailAddress(parsing: "owner@shop.example")
        ana = try EmailAddress(parsing: "Ana@x.example")
        for email in [owner, ana] { _ = try shop.signUp(.init(email: email, password: password)) }
    }

    static func make(_ path: String, _ clock: Clock, accounts: String) throws -> Shop {
        let store = Shop.store(at: path, thresholds: ShopModelTests.tiny)
        try Shop.create(
            in: store, currency: Currency(parsing: "USD"), timeZone: .utc, clock: clock,
            random: .seeded(1))
        try set(accounts, in: path)
        return try open(path, clock)
    }

    /// Writes the object `accounts` of shop.json, as a person with an editor would.
    static func set(_ accounts: String, in path: String) throws {
        let url = URL(fileURLWithPath: "\(path)/shop.json")
        var text = try String(contentsOf: url, encoding: .utf8)
        if let old = text.range(of: ",\"accounts\":") {
            text = text[..<old.lowerBound] + "}"
        }
        let end = try #require(text.lastIndex(of: "}"))
        try (text[..<end] + ",\"accounts\":\(accounts)}\n")
            .write(to: url, atomically: true, encoding: .utf8)
    }

    static func open(_ path: String, _ clock: Clock) throws -> Shop {
        let store = Shop.store(at: path, thresholds: ShopModelTests.tiny)
        return try Shop(
            store, clock: clock, random: .seeded(2), request: .init(command: "test"))
    }

    func refusal(_ body: () throws -> Void) -> ShopError? {
        do { try body() } catch { return error as? ShopError }
        return nil
    }

    func fail(_ email: EmailAddress, times: Int = 1, in shop: Shop? = nil) -> ShopError? {
        var last: ShopError?
        for _ in 0..<times {
            last = refusal { _ = try (shop ?? self.shop).signIn(email, password: wrong) }
        }
        return last
    }

    func count(_ collection: String) throws -> Int {
        let store = Shop.store(at: directory.file("mugs"))
        return try store.read { (view) throws(ShopError) in
            var count = 0
            try view.scan(KeyRange(collection: collection)) { (_) throws(ShopError) in
                count += 1
                return true
            }
            return count
        }
    }

    func actAs(_ signin: Shop.Signin) { shop.request.token = signin.tokens.access }

    @Test("five failures shut an address, with and without an account, in the same words")
    func lockout() throws {
        let nobody = try EmailAddress(parsing: "ana@y.example")
        #expect(fail(ana, times: 5) == fail(nobody, times: 5))
        let shut = try #require(fail(ana))
        #expect(shut.code == "too-many-attempts")
        #expect(
            shut.message.replacing("Ana@x", with: "ana@y") == fail(nobody)?.message)
        // Not even the right password, and others are not concerned.
        #expect(
            refusal { _ = try shop.signIn(ana, password: password) }?.code == "too-many-attempts")
        _ = try shop.signIn(owner, password: password)
        hands.advance(milliseconds: 1_000)
        _ = try shop.signIn(ana, password: password)
        #expect(fail(ana, times: 4)?.code == "wrong-credentials", "a sign-in begins anew")
        #expect(refusal { _ = try shop.signIn(ana, password: password) } == nil)
    }

    @Test("the wait doubles, survives a restart, and ends after quiet minutes")
    func lockoutSurvives() throws {
        for seconds in [0, 0, 0, 0, 1, 2, 4, 8] as [Int64] {
            #expect(fail(ana)?.code == "wrong-credentials")
            let again = try Self.open(directory.file("mugs"), hands.clock)
            let code = fail(ana, times: 3, in: again)?.code
            if seconds > 0 {
                #expect(code == "too-many-attempts")
                hands.advance(milliseconds: seconds * 1_000 - 1)
                #expect(fail(ana, in: again)?.code == "too-many-attempts")
                hands.advance(milliseconds: 1)
            } else {
                break
            }
        }
        #expect(fail(ana, times: 20)?.code == "too-many-attempts")
        hands.advance(hours: 1)
        #expect(fail(ana, times: 5)?.code == "wrong-credentials")
    }

    @Test func aFailureCountsInADryRunToo() throws {
        shop.request.isDryRun = true
        #expect(fail(ana, times: 5)?.code == "wrong-credentials")
        #expect(fail(ana)?.code == "too-many-attempts")
    }

    @Test("failures of many addresses do not fill the disk")
    func failuresGo() throws {
        for round in 0..<4 {
            for number in 0..<30 {
                _ = fail(try EmailAddress(parsing: "u\(round)-\(number)@x.example"))
            }
            hands.advance(hours: 1)
        }
        let count = try count("signin-failures")
        #expect(count >= 30 && count < 70, "\(count)")
    }

    @Test("a cost that rises reaches a hash with the next sign-in, and not before")
    func rehash() throws {
        try Self.set(#"{"passwordCost":2}"#, in: directory.file("mugs"))
        let costlier = try Self.open(directory.file("mugs"), hands.clock)
        _ = fail(ana, in: costlier)
        let signin = try costlier.signIn(ana, password: password)
        #expect(signin.user.passwordHash.cost == 2)
        costlier.request.token = signin.tokens.access
        #expect(try costlier.users([ana])[0].passwordHash.cost == 2)
        // A lower one leaves it.
        hands.advance(hours: 1)
        #expect(try shop.signIn(ana, password: password).user.passwordHash.cost == 2)
    }

    @Test("the rules on passwords hold wherever one is set")
    func policyEverywhere() throws {
        let usual = Array("password1234".utf8)
        let boss = try shop.signIn(owner, password: password)
        var paths: [(String, () throws -> Void)] = []
        paths.append(
            (
                "signup",
                {
                    _ = try shop.signUp(
                        .init(email: .init(parsing: "n@x.example"), password: usual))
                }
            ))
        paths.append(("reset", { _ = try shop.resetPassword(of: ana, to: usual) }))
        paths.append(
            ("passwd", { _ = try shop.changePassword(of: ana, from: password, to: usual) }))
        for (name, path) in paths {
            actAs(boss)
            #expect(refusal(path)?.code == "weak-password", "\(name)")
        }
        actAs(boss)
        #expect(
            refusal { _ = try shop.resetPassword(of: ana, to: password) }?.message
                == "the password was in use before")
        #expect(
            refusal { _ = try shop.changePassword(of: ana, from: password, to: password) }?.message
                == "the password was in use before")
        #expect(fail(ana)?.code == "wrong-credentials")
    }

    @Test("a reset password is good for choosing another one, and ends every session")
    func reset() throws {
        let before = try shop.signIn(ana, password: password)
        let boss = try shop.signIn(owner, password: password)
        actAs(boss)
        let temporary = Array("temporary lathe words".utf8)
        _ = try shop.resetPassword(of: ana, to: temporary)
        actAs(before)
        #expect(refusal { _ = try shop.whoAmI() }?.code == "session-expired")
        #expect(
            refusal { _ = try shop.signIn(ana, password: temporary) }?.code
                == "password-change-required")
        let own = Array("my own lathe words".utf8)
        _ = try shop.changePassword(of: ana, from: temporary, to: own)
        #expect(try shop.signIn(ana, password: own).user.state == .confirmed)
        #expect(
            refusal { _ = try shop.signIn(ana, password: password) }?.code == "wrong-credentials")
    }

    @Test("a changed password ends all sessions but the one that asks")
    func changing() throws {
        let till = try shop.signIn(ana, password: password)
        let home = try shop.signIn(ana, password: password)
        actAs(home)
        let own = Array("my own lathe words".utf8)
        _ = try shop.changePassword(of: ana, from: password, to: own)
        actAs(home)
        #expect(try shop.whoAmI().session.id == home.session.id)
        actAs(till)
        #expect(refusal { _ = try shop.whoAmI() }?.code == "session-expired")
        #expect(
            refusal {
                _ = try shop.refreshSession(
                    access: till.tokens.access, refresh: till.tokens.refresh)
            }?.code == "session-expired")
    }

    @Test("the last owner who can sign in stays one")
    func lastOwner() throws {
        let boss = try shop.signIn(owner, password: password)
        actAs(boss)
        #expect(refusal { _ = try shop.disableUser(owner) }?.code == "last-owner")
        #expect(refusal { _ = try shop.setRole(.manager, of: owner) }?.code == "last-owner")
        _ = try shop.setRole(.owner, of: ana)
        _ = try shop.disableUser(ana)
        #expect(refusal { _ = try shop.setRole(.manager, of: owner) }?.code == "last-owner")
        _ = try shop.enableUser(ana)
        _ = try shop.setRole(.manager, of: owner)
        #expect(refusal { _ = try shop.setRole(.clerk, of: ana) }?.code == "no-permission")
        #expect(refusal { _ = try shop.setRole(.owner, of: owner) }?.code == "no-permission")
        #expect(try shop.violations().isEmpty)
    }
}
