import Foundation
import TestSupport
import Testing

/// What docs/data-format.md says of accounts is enough to read them without shopctl.
@Suite(.enabled(if: Binary.isBuilt && Tools.python != nil)) struct ReadUsersTests {
    private let shop: Binary
    private let password: String

    init() throws {
        shop = try Binary()
        password = try shop.file("password", "gnu-lathe-violet\n")
        chmod(password, 0o600)
        try run("user", "signup", "owner@shop.example", "--password-file", password)
        try run("user", "signin", "owner@shop.example", "--password-file", password)
    }

    private func run(_ words: String...) throws {
        let outcome = try shop.run(words)
        #expect(outcome.code == 0, "\(words) \(outcome.errors)")
    }

    /// A role of the shop's own, as a person with an editor would add it.
    private func addRole() throws {
        let url = URL(fileURLWithPath: shop.data + "/shop.json")
        let text = try String(contentsOf: url, encoding: .utf8)
        let roles = #""accounts":{"passwordCost":1,"roles":{"cashier":["product.read"]}},"id":"#
        try text.replacing("\"id\":", with: roles)
            .write(to: url, atomically: true, encoding: .utf8)
    }

    @Test("the reader agrees with export on factors, states, profiles and roles of the shop's own")
    func accounts() throws {
        try addRole()
        for (name, role) in [("bo", "cashier"), ("eve", "clerk"), ("max", "manager")] {
            try run(
                "user", "signup", "\(name)@x.example", "--role", role, "--password-file", password)
        }
        try run(
            "user", "edit", "bo@x.example", "--name", "Bö", "--phone", "+43 1 234567", "--locale",
            "de-AT", "--address", "1 Lane, Town")
        try run("user", "reset", "eve@x.example", "--code")
        try run("user", "disable", "max@x.example")
        try run("user", "invite", "new@x.example", "--role", "clerk")
        // Begun and not confirmed: no factor yet.
        try run("user", "totp", "enroll", "bo@x.example", "--password-file", password)
        try shop.expectExportAgrees(atLeast: 25)
        let records = try shop.readShop("users").output
        for member in [
            #""role":"cashier""#, #""phone":"+43 1 234567""#, #""locale":"de-AT""#,
            #""resetRequired":true"#, #""unconfirmed":true"#, #""disabled":true"#,
            #""secondFactor":{"secret":""#,
        ] {
            #expect(records.contains(member), "\(member)")
        }
        // And it sees it where they differ.
        let export = shop.home.file("export.jsonl")
        let good = try String(contentsOfFile: export, encoding: .utf8)
        for (right, wrong) in [
            (#""state":"reset-required""#, #""state":"confirmed""#),
            (#""role":"cashier""#, #""role":"clerk""#),
            (#""disabled":true"#, #""disabled":false"#), ("1 Lane", "2 Lane"),
        ] {
            let bad = try shop.file("bad.jsonl", good.replacing(right, with: wrong))
            #expect(try shop.readShop("--against", bad).code == 1, "\(wrong)")
        }
    }
}
