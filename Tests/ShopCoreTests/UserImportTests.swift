import Formats
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

/// Accounts from a file.
@Suite struct UserImportTests {
    let stage: SigninTests
    var shop: Shop { stage.shop }

    init() throws {
        stage = try SigninTests()
        stage.actAs(try shop.signIn(stage.owner, password: stage.password))
    }

    func importing(
        _ lines: String, onConflict: ImportConflict = .fail
    ) throws(ShopError) -> ImportSummary {
        var rest = Array(lines.utf8)[...]
        let reader = UserReader("users.jsonl") { (buffer) throws(ShopError) in
            let part = rest.prefix(buffer.count)
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
        return try shop.importUsers(reader, onConflict: onConflict)
    }

    func code(_ body: () throws -> Void) -> String? { stage.refusal(body)?.code }

    @Test("an account with its hash signs in as before; one without chooses a password by a code")
    func passwords() throws {
        let hash = try PasswordHash.make(Array("eve has a lathe".utf8), random: .system, cost: 1)
        let summary = try importing(
            #"{"email":"eve@x.example","role":"clerk","passwordHash":"\#(hash.text)"}"# + "\n"
                + #"{"users":{"email":"kim@x.example","name":"Kim","state":"confirmed"}}"# + "\n"
                + #"{"products":{"sku":"MUG-1"}}"#)
        #expect(summary.created == 2)
        // A password that somebody else set there is of no use here.
        let temporary = #"{"email":"tom@x.example","state":"force-change-password","#
        _ = try importing(temporary + #""passwordHash":"\#(hash.text)"}"#)
        #expect(try shop.users([.init(parsing: "tom@x.example")])[0].state == .resetRequired)
        let eve = try EmailAddress(parsing: "eve@x.example")
        let kim = try EmailAddress(parsing: "kim@x.example")
        let users = try shop.users([eve, kim])
        #expect(users.map(\.state) == [.confirmed, .resetRequired])
        #expect(users.map(\.role) == [.clerk, .customer] && users[1].name == "Kim")
        #expect(try shop.violations().isEmpty)
        _ = try shop.signIn(eve, password: Array("eve has a lathe".utf8))
        #expect(
            code { _ = try shop.signIn(kim, password: stage.password) } == "wrong-credentials")
        try shop.sendCode(to: kim, .recover)
        #expect(try stage.count("codes") == 1)
    }

    @Test("all or nothing, by whoever may give the roles in it, and hashes by owners alone")
    func refusals() throws {
        let manager = #"{"email":"mo@x.example","role":"manager"}"#
        let owner = #"{"email":"oz@x.example","role":"owner"}"#
        let hashed = #"{"email":"eve@x.example","passwordHash":"$y$j75$abc$def"}"#
        _ = try shop.setRole(.manager, of: stage.ana)
        stage.actAs(try shop.signIn(stage.ana, password: stage.password))
        #expect(try importing(manager).created == 1)
        for lines in [manager + "\n" + owner, hashed] {
            #expect(code { _ = try importing(lines) } == "no-permission")
        }
        shop.request.token = nil
        #expect(code { _ = try importing(manager) } == "not-signed-in")
        stage.actAs(try shop.signIn(stage.owner, password: stage.password))
        #expect(try importing(manager).unchanged == 1)
        let other = #"{"email":"MO@x.example","role":"manager","name":"Mo"}"#
        #expect(stage.refusal { _ = try importing(owner + "\n" + other) }?.kind == .conflict)
        #expect(code { _ = try shop.users([.init(parsing: "oz@x.example")]) } == "user-not-found")
        let both = try importing(owner + "\n" + other, onConflict: .skip)
        #expect(both.created == 1 && both.skipped == 1)
        #expect(try shop.violations().isEmpty)
    }
}
