import Primitives
import Storage
import TestSupport
import Testing
import Users

@testable import ShopCore

/// Accounts beside a naive model that is told the same: they must never differ.
@Suite struct UserModelTests {
    /// What is known of an account.
    private struct Account {
        var role: Role
        var password: [UInt8]
        var isDisabled = false
        /// Access tokens of sessions that did not end, and when they began.
        var tokens: [(text: String, at: Timestamp)] = []
    }

    private final class World {
        var accounts: [String: Account] = [:]
        var random: SeededRandom
        let stage: SigninTests
        var shop: Shop { stage.shop }
        /// An owner who is never changed, and does what is done to others.
        let boss: EmailAddress
        var refusals = 0

        init(seed: UInt64) throws {
            random = SeededRandom(seed: seed)
            stage = try SigninTests()
            boss = stage.owner
            accounts[stage.ana.folded] = Account(role: .customer, password: stage.password)
        }

        /// Does what the model says works, or sees it refused with this code.
        func attempt(_ expected: String?, _ body: () throws -> Void) {
            let code = stage.refusal(body)?.code
            #expect(code == expected)
            if expected != nil { refusals += 1 }
        }
    }

    private static let roles: [Role] = [.manager, .clerk, .viewer, .customer]
    private static let passwords = ["gnu-lathe-violet", "gnu-lathe-crimson", "gnu-lathe-ochre"]

    private static func step(_ world: World) throws {
        let shop = world.shop
        let email = try EmailAddress(parsing: "u\(world.random.number(0...4))@x.example")
        let name = email.folded
        let known = world.accounts[name]
        let absent = known == nil ? "user-not-found" : nil
        let password = Array(world.random.one(of: passwords).utf8)
        let kind = world.random.number(0...8)
        if kind > 1 {
            shop.request.token = try shop.signIn(world.boss, password: world.stage.password)
                .tokens.access
        }
        switch kind {
        case 0:
            shop.request.token = nil
            world.attempt(known == nil ? nil : "user-exists") {
                _ = try shop.signUp(.init(email: email, password: password))
            }
            if known == nil { world.accounts[name] = Account(role: .customer, password: password) }
        case 1:
            let isRight = known?.password == password && known?.isDisabled == false
            world.attempt(isRight ? nil : "wrong-credentials") {
                let signin = try shop.signIn(email, password: password)
                world.accounts[name]?.tokens.append(
                    (signin.tokens.access, world.stage.hands.clock.now()))
            }
            // Being shut out is another test's: each failure is forgotten.
            if !isRight { world.stage.hands.advance(milliseconds: 1_000_000) }
        case 2:
            let role = world.random.one(of: roles)
            world.attempt(absent) { _ = try shop.setRole(role, of: email) }
            world.accounts[name]?.role = role
        case 3:
            world.attempt(absent) { _ = try shop.disableUser(email) }
            world.accounts[name]?.isDisabled = true
            world.accounts[name]?.tokens = []
        case 4:
            world.attempt(absent) { _ = try shop.enableUser(email) }
            world.accounts[name]?.isDisabled = false
        case 5:
            world.attempt(absent) { _ = try shop.deleteUser(email) }
            world.accounts[name] = nil
        case 6:
            world.attempt(absent) { _ = try shop.erasePerson(email) }
            world.accounts[name] = nil
        default:
            world.attempt(absent) { _ = try shop.signOutEverywhere(email) }
            world.accounts[name]?.tokens = []
        }
    }

    @Test(
        "accounts, roles, states and sessions are those of the model",
        arguments: [1, 2] as [UInt64])
    func model(seed: UInt64) throws {
        let world = try World(seed: seed)
        for round in 0..<150 {
            try Self.step(world)
            world.shop.maintain()
            guard round % 10 == 0 else { continue }
            try compare(world)
            let doctor = Doctor(
                world.stage.directory.file("mugs"), clock: world.stage.hands.clock,
                random: .seeded(6))
            let found = try doctor.examine().filter { $0.file != "shop.json" }
            #expect(found.isEmpty, "seed \(seed), round \(round): \(found)")
        }
        #expect(world.refusals > 20)
    }

    private func compare(_ world: World) throws {
        let shop = world.shop
        shop.request.token = try shop.signIn(world.boss, password: world.stage.password)
            .tokens.access
        var found: [String: [String]] = [:]
        try shop.eachUser { user in
            found[user.email.folded] = [user.role.rawValue, "\(user.isDisabled)"]
            return true
        }
        found[world.boss.folded] = nil
        #expect(found == world.accounts.mapValues { [$0.role.rawValue, "\($0.isDisabled)"] })
        for (name, account) in world.accounts {
            let hour = world.stage.hands.clock.now().adding(seconds: -3_600)
            for token in account.tokens where token.at > hour {
                shop.request.token = token.text
                #expect(try shop.whoAmI().user.email.folded == name)
            }
        }
    }
}
