import Foundation
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

/// Codes that prove that somebody reads the mail of an address.
@Suite struct CodeTests {
    let stage: SigninTests
    var shop: Shop { stage.shop }

    init() throws { stage = try SigninTests() }

    /// The codes in the outbox for an address.
    func sent(_ email: EmailAddress) throws -> [String] {
        let outbox = stage.directory.file("mugs/outbox")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: outbox)) ?? []
        return try names.compactMap { name in
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(outbox)/\(name)"))
            let object = try JSONSerialization.jsonObject(with: data) as? [String: String]
            return object?["to"] == email.text ? object?["code"] : nil
        }
    }

    func code(_ body: () throws -> Void) -> String? { stage.refusal(body)?.code }

    let new = Array("a lathe of my own".utf8)

    func recover(_ code: String, _ password: [UInt8]? = nil) throws {
        _ = try shop.choosePassword(
            of: stage.ana, by: .recover, code: Array(code.utf8), to: password ?? new)
    }

    @Test("a forgotten password is replaced by a code, once, and every session ends")
    func recovery() throws {
        let before = try shop.signIn(stage.ana, password: stage.password)
        try shop.sendCode(to: stage.ana, .recover)
        let digits = try #require(try sent(stage.ana).first)
        #expect(
            code { try recover(digits, Array("password1234".utf8)) } == "weak-password",
            "and the code is still good")
        _ = stage.fail(stage.ana, times: 6)
        try recover(digits)
        #expect(code { try recover(digits) } == "wrong-code")
        stage.actAs(before)
        #expect(code { _ = try shop.whoAmI() } == "session-expired")
        _ = try shop.signIn(stage.ana, password: new)
    }

    @Test("five wrong codes make the right one worthless, and a dry run counts")
    func guessing() throws {
        try shop.sendCode(to: stage.ana, .recover)
        let digits = try #require(try sent(stage.ana).first)
        for number in 0..<5 {
            shop.request.isDryRun = number == 2
            #expect(code { try recover(digits == "11111111" ? "2" : "11111111") } == "wrong-code")
        }
        shop.request.isDryRun = false
        #expect(code { try recover(digits) } == "wrong-code")
    }

    @Test("who has no account or is disabled is answered like anybody, and sent nothing")
    func nobody() throws {
        let nobody = try EmailAddress(parsing: "nobody@x.example")
        let boss = try shop.signIn(stage.owner, password: stage.password)
        stage.actAs(boss)
        _ = try shop.disableUser(stage.ana)
        for email in [nobody, stage.ana] {
            try shop.sendCode(to: email, .recover)
            #expect(try sent(email) == [])
            #expect(code { try shop.sendCode(to: email, .recover) } == "code-too-soon")
            let wrong = code {
                _ = try shop.choosePassword(
                    of: email, by: .recover, code: Array("1".utf8), to: new)
            }
            #expect(wrong == "wrong-code")
        }
        #expect(try stage.count("codes") == 2)
    }

    @Test("where the shop asks for it, who signs up for themselves confirms the address first")
    func confirming() throws {
        let path = stage.directory.file("mugs")
        try SigninTests.set(#"{"passwordCost":1,"confirmAddresses":true}"#, in: path)
        let strict = try SigninTests.open(path, stage.hands.clock)
        let eve = try EmailAddress(parsing: "eve@x.example")
        #expect(try strict.signUp(.init(email: eve, password: new)).state == .unconfirmed)
        #expect(code { _ = try strict.signIn(eve, password: new) } == "not-confirmed")
        stage.hands.advance(milliseconds: 60_000)
        let first = try #require(try sent(eve).first)
        try strict.sendCode(to: eve, .confirm)
        let second = try #require(try sent(eve).first { $0 != first })
        #expect(
            code { _ = try strict.confirmAddress(of: eve, code: Array(first.utf8)) }
                == "wrong-code")
        _ = try strict.confirmAddress(of: eve, code: Array(second.utf8))
        let signin = try strict.signIn(eve, password: new)
        #expect(signin.user.state == .confirmed)
        // Staff know whom they make an account for.
        strict.request.token = try strict.signIn(stage.owner, password: stage.password)
            .tokens.access
        let bo = try EmailAddress(parsing: "bo@x.example")
        #expect(try strict.signUp(.init(email: bo, password: new)).state == .confirmed)
    }

    @Test("an invitation is accepted by its code, and what was claimed before counts no more")
    func inviting() throws {
        let path = stage.directory.file("mugs")
        try SigninTests.set(#"{"passwordCost":1,"confirmAddresses":true}"#, in: path)
        let strict = try SigninTests.open(path, stage.hands.clock)
        let bo = try EmailAddress(parsing: "bo@x.example")
        // Somebody else claims the address first.
        _ = try strict.signUp(.init(email: bo, password: stage.password))
        let claimed = try #require(try sent(bo).first)
        #expect(code { _ = try strict.inviteUser(bo, name: nil, as: .clerk) } == "not-signed-in")
        strict.request.token = try strict.signIn(stage.ana, password: stage.password)
            .tokens.access
        #expect(code { _ = try strict.inviteUser(bo, name: nil, as: .clerk) } == "no-permission")
        strict.request.token = try strict.signIn(stage.owner, password: stage.password)
            .tokens.access
        #expect(try strict.inviteUser(bo, name: "Bo", as: .clerk).state == .unconfirmed)
        #expect(
            code { _ = try strict.inviteUser(stage.ana, name: nil, as: .clerk) } == "user-exists")
        let digits = try #require(try sent(bo).first { $0 != claimed })
        #expect(
            code { _ = try strict.confirmAddress(of: bo, code: Array(claimed.utf8)) }
                == "wrong-code")
        #expect(
            code { _ = try strict.signIn(bo, password: stage.password) } == "wrong-credentials")
        _ = try strict.choosePassword(
            of: bo, by: .invite, code: Array(digits.utf8), to: new)
        let signin = try strict.signIn(bo, password: new)
        #expect(signin.user.role == .clerk && signin.user.name == "Bo")
        #expect(try strict.violations().isEmpty)
    }

    @Test("an owner who did not accept yet is no owner who can sign in")
    func invitedOwner() throws {
        let bo = try EmailAddress(parsing: "bo@x.example")
        stage.actAs(try shop.signIn(stage.owner, password: stage.password))
        _ = try shop.inviteUser(bo, name: nil, as: .owner)
        #expect(code { _ = try shop.disableUser(stage.owner) } == "last-owner")
        let digits = try #require(try sent(bo).first)
        _ = try shop.choosePassword(of: bo, by: .invite, code: Array(digits.utf8), to: new)
        stage.actAs(try shop.signIn(bo, password: new))
        _ = try shop.disableUser(stage.owner)
        #expect(try shop.violations().isEmpty)
    }

    @Test("a required reset makes the password useless until another one is chosen by a code")
    func requiredReset() throws {
        let before = try shop.signIn(stage.ana, password: stage.password)
        #expect(code { _ = try shop.requireReset(of: stage.ana) } == "not-signed-in")
        stage.actAs(before)
        #expect(code { _ = try shop.requireReset(of: stage.owner) } == "no-permission")
        stage.actAs(try shop.signIn(stage.owner, password: stage.password))
        #expect(try shop.requireReset(of: stage.ana).state == .resetRequired)
        stage.actAs(before)
        #expect(code { _ = try shop.whoAmI() } == "session-expired")
        for attempt in [
            { _ = try shop.signIn(stage.ana, password: stage.password) },
            { _ = try shop.changePassword(of: stage.ana, from: stage.password, to: new) },
        ] {
            #expect(code(attempt) == "password-reset-required")
        }
        #expect(
            code { _ = try shop.signIn(stage.ana, password: stage.wrong) } == "wrong-credentials")
        let digits = try #require(try sent(stage.ana).first)
        #expect(code { try recover(digits, stage.password) } == "weak-password")
        try recover(digits)
        #expect(try shop.signIn(stage.ana, password: new).user.state == .confirmed)
    }

    @Test("who asks for codes in another's name keeps nobody from requiring a reset")
    func requiredResetAfterCodes() throws {
        try shop.sendCode(to: stage.ana, .recover)
        stage.actAs(try shop.signIn(stage.owner, password: stage.password))
        #expect(try shop.requireReset(of: stage.ana).state == .resetRequired)
        #expect(shop.takeNotices().count == 1)
        // The code that was sent is still good.
        try recover(try #require(try sent(stage.ana).first))
        _ = try shop.signIn(stage.ana, password: new)
    }

    @Test("codes stand in the outbox alone, in files for nobody else")
    func secrecy() throws {
        try shop.sendCode(to: stage.ana, .recover)
        let digits = try #require(try sent(stage.ana).first)
        let root = stage.directory.file("mugs")
        for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(root)/\(name)")
            let mode = attributes[.posixPermissions] as? Int ?? 0
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(name)"))
            let isThere = data.range(of: Data("\"\(digits)\"".utf8)) != nil
            #expect(isThere == name.hasPrefix("outbox/"), "\(name)")
            if isThere { #expect(mode == 0o600) }
        }
    }
}
