import Catalog
import Foundation
import Orders
import Payments
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

@testable import shopctl

/// The commands that `why` names are those that work, and no others.
@Suite struct NextCommandTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func run(_ line: String, in shop: String = "shop") throws -> (ExitCode, String) {
        let variables = ["HOME": directory.path, "SHOPCTL_DATA_DIR": directory.file(shop)]
        let console = CapturedConsole(input: [], terminals: [])
        let outcome = Tool.outcome(
            of: try LineSplitter.words(of: line, number: 1, file: "test"),
            environment: Environment(
                variable: { variables[$0] }, clock: .system, random: .system),
            console: console)
        return (outcome.code, console.output)
    }

    /// Whether a command works in a copy of the shop, and changes something.
    private func works(_ line: String) throws -> Bool {
        let copy = directory.file("copy")
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: directory.file("shop"), toPath: copy)
        let before = try run("audit list --limit 1 --field number", in: "copy").1
        let code = try run(line + " --yes", in: "copy").0
        return try code == .ok && run("audit list --limit 1 --field number", in: "copy").1 != before
    }

    private func opened() throws -> Shop {
        try DataDirectory(directory.file("shop")).open(
            clock: .system, random: .system, request: .init(command: "test"))
    }

    private func candidates(_ id: String) throws -> [NextCommands.Candidate] {
        let shop = try opened()
        if id.hasPrefix("ORD") {
            let number = try OrderNumber(parsing: id)
            return NextCommands.candidates(for: try #require(shop.orders([number]).first))
        }
        if id.hasPrefix("PAY") {
            let number = try PaymentNumber(parsing: id)
            return NextCommands.candidates(for: try #require(shop.payments([number]).first))
        }
        let sku = try SKU(parsing: id)
        let short = try shop.products([sku]).first?.stock?.backordered ?? 0
        return NextCommands.candidates(for: sku, short: short, in: [])
    }

    private func check(_ id: String, after line: String) throws -> Int {
        let (code, text) = try run("why \(id) --json")
        #expect(code == .ok, "why \(id) after \(line)")
        for candidate in try candidates(id) {
            let words = candidate.type.spec.path
            let lines = candidate.arguments.map { ShellWords.line(words + $0) }
            let expected = try lines.first { try works($0) }
            for line in lines {
                let isNamed = text.contains("\"command\":\"shopctl \(line)\"")
                #expect(isNamed == (line == expected), "\(line) after \(line), \(text)")
            }
        }
        return text.components(separatedBy: "\"command\":").count - 1
    }

    /// Each takes the shop to another state of its order, payments and units.
    private static let steps: [String] = [
        "product add MUG-1 --name Mug --price 10 --stock 9",
        "order create --customer ana@x.example --item MUG-1=2 --draft",
        "order place ORD-1001",
        "payment authorize ORD-1001 --amount 15",
        "payment capture PAY-1001 --amount 5",
        "payment void PAY-1001",
        "order ship ORD-1001 --item MUG-1=1",
        "payment capture ORD-1001 --method cash",
        "order deliver ORD-1001",
        "payment dispute PAY-1002 --amount 3",
        "order ship ORD-1001",
        "payment dispute PAY-1002 --lost",
        "order return ORD-1001 --item MUG-1=1 --restock",
        "payment refund ORD-1001 --full --yes",
        "order invoice ORD-1001",
        "product archive MUG-1 --yes",
        "product restore MUG-1",
        "stock adjust MUG-1 --by -8 --reason lost",
        "product edit MUG-1 --backorders",
        "order create --customer bo@x.example --item MUG-1=3",
    ]

    @Test("what is named works when it is typed, and what works is named") func legal() throws {
        var named = 0
        for line in Self.steps {
            #expect(try run(line).0 == .ok, "\(line)")
            let ids = try ["MUG-1", "ORD-1001", "PAY-1001", "PAY-1002", "ORD-1002"].filter {
                try run("why \($0) --quiet").0 == .ok
            }
            for id in ids { named += try check(id, after: line) }
        }
        #expect(named > 150)
    }

    /// Those that change no number of it.
    private static let aside: Set<String> = [
        "order note", "order tag", "product edit",
    ]

    @Test("no command about an order, payment or SKU is forgotten") func complete() throws {
        for line in Self.steps.prefix(8) { _ = try run(line) }
        let known = try ["ORD-1001", "PAY-1001", "MUG-1"].flatMap { try candidates($0) }
            .map { $0.type.name }
        let transfer = NextCommands.candidates(
            for: try SKU(parsing: "MUG-1"), short: 0, in: [LocationName(stored: "shelf")])
        let names = Set(known + transfer.map { $0.type.name })
        for type in CommandTable.all where type.spec.mutates {
            guard ["ORDER", "PAYMENT", "SKU"].contains(type.spec.operand?.name ?? ""),
                !Self.aside.contains(type.name)
            else { continue }
            // A new product is about no SKU there is.
            #expect(names.contains(type.name) || type.name == "product add", "\(type.name)")
        }
    }

    @Test("a customer is told of their own orders alone, and not who works in the shop")
    func customer() throws {
        let stage = try RoleMatrixTests.Stage()
        let own = "order create --customer \(try stage.email(.customer)) --item MUG-1=1"
        #expect(try stage.run(own, as: .clerk).code == .ok)
        let console = CapturedConsole(input: [], terminals: [])
        #expect(try stage.run("why ORD-1004 --json", as: .customer, on: console).code == .ok)
        #expect(console.output.contains(#""proven":true"#))
        #expect(!console.output.contains(#""by":"#) && !console.output.contains("payment capture"))
        #expect(try stage.run("why ORD-1001", as: .customer).code == .notFound)
        for line in ["why MUG-1", "why PAY-1001", "why 20.00"] {
            #expect(try stage.run(line, as: .customer).code == .noPermission, "\(line)")
        }
    }

    @Test("what is tried for who may do nothing puts no denial on record") func denied() throws {
        let stage = try RoleMatrixTests.Stage()
        let outcome = try stage.run("why ORD-1001 --json", as: .viewer)
        #expect(outcome.code == .ok)
        stage.shop.request.token =
            try stage.shop.signIn(stage.email(.owner), password: stage.password).tokens.access
        var filter = Shop.AuditFilter()
        filter.isDenied = true
        var denials = 0
        try stage.shop.eachAuditEntry(filter) { (_) throws(ShopError) in
            denials += 1
            return true
        }
        #expect(denials == 0)
    }
}
