import Primitives
import ShopCore
import Users

/// `shopctl import balances`.
struct ImportBalances: ShopCommand {
    static var name: String { "import balances" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add gift cards and store credit from a file, all of them or none",
            discussion:
                "Reads JSON Lines as export balances and export all write them, after import\n"
                + "orders. Codes of gift cards go on working: the file has what they are checked\n"
                + "by, and not the codes.",
            options: [
                .value(
                    "file", short: "f", "FILE", "The file, or - for standard input",
                    required: true),
                .value(
                    "on-conflict", "ACTION", "For a balance that exists with another history",
                    choices: [ImportConflict.fail, .skip].map(\.rawValue), default: "fail"),
            ],
            examples: [.init("shopctl import balances -f shop.jsonl")],
            exitCodes: [
                .init(.conflict, "a balance exists with another history"),
                .init(.data, "the file or one of its rows is malformed; nothing is imported"),
                .init(.noInput, "there is no such file"),
            ],
            mutates: true, permission: .needs(.importData),
            fields: ImportProducts.columns.headings())
    }

    private let path: String
    private let onConflict: ImportConflict

    init(_ arguments: ParsedArguments) throws(ShopError) {
        path = try arguments.required("file")
        onConflict = arguments.value("on-conflict").flatMap(ImportConflict.init(rawValue:)) ?? .fail
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let file = try ImportedFile(path, context)
        defer { file.finish() }
        let reader = BalanceReader(file.name, in: shop.currency, read: file.read)
        let summary = try shop.importBalances(reader, onConflict: onConflict)
        return .mutation(
            "Imported \(reader.name): \(summary.created) created, \(summary.unchanged) unchanged, "
                + "\(summary.skipped) skipped.",
            next: ["shopctl balance list"], ids: ["\(summary.created)"], ImportProducts.columns,
            [summary])
    }
}
