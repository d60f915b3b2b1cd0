import Primitives
import Testing

/// A command of which `IdempotencyTests` wants that repeating it changes nothing.
struct RepeatedCommand: Sendable, CustomTestStringConvertible {
    /// Noun and verb.
    let name: String
    /// What follows them, without the key.
    let arguments: String
    /// The same command with other content.
    let others: [String]
    /// The same command as it is refused for what it says.
    let refused: String?
    /// What has to happen before.
    let before: [String]
    /// How it ends, the first time and each time after.
    let code: ExitCode

    init(
        _ name: String, _ arguments: String, others: String..., refused: String? = nil,
        before: [String] = [], code: ExitCode = .ok
    ) {
        self.name = name
        self.arguments = arguments
        self.others = others.map { name + " " + $0 }
        self.refused = refused.map { name + " " + $0 }
        self.before = before
        self.code = code
    }

    var line: String { "\(name) \(arguments)" }
    var testDescription: String { line }

    static let all = catalog + stock + orders + payments + providers + balances + prices + imports

    private static let catalog = [
        RepeatedCommand(
            "product add", "NEW-1 --name New --price 3 --stock 4",
            others: "NEW-1 --name New --price 4 --stock 4",
            refused: "MUG-1 --name New --price 3"),
        RepeatedCommand(
            "product edit", "MUG-1 --price 12", others: "MUG-1 --price 13",
            refused: "NO-1 --price 12"),
        RepeatedCommand(
            "product bulk-edit", "--search mug --price-by +5%",
            others: "--search mug --price-by +6%", refused: "--search cup --price-by much"),
        RepeatedCommand(
            "product archive", "MUG-1 CUP-2", others: "MUG-1", refused: "NO-1",
            before: [
                "order cancel ORD-1001", "payment void PAY-1002", "order cancel ORD-1004",
            ]),
        RepeatedCommand("product restore", "OLD-3", others: "MUG-1", refused: "NO-1"),
    ]

    private static let stock = [
        RepeatedCommand(
            "stock receive", "MUG-1 --quantity 3", others: "MUG-1 --quantity 4",
            refused: "NO-1 --quantity 3"),
        RepeatedCommand(
            "stock adjust", "MUG-1 --by -3 --reason lost", others: "MUG-1 --by -2 --reason lost",
            refused: "MUG-1 --by -300 --reason lost"),
        RepeatedCommand(
            "stock write-off", "MUG-1 --quantity 2 --reason damaged",
            others: "MUG-1 --quantity 3 --reason damaged",
            refused: "MUG-1 --quantity 300 --reason damaged"),
        RepeatedCommand(
            "stock count", "./counts.txt", others: "./counts.txt --note shelf",
            refused: "./counts.txt --location nowhere"),
        RepeatedCommand(
            "stock transfer", "MUG-1 --quantity 3 --to warehouse",
            others: "MUG-1 --quantity 4 --to warehouse",
            refused: "MUG-1 --quantity 300 --to warehouse"),
        RepeatedCommand(
            "undo", "", others: "3", refused: "9999",
            before: ["stock receive MUG-1 --quantity 5"]),
        RepeatedCommand("location add", "attic", others: "cellar", refused: "'two words'"),
    ]

    private static let orders = [
        RepeatedCommand(
            "order create", "--customer ana@x.example --item MUG-1=2",
            others: "--customer ana@x.example --item MUG-1=3",
            refused: "--customer ana@x.example --item MUG-1=300"),
        RepeatedCommand("order place", "ORD-1003", others: "ORD-1001", refused: "ORD-1999"),
        RepeatedCommand(
            "order edit", "ORD-1001 --item MUG-1=3", others: "ORD-1001 --item MUG-1=4",
            refused: "ORD-1001 --item MUG-1=300"),
        RepeatedCommand(
            "order note", "ORD-1001 --text hello", others: "ORD-1001 --text bye",
            refused: "ORD-1999 --text hello"),
        RepeatedCommand(
            "order tag", "ORD-1001 --add gift", others: "ORD-1001 --add late",
            refused: "ORD-1999 --add gift"),
        RepeatedCommand(
            "order ship", "ORD-1001 --item MUG-1=1", others: "ORD-1001 --item MUG-1=2",
            refused: "ORD-1001 --item MUG-1=3"),
        RepeatedCommand("order deliver", "ORD-1002", others: "ORD-1001", refused: "ORD-1001"),
        RepeatedCommand(
            "order return", "ORD-1002 --item MUG-1=1 --restock",
            others: "ORD-1002 --item MUG-1=2 --restock",
            refused: "ORD-1002 --item MUG-1=3 --restock"),
        RepeatedCommand(
            "order exchange", "ORD-1002 --item MUG-1=1 --for CUP-2=2 --restock",
            others: "ORD-1002 --item MUG-1=1 --for CUP-2=1 --restock",
            refused: "ORD-1002 --item MUG-1=1 --for CUP-2=200 --restock"),
        RepeatedCommand(
            "order cancel", "ORD-1001 --reason late", others: "ORD-1001 --reason lost",
            refused: "ORD-1002"),
        RepeatedCommand(
            "order cancel", "ORD-1001 --item MUG-1=1", others: "ORD-1001 --item CUP-2=1",
            refused: "ORD-1001 --item MUG-1=9"),
        RepeatedCommand(
            "order expire", "--older-than 1d", others: "--older-than 2d", before: ["wait 3"]),
        RepeatedCommand("order invoice", "ORD-1002", others: "ORD-1001", refused: "ORD-1003"),
        RepeatedCommand(
            "customer merge", "bo@x.example --into ana@x.example",
            others: "eve@x.example --into ana@x.example",
            refused: "eve@x.example --into ana@x.example",
            before: [
                "user signup owner@x.example --password-file ./secret.txt",
                "user signup ana@x.example --password-file ./secret.txt",
                "user signin owner@x.example --password-file ./secret.txt",
            ]),
        RepeatedCommand(
            "day close", "2026-11-23", others: "2026-11-24", refused: "2026-12-24",
            before: ["wait 1"]),
    ]

    private static let payments = [
        RepeatedCommand(
            "payment authorize", "ORD-1001 --amount 20", others: "ORD-1001 --amount 21",
            refused: "ORD-1001 --amount 2000"),
        RepeatedCommand(
            "payment capture", "ORD-1001 --method cash", others: "ORD-1001 --method card",
            refused: "ORD-1001 --method cash --amount 2000"),
        RepeatedCommand(
            "payment capture", "PAY-1002 --amount 5", others: "PAY-1002 --amount 6",
            refused: "PAY-1002 --amount 50"),
        RepeatedCommand(
            "payment void", "PAY-1002", others: "PAY-1002 --reason late", refused: "PAY-1001"),
        RepeatedCommand(
            "payment refund", "ORD-1002 --amount 5 --restock MUG-1=1",
            others: "ORD-1002 --amount 6 --restock MUG-1=1",
            refused: "ORD-1002 --amount 2000"),
        RepeatedCommand(
            "payment dispute", "PAY-1001 --reason fraudulent",
            others: "PAY-1001 --lost", refused: "PAY-1001 --won"),
        RepeatedCommand(
            "payment dispute", "PAY-1001 --lost", others: "PAY-1001 --won",
            refused: "PAY-1002 --lost", before: ["payment dispute PAY-1001 --reason fraudulent"]),
    ]

    private static let providers = [
        RepeatedCommand(
            "payment authorize", "ORD-1001 --provider sandbox --token tok_ok",
            others: "ORD-1001 --provider sandbox --token tok_action",
            refused: "ORD-1001 --provider nobody --token tok_ok"),
        RepeatedCommand(
            "payment capture", "ORD-1001 --provider sandbox --token tok_ok",
            others: "ORD-1001 --provider sandbox --token tok_over",
            refused: "ORD-1001 --provider sandbox --token 4242424242424242"),
        RepeatedCommand(
            "payment capture", "ORD-1001 --provider sandbox --token tok_decline_stolen_card",
            others: "ORD-1001 --provider sandbox --token tok_ok", code: .refused),
        RepeatedCommand(
            "payment capture", "ORD-1001 --provider sandbox --token tok_unreachable",
            others: "ORD-1001 --provider sandbox --token tok_ok", code: .failed),
        RepeatedCommand(
            "payment capture", "PAY-1003 --amount 20", others: "PAY-1003 --amount 21",
            refused: "PAY-1003 --amount 2000",
            before: ["payment authorize ORD-1001 --provider sandbox --token tok_ok"]),
        RepeatedCommand(
            "payment void", "ORD-1001", others: "PAY-1003", refused: "ORD-1002",
            before: ["payment authorize ORD-1001 --provider sandbox --token tok_ok"]),
        RepeatedCommand(
            "payment refund", "PAY-1003 --amount 5", others: "PAY-1003 --amount 6",
            refused: "PAY-1003 --amount 2000",
            before: ["payment capture ORD-1001 --provider sandbox --token tok_ok"]),
        RepeatedCommand(
            "payment reconcile", "", others: "PAY-1003", "ORD-1001",
            refused: "PAY-1999",
            before: ["payment capture ORD-1001 --provider sandbox --token tok_lost_after"]),
        RepeatedCommand(
            "payment reconcile", "ORD-1001 PAY-1003", others: "",
            before: ["payment capture ORD-1001 --provider sandbox --token tok_lost_before"]),
        RepeatedCommand(
            "payment reconcile", "PAY-1003 --outcome failed",
            others: "PAY-1003 --outcome succeeded",
            refused: "PAY-1001 --outcome failed",
            before: ["payment capture ORD-1001 --provider sandbox --token tok_lost_after"]),
    ]

    private static let balances = [
        RepeatedCommand(
            "balance issue", "--amount 20", others: "--amount 21", refused: "--amount 0"),
        RepeatedCommand(
            "balance grant", "ana@x.example --amount 5", others: "bo@x.example --amount 5",
            refused: "ana@x.example --amount 0"),
        RepeatedCommand(
            "payment capture", "ORD-1001 --method store-credit --amount 4",
            others: "ORD-1001 --method store-credit --amount 5",
            refused: "ORD-1001 --method store-credit --amount 2000"),
    ]

    private static let prices = [
        RepeatedCommand(
            "coupon add", "SUMMER --percent 5", others: "SUMMER --percent 6",
            refused: "SPRING --percent 5"),
        RepeatedCommand("coupon end", "SPRING", others: "SUMMER", refused: "NONE"),
        RepeatedCommand(
            "shipping set", "PARCEL --price 6", others: "PARCEL --price 7",
            refused: "PARCEL --price free"),
        RepeatedCommand("shipping remove", "POST", others: "PARCEL", refused: "NONE"),
        RepeatedCommand(
            "tax set", "21 --country NL --name BTW", others: "22 --country NL", refused: "much"),
        RepeatedCommand("tax remove", "1", others: "2", refused: "9"),
    ]

    private static let imports = [
        RepeatedCommand(
            "tax import", "-f ./taxes.csv", others: "-f ./more-taxes.csv",
            refused: "-f ./products.csv"),
        RepeatedCommand(
            "import products", "-f ./products.csv",
            others: "-f ./products.csv --on-conflict skip", refused: "-f ./taxes.csv"),
        RepeatedCommand(
            "import balances", "-f ./balances.jsonl",
            others: "-f ./balances.jsonl --on-conflict skip", refused: "-f ./taxes.csv"),
        RepeatedCommand(
            "import orders", "-f ./history.csv", others: "-f ./history.csv --on-conflict skip",
            refused: "-f ./taxes.csv"),
    ]
}
