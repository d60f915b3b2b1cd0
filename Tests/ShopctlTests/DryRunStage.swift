import Formats
import Foundation
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

@testable import shopctl

/// A directory with a shop, files and a home, in which lines are run twice at the same moment with
/// the same random bytes.
final class DryRunStage {
    let directory: TemporaryDirectory
    /// What standard input holds for the next command.
    private var input = ""
    /// Goes on with every command that is run for good.
    private var turn: UInt64 = 1
    private var ownersToken: String?

    private var root: String { directory.file("shop") }
    private var now: Timestamp {
        Timestamp(millisecondsSinceEpoch: 1_795_459_867_123).adding(seconds: Int64(turn) * 90)
    }

    init() throws {
        directory = try TemporaryDirectory()
        let files = [
            "owner.txt": "gnu-lathe-violet\n", "first.txt": "gnu-lathe-crimson\n",
            "second.txt": "gnu-lathe-indigo\n", "third.txt": "gnu-lathe-orange\n",
            "shelf.txt": "MUG-1 30\nTEE-1 5\n",
            "products.csv": "sku,name,price,stock\nPEN-1,Pen,2.00,7\nMUG-1,Mug,12.00,\n",
            "orders.csv":
                "reference,customer,status,placedAt,captured,sku,quantity,unitPrice\n"
                + "OLD-1,ana@x.example,completed,2026-11-01T12:00:00Z,4.00,PEN-1,2,2.00\n",
            "balances.jsonl":
                #"{"holder":"customer/cy@x.example","history":[{"kind":"grant","amount":"5","#
                + #""at":"2026-11-01T12:00:00Z"}]}"# + "\n",
            "users.jsonl": #"{"email":"max@shop.example","role":"clerk"}"# + "\n",
            "rows.jsonl":
                #"{"customer":"cy@x.example","item":["MUG-1=1"]}"# + "\n"
                + #"{"customer":"cy@x.example","item":["MUG-1=2"],"tag":["gift"]}"# + "\n",
            "rates.csv": "Country Code,Rate %,Tax Name\nGB,20.0000,VAT\nFR,20.0000,TVA\n",
        ]
        for (name, text) in files {
            try text.write(toFile: directory.file(name), atomically: true, encoding: .utf8)
            chmod(directory.file(name), 0o600)
        }
    }

    func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: directory.file(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        chmod(file.path, 0o600)
    }

    /// Every command that changes something, and some that are refused.
    static let day: [String] = catalog + orders + people

    private static let catalog = [
        "init --currency USD",
        "product add MUG-1 --name Mug --price 10 --cost 4 --stock 40 --category Home",
        "product add TEE-1 --name Tee --price 8 --stock 5",
        "product add MUG-1 --name Mug --price 10",
        "product edit MUG-1 --price 11",
        "product bulk-edit --category home --price-by +1",
        "product archive TEE-1",
        "product restore TEE-1",
        "stock receive MUG-1 --quantity 5",
        "stock adjust MUG-1 --by -2 --reason lost",
        "stock write-off MUG-1 --quantity 1 --reason damaged",
        "undo",
        "stock write-off MUG-1 --quantity 999 --reason damaged",
        "stock count ./shelf.txt",
        "location add shelf",
        "stock transfer MUG-1 --quantity 3 --to shelf",
        "import products -f ./products.csv --on-conflict update",
        "import orders -f ./orders.csv",
        "coupon add SPRING --percent 10",
        "shipping set POST --price 4.90",
        "shipping set SLOW --price 1",
        "shipping remove SLOW",
        "tax set 5 --country DE --name MwSt",
        "tax remove 1",
        "tax import -f ./rates.csv",
    ]

    private static let orders = [
        "order create --customer ana@x.example --item MUG-1=2 --coupon spring --shipping 4",
        "order create --customer bo@x.example --item MUG-1=1 --draft",
        "order create --customer bo@x.example --item MUG-1=999",
        "order create --from ./rows.jsonl",
        "order place ORD-1003",
        "order edit ORD-1003 --item MUG-1=3",
        "order note ORD-1002 --text gift",
        "order tag ORD-1002 --add late",
        "payment authorize ORD-1002 --amount 5",
        "payment capture PAY-1002 --amount 2",
        "payment void PAY-1002",
        "payment capture ORD-1002 --method cash",
        "payment capture ORD-1002 --method cash",
        "order ship ORD-1002 --item MUG-1=1",
        "order ship ORD-1002",
        "order ship ORD-1002",
        "order deliver ORD-1002",
        "order invoice ORD-1002",
        "order return ORD-1002 --item MUG-1=1 --restock",
        "order exchange ORD-1002 --item MUG-1=1 --for TEE-1=1 --write-off",
        "payment refund ORD-1002 --amount 1",
        "payment refund ORD-1002 --amount 1000",
        "payment dispute PAY-1003 --amount 3",
        "payment dispute PAY-1003 --won",
        "payment reconcile",
        "balance grant bo@x.example --amount 7 --reason late",
        "balance issue --amount 20",
        "import balances -f ./balances.jsonl",
        "payment capture ORD-1003 --method store-credit",
        "order cancel ORD-1003 --refund",
        "order expire --older-than 1m",
        "coupon end SPRING",
        "day close",
    ]

    private static let people = [
        "user signup owner@shop.example --password-file ./owner.txt",
        "user signup eve@x.example --password-file ./first.txt",
        "user resend eve@x.example",
        "user confirm eve@x.example --code-stdin",
        "user signin owner@shop.example --password-file ./owner.txt",
        "user invite kim@shop.example --role clerk",
        "user accept kim@shop.example --code-stdin --password-file ./first.txt",
        "user forgot kim@shop.example",
        "user recover kim@shop.example --code-stdin --password-file ./second.txt",
        "user passwd kim@shop.example --password-file ./second.txt --new-password-file ./third.txt",
        "user totp enroll kim@shop.example --password-file ./third.txt",
        "user totp confirm kim@shop.example --password-file ./third.txt --code-stdin",
        "user signin owner@shop.example --password-file ./owner.txt",
        "user totp remove kim@shop.example",
        "user edit eve@x.example --name Eve",
        "user role eve@x.example --to clerk",
        "user reset eve@x.example --password-file ./second.txt",
        "user disable eve@x.example",
        "user enable eve@x.example",
        "user enable nobody@x.example",
        "customer merge cy@x.example --into eve@x.example",
        "import users -f ./users.jsonl",
        "user token create --role clerk --expires 5d",
        "user session revoke ID",
        "user delete eve@x.example",
        "user purge",
        "user deliver",
        "user signout",
    ]

    // MARK: - Running

    func words(of line: String) throws -> [String] {
        var words = try LineSplitter.words(of: line, number: 1, file: "test")
        words = words.map { $0.hasPrefix("./") ? directory.path + "/" + $0.dropFirst(2) : $0 }
        if let place = words.firstIndex(of: "ID") { words[place] = try session() }
        return words + ["--yes"]
    }

    func spec(of words: [String]) -> CommandSpec? {
        let lookup = CommandLookup(words, among: CommandTable.all, globals: GlobalOptions.all)
        guard case .command(let type) = lookup.found else { return nil }
        return type.spec
    }

    /// Reads the code that a command takes from where it was sent, or would be shown.
    func prepare(_ name: String) throws {
        let purposes = [
            "user confirm": "confirm", "user accept": "invite", "user recover": "recover",
        ]
        if let purpose = purposes[name] {
            let outbox = root + "/outbox/"
            let files = try FileManager.default.contentsOfDirectory(atPath: outbox).sorted()
            let file = try #require(files.last { $0.contains(purpose) })
            let text = try String(contentsOfFile: outbox + file, encoding: .utf8)
            input = String(try #require(text.firstMatch(of: /"code":"(\d+)"/)).1)
        } else if name == "user totp confirm" {
            input = try code(of: "kim@shop.example")
        }
        guard name == "product add",
            let text = try? String(contentsOfFile: root + "/shop.json", encoding: .utf8),
            !text.contains("accounts")
        else { return }
        let accounts = #""accounts":{"passwordCost":1,"confirmAddresses":true},"id":"#
        try text.replacing("\"id\":", with: accounts)
            .write(toFile: root + "/shop.json", atomically: true, encoding: .utf8)
    }

    func run(_ words: [String]) throws -> (code: ExitCode, output: String, errors: String) {
        let variables = [
            "HOME": directory.path, "SHOPCTL_DATA_DIR": root, "TMPDIR": directory.path,
        ]
        let console = CapturedConsole(input: Array((input + "\n").utf8), terminals: [])
        let outcome = Tool.outcome(
            of: words,
            environment: Environment(
                variable: { variables[$0] }, clock: .fixed(now), random: .seeded(turn)),
            console: console)
        if !words.contains("--dry-run") { turn += 1 }
        return (outcome.code, console.output, console.errors)
    }

    private func opened() throws -> Shop {
        let shop = try DataDirectory(root).open(
            clock: .fixed(now), random: .seeded(turn + 10_000), request: .init(command: "test"))
        let owner = try EmailAddress(parsing: "owner@shop.example")
        shop.request.token = ownersToken
        if (try? shop.eachUser { (_) throws(ShopError) in false }) == nil {
            let password = Array("gnu-lathe-violet".utf8)
            ownersToken = try shop.signIn(owner, password: password).tokens.access
            shop.request.token = ownersToken
        }
        return shop
    }

    private func code(of email: String) throws -> String {
        let user = try #require(try opened().users([EmailAddress(parsing: email)]).first)
        let secret = try #require(user.secondFactor?.secretText)
        return SecondFactor.code(
            try #require(Base32.decode(secret)), step: SecondFactor.step(at: now))
    }

    /// The session of somebody, by its id.
    private func session() throws -> String {
        let list = try run(
            ["user", "session", "list", "owner@shop.example", "--format", "ids", "--dry-run"])
        return try #require(list.output.split(separator: "\n").last.map(String.init))
    }

    // MARK: - Comparing

    /// Every file of the shop and the home, by its path.
    func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        let all = FileManager.default.enumerator(atPath: directory.path)
        while let name = all?.nextObject() as? String {
            files[name] = FileManager.default.contents(atPath: directory.file(name))
        }
        return files
    }

    /// 0 where there is no shop.
    func lastTransaction() throws -> Int64 {
        guard FileManager.default.fileExists(atPath: root) else { return 0 }
        var last: Int64 = 0
        try opened().eachAuditEntry(.init()) { (entry) throws(ShopError) in
            last = entry.number
            return false
        }
        return last
    }

    /// The rows of the differences that the audit trail has of what came after a transaction.
    func changes(after last: Int64, upTo end: Int64 = .max) throws -> [String] {
        let shop = try opened()
        var numbers: [Int64] = []
        try shop.eachAuditEntry(.init()) { (entry) throws(ShopError) in
            if entry.number > last, entry.number <= end { numbers.append(entry.number) }
            return entry.number > last
        }
        return try shop.auditDetails(numbers.reversed()).flatMap(\.differences)
            .flatMap { DifferenceRow.rows(of: $0, in: .utc) }
            .map { Self.text([$0.id, $0.kind, $0.change, $0.field, $0.was, $0.now]) }
    }

    /// Those that a dry run printed, a line each, or within the answers to rows.
    func changes(in output: String) throws -> [String] {
        var rows: [[String: Any]] = []
        for line in output.split(separator: "\n") {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            guard let members = object as? [String: Any] else { continue }
            if members["change"] != nil { rows.append(members) }
            let order = members["order"] as? [String: Any]
            rows += order?["changes"] as? [[String: Any]] ?? []
        }
        return rows.map { row in
            Self.text(
                ["id", "kind", "change", "field", "was", "now"].map { row[$0] as? String })
        }
    }

    private static func text(_ cells: [String?]) -> String {
        cells.map { $0 ?? "" }.joined(separator: "|")
    }
}
