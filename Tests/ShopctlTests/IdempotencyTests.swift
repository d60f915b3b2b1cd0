import Foundation
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

@testable import shopctl

/// Every command that changes money, stock or orders, under one idempotency key: repeated it
/// prints the first result, and nothing happens twice.
@Suite struct IdempotencyTests {
    @Test(
        "the same key and content print the first result, byte for byte and exit for exit",
        arguments: RepeatedCommand.all)
    func repeats(command: RepeatedCommand) throws {
        for format in ["--json", ""] {
            let stage = try KeyStage(command.before)
            let line = "\(command.line) \(format) --idempotency-key web-1"
            // What is refused, or only tried, leaves the key free.
            if let refused = command.refused {
                let outcome = try stage.run(refused + " --idempotency-key web-1")
                #expect(outcome.code != 0, "\(refused)")
            }
            #expect(try stage.run(line + " --dry-run").code == 0 || command.code != .ok)
            let first = try stage.run(line)
            #expect(first.code == command.code.rawValue, "\(line): \(first.errors)")
            // Whatever changes meanwhile, the answer is the one that was given.
            try stage.meanwhile()
            let count = try stage.transactions()
            let again = try stage.run(line)
            #expect(again == first, "\(line)")
            #expect(try stage.transactions() == count, "\(line)")
            for other in command.others {
                let outcome = try stage.run(other + " --idempotency-key web-1")
                #expect(outcome.code == ExitCode.conflict.rawValue, "\(other): \(outcome)")
                #expect(outcome.errors.contains("\"web-1\" was used"), "\(other): \(outcome)")
            }
            #expect(try stage.transactions() == count, "\(line)")
            #expect(try stage.run("doctor").output == "")
        }
    }

    @Test("every command that changes something is repeated here, or is said not to be")
    func isWhole() {
        let repeated = Set(RepeatedCommand.all.map(\.name))
        let named = Set(CommandTable.all.filter { $0.spec.mutates }.map { $0.name })
        #expect(repeated.isSubset(of: named))
        // Accounts, whose answers are secrets at times, and what is of the shop as a whole.
        let wholes = ["init", "doctor", "import users", "run"]
        let others = named.subtracting(repeated).filter {
            !$0.hasPrefix("user ") && !wholes.contains($0)
        }
        #expect(others.sorted() == [])
    }

    @Test(
        "a file that says something else is another request, and the same file the same",
        arguments: [
            ("stock count ./counts.txt", "counts.txt", "MUG-1,31\n"),
            ("tax import -f ./taxes.csv", "taxes.csv", "country,rate,name\nDE,7,MwSt\n"),
            ("import products -f ./products.csv", "products.csv", "sku,name,price\nNEW-2,N,4\n"),
            ("import orders -f ./history.csv", "history.csv", "reference\n"),
            ("import products -f ./many.csv", "many.csv", "sku,name,price\nNEW-2,N,4\n"),
            (
                "payment capture ORD-1001 --method gift-card --code-file ./card.txt", "card.txt",
                "SECRET-CODE-0002\n"
            ),
        ])
    func files(line: String, name: String, other: String) throws {
        let stage = try KeyStage([])
        // More rows than go through the journal.
        let rows = (1...6_000).map { "ROW-\($0),Row,1\n" }.joined()
        try stage.file("many.csv", "sku,name,price\n" + rows)
        let card = try stage.run("balance issue --amount 20 --json").output
        let code = try #require(card.firstMatch(of: /"code":"([0-9A-Z-]+)"/))
        try stage.file("card.txt", "\(code.1)\n")
        let keyed = line + " --idempotency-key web-1"
        let first = try stage.run(keyed)
        #expect(first.code == 0, "\(first.errors)")
        let text = try stage.text(of: name)
        try stage.file(name, other)
        let count = try stage.transactions()
        let reused = try stage.run(keyed)
        #expect(reused.code == 5 && reused.errors.contains("\"web-1\" was used"))
        try stage.file(name, text)
        #expect(try stage.run(keyed) == first)
        #expect(try stage.transactions() == count)
    }

    @Test("a gift card's code is said again to who repeats the request, and stands in no file")
    func giftCard() throws {
        let stage = try KeyStage([])
        let line = "balance issue --amount 20 --json --idempotency-key web-1"
        let first = try stage.run(line)
        let code = try #require(first.output.firstMatch(of: /"code":"([0-9A-Z-]+)"/)).1
        #expect(try stage.run(line).output == first.output)
        try stage.file("card.txt", "\(code)\n")
        let pay = "payment capture ORD-1001 --method gift-card --code-file ./card.txt"
        #expect(try stage.run(pay).code == 0)
        #expect(try !stage.filesOfShop().contains { $0.contains(code) })
        // When the key is forgotten it is another card.
        _ = try stage.run("wait 31")
        let later = try stage.run(line)
        #expect(later.code == 0 && !later.output.contains(code))
        #expect(try stage.run(line).output == later.output)
        #expect(try stage.run("balance list --format count").output == "3\n")
    }

    @Test("the lines of a run, and the rows of a file of orders, have a key each")
    func lines() throws {
        let stage = try KeyStage([])
        let rows = """
            {"customer":"ana@x.example","item":["MUG-1=1"]}
            {"customer":"bo@x.example","item":["MUG-1=1000"]}
            {"customer":"bo@x.example","item":["CUP-2=1"]}

            """
        try stage.file("orders.jsonl", rows)
        let create = "order create --from ./orders.jsonl --idempotency-key night-1"
        let first = try stage.run(create)
        #expect(first.code == ExitCode.partial.rawValue)
        let count = try stage.transactions()
        #expect(try stage.run(create).output == first.output)
        #expect(try stage.transactions() == count)
        // A row that says something else is another request.
        try stage.file("orders.jsonl", rows.replacing("CUP-2=1", with: "CUP-2=2"))
        let other = try stage.run(create)
        #expect(other.output.contains(#"{"row":3,"error":{"code":"idempotency-key-reused""#))

        try stage.file(
            "evening.txt",
            """
            stock receive MUG-1 --quantity 2
            stock receive MUG-1 --quantity 2 --idempotency-key own-1
            stock receive MUG-1 --quantity 2
            """)
        let run = "run ./evening.txt --idempotency-key night-2"
        let before = try stage.transactions()
        let received = try stage.run(run)
        #expect(received.output == "MUG-1\nMUG-1\nMUG-1\n", "\(received)")
        #expect(try stage.run(run) == received)
        #expect(try stage.transactions() == before + 3)
    }
}

/// A shop in which every command has something to do, with a clock that goes on with each.
final class KeyStage {
    struct Outcome: Equatable {
        let code: Int32
        let output: String
        /// Without the notice that nothing was done.
        let errors: String
    }

    private let directory: TemporaryDirectory
    private var now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_000)
    private let random = RandomBytes.seeded(7)
    private static let config = #"{"providers":{"sandbox":{"kind":"sandbox"}}}"#

    /// What stands before each command.
    private static let lines = [
        "init --currency EUR --tz UTC",
        "product add MUG-1 --name Mug --price 10 --stock 40",
        "product add CUP-2 --name Cup --price 5 --stock 40",
        "product add OLD-3 --name Old --price 5", "product archive OLD-3",
        "location add warehouse", "stock transfer MUG-1 --quantity 5 --to warehouse",
        "coupon add SPRING --percent 10", "shipping set POST --price 4.90",
        "tax set 20 --country GB --name VAT",
        "order create --customer ana@x.example --item MUG-1=2 --item CUP-2=1",
        "order create --customer ana@x.example --item MUG-1=2",
        "payment capture ORD-1002 --method cash", "order ship ORD-1002",
        "order create --customer bo@x.example --item CUP-2=4 --draft",
        "order create --customer ana@x.example --item CUP-2=4",
        "payment authorize ORD-1004 --amount 15",
        "balance grant ana@x.example --amount 7",
    ]

    init(_ more: [String]) throws {
        directory = try TemporaryDirectory()
        let config = directory.file(".config/shopctl")
        try FileManager.default.createDirectory(
            atPath: config, withIntermediateDirectories: true)
        try file(".config/shopctl/config.json", Self.config)
        try file("code.txt", "SECRET-CODE-0001\n")
        try file("other-code.txt", "SECRET-CODE-0002\n")
        try file("counts.txt", "MUG-1,30\n")
        try file("secret.txt", "gnu-lathe-violet\n")
        try file("taxes.csv", "country,rate,name\nDE,19,MwSt\n")
        try file("more-taxes.csv", "country,rate,name\nAT,20,USt\n")
        try file("products.csv", "sku,name,price\nNEW-1,New,3\n")
        try file(
            "balances.jsonl",
            #"{"holder":"customer/bo@x.example","history":[{"kind":"grant","amount":"5","#
                + #""at":"2026-11-23T09:00:00Z"}]}"# + "\n")
        let orders = "reference,customer,status,placedAt,sku,quantity,unitPrice\n"
        try file(
            "history.csv",
            orders + "W-1,ana@x.example,placed,2026-10-01,MUG-1,1,9\n")
        for line in Self.lines + more {
            let outcome = try run(line)
            // What is lost on purpose is a step of the way, too.
            guard outcome.code == 0 || line.contains("tok_lost") else {
                throw Failed(line: line, errors: outcome.errors)
            }
        }
    }

    struct Failed: Error { let line, errors: String }

    func file(_ name: String, _ text: String) throws {
        let path = directory.file(name)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o600)
    }

    func text(of name: String) throws -> String {
        try String(contentsOfFile: directory.file(name), encoding: .utf8)
    }

    /// What every file of the data directory says.
    func filesOfShop() throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: directory.file("shop"))
        return names.compactMap { try? text(of: "shop/" + $0) }
    }

    /// Runs a line of its own process; `wait DAYS` and `file NAME TEXT` are steps of the stage.
    func run(_ line: String) throws -> Outcome {
        var words = try LineSplitter.words(of: line, number: 1, file: "test")
        switch words[0] {
        case "wait": now = now.adding(seconds: 86_400 * (Int64(words[1]) ?? 0))
        case "file": try file(words[1], words[2] + "\n")
        default: break
        }
        guard !["wait", "file"].contains(words[0]) else {
            return Outcome(code: 0, output: "", errors: "")
        }
        now = now.adding(seconds: 1)
        words = words.map { $0.hasPrefix("./") ? directory.file(String($0.dropFirst(2))) : $0 }
        let variables = ["HOME": directory.path, "SHOPCTL_DATA_DIR": directory.file("shop")]
        let console = CapturedConsole(input: [], terminals: [])
        let code = Tool.run(
            arguments: words + ["--yes", "--no-input"],
            environment: Environment(
                variable: { variables[$0] }, clock: .fixed(now), random: random),
            console: console)
        let errors = console.errors.split(separator: "\n").filter { !$0.contains("Done already") }
        return Outcome(
            code: code, output: console.output, errors: errors.joined(separator: "\n"))
    }

    /// Other people go on with what a command may look at.
    func meanwhile() throws {
        for line in [
            "stock receive MUG-1 --quantity 3", "stock receive CUP-2 --quantity 3",
            "product edit MUG-1 --name Beaker", "product edit CUP-2 --name Goblet",
            "order note ORD-1001 --text late", "order note ORD-1002 --text late",
            "balance grant ana@x.example --amount 3", "tax set 7 --country FR --name TVA",
        ] { #expect(try run(line).code == 0, "\(line)") }
    }

    func transactions() throws -> Int {
        var count = 0
        try Shop.store(at: directory.file("shop")).history { (_) throws(ShopError) in
            count += 1
            return true
        }
        return count
    }
}
