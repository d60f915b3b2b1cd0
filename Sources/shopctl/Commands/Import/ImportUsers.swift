import Primitives
import ShopCore
import Users

/// `shopctl import users`.
struct ImportUsers: ShopCommand {
    static var name: String { "import users" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add accounts from a file, all of them or none",
            discussion:
                "Reads JSON Lines as export users and export all write them. With the hashes of\n"
                + "passwords, which only owners get and give, people sign in as before; without,\n"
                + "they choose a password by the code of user forgot.",
            options: [
                .value(
                    "file", short: "f", "FILE", "The file, or - for standard input",
                    required: true),
                .value(
                    "on-conflict", "ACTION", "For an account that exists with other content",
                    choices: [ImportConflict.fail, .skip].map(\.rawValue), default: "fail"),
            ],
            examples: [.init("shopctl import users -f users.jsonl")],
            exitCodes: [
                .init(.conflict, "an account exists with other content"),
                .init(.data, "the file or one of its rows is malformed; nothing is imported"),
                .init(.noInput, "there is no such file"),
                .init(.noPermission, "a role may not be given by you, or hashes by no owner"),
            ],
            mutates: true, permission: .needs(.importData, "and to give the roles in the file"),
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
        let reader = UserReader(file.name, read: file.read)
        let summary = try shop.importUsers(reader, onConflict: onConflict)
        return .mutation(
            "Imported \(reader.name): \(summary.created) created, \(summary.unchanged) unchanged, "
                + "\(summary.skipped) skipped.",
            next: ["shopctl user list"], ids: ["\(summary.created)"], ImportProducts.columns,
            [summary])
    }
}
