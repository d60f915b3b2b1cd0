import Foundation
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

@testable import shopctl

/// Every command under every role, and for nobody: what the table of roles says is what happens.
@Suite struct RoleMatrixTests {
    /// A shop with an account of each role, an order and a payment.
    struct Stage {
        let directory = try? TemporaryDirectory()
        let shop: Shop
        let password = Array("gnu-lathe-violet".utf8)
        private var path: String { directory?.path ?? "" }

        init() throws {
            let path = try #require(directory?.path)
            let place = DataDirectory(path + "/mugs")
            try place.create(
                currency: Currency(parsing: "USD"), timeZone: .utc, clock: .system,
                random: .system)
            let file = URL(fileURLWithPath: path + "/mugs/shop.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacing("\"id\":", with: #""accounts":{"passwordCost":1},"id":"#)
                .write(to: file, atomically: true, encoding: .utf8)
            shop = try place.open(
                clock: .system, random: .system, request: .init(command: "test"))
            for name in [
                "balances.jsonl", "products.jsonl", "users.jsonl", "orders.jsonl", "tax_rates.csv",
            ] {
                try Data().write(to: URL(fileURLWithPath: path + "/" + name))
            }
            try Data("MUG-1\n".utf8).write(to: URL(fileURLWithPath: path + "/shelf.txt"))
            let secret = path + "/secret.txt"
            try Data("gnu-lathe-crimson\n".utf8).write(to: URL(fileURLWithPath: secret))
            chmod(secret, 0o600)
            _ = try run("product add MUG-1 --name Mug --price 10 --stock 900", as: nil)
            for _ in 0..<3 {
                _ = try run("order create --customer ana@x.example --item MUG-1=2", as: nil)
            }
            _ = try run("payment capture ORD-1001 --method cash", as: nil)
            _ = try shop.signUp(.init(email: email(.owner), password: password))
            shop.request.token = try shop.signIn(email(.owner), password: password).tokens.access
            for role in Role.allCases where role != .owner {
                var request = Shop.SignupRequest(email: try email(role), password: password)
                request.role = role
                _ = try shop.signUp(request)
            }
            // The one that accounts are managed on.
            _ = try shop.signUp(.init(email: .init(parsing: "eve@x.example"), password: password))
        }

        func email(_ role: Role) throws(ShopError) -> EmailAddress {
            try EmailAddress(parsing: "\(role.rawValue)@shop.example")
        }

        /// Runs a line with a new session of that role, and says how it ended.
        func run(
            _ line: String, as role: Role?,
            on console: CapturedConsole = CapturedConsole(input: [], terminals: [])
        ) throws -> Tool.Outcome {
            var variables = ["HOME": path, "SHOPCTL_DATA_DIR": path + "/mugs"]
            if let role {
                variables["SHOPCTL_TOKEN"] =
                    try shop.signIn(email(role), password: password).tokens.access
            }
            let known = variables
            var words = try LineSplitter.words(of: line, number: 1, file: "test")
            words = words.map { $0.hasPrefix("./") ? path + "/" + $0.dropFirst(2) : $0 }
            return Tool.outcome(
                of: words + ["--yes", "--no-input"],
                environment: Environment(
                    variable: { known[$0] }, clock: .system, random: .system),
                console: console)
        }
    }

    /// The lines of commands whose first example does not show what the role is asked for: it
    /// names a file, or is what everybody may.
    private static let lines: [String: String] = [
        "import products": "import products -f ./products.jsonl",
        "tax import": "tax import -f ./tax_rates.csv",
        "import users": "import users -f ./users.jsonl",
        "import orders": "import orders -f ./orders.jsonl",
        "import balances": "import balances -f ./balances.jsonl",
        "stock count": "stock count ./shelf.txt",
        "export all": "export all --format jsonl",
        "user show": "user show eve@x.example",
        "user session list": "user session list eve@x.example",
        "user delete": "user delete no@x.example",
        "user edit": "user edit eve@x.example --name Eve",
        "user role": "user role eve@x.example --to clerk",
        "user reset": "user reset eve@x.example --password-file ./secret.txt",
        "user disable": "user disable eve@x.example",
        "user enable": "user enable eve@x.example",
        "product archive": "product archive MUG-9",
        "product restore": "product restore MUG-9",
    ]

    private static func line(for spec: CommandSpec) throws -> String {
        if let line = lines[spec.name] { return line }
        let example = try #require(spec.examples.first?.command, "\(spec.name) has no example")
        // What is written stays in the stage's directory.
        return String(example.dropFirst("shopctl ".count)).replacing(" -o ", with: " -o ./")
    }

    @Test("every command is denied with exit 77 to just the roles that the table denies it to")
    func matrix() throws {
        let stage = try Stage()
        var denied = 0
        for type in CommandTable.all {
            guard let action = type.spec.permission?.action, type.name != "user session revoke"
            else { continue }
            let line = try Self.line(for: type.spec)
            for role in Role.allCases {
                let outcome = try stage.run(line, as: role)
                let isDenied = outcome.error?.code == "no-permission"
                #expect(isDenied == !role.allows(action), "\(role.rawValue): \(line)")
                #expect(isDenied == (outcome.code == .noPermission), "\(role.rawValue): \(line)")
                #expect(outcome.code != .usage, "\(line) is not understood")
                if isDenied {
                    let detail = outcome.error?.details.first { $0.name == "action" }
                    let named = detail?.value ?? ""
                    #expect(
                        named == action.rawValue || named == action.rawValue + ".own", "\(line)")
                    denied += 1
                }
            }
            let nobody = try stage.run(line, as: nil)
            #expect(nobody.code == .auth, "nobody: \(line)")
        }
        #expect(denied > 60)
        // Each of them is in the audit trail, under the action's name.
        stage.shop.request.token =
            try stage.shop.signIn(stage.email(.owner), password: stage.password).tokens.access
        var filter = Shop.AuditFilter()
        filter.isDenied = true
        var noted = 0
        try stage.shop.eachAuditEntry(filter) { (entry) throws(ShopError) in
            noted += entry.ids.count == 1 && Action(rawValue: entry.ids[0]) != nil ? 1 : 0
            return true
        }
        #expect(noted == denied)
    }

    @Test("every command that works on the shop says who may run it")
    func everyCommandSaysSo() {
        for type in CommandTable.all where type is any ShopCommand.Type {
            #expect(type.spec.permission != nil, "\(type.name)")
        }
    }

    @Test("a viewer changes nothing: every command that needs a permission and mutates is denied")
    func viewer() {
        for type in CommandTable.all where type.spec.mutates {
            guard let action = type.spec.permission?.action else { continue }
            #expect(!Role.viewer.allows(action), "\(type.name)")
        }
    }
}
