import Primitives
import ShopCore
import Users

/// `shopctl undo`.
struct UndoCommand: ShopCommand {
    static var name: String { "undo" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take back what a command did, by entries that compensate for it",
            discussion: """
                NO is the number that audit list shows; without it, your own last transaction that
                is neither an undo nor undone. Nothing is deleted: units go back by a movement, an
                order that was made is cancelled, money that was put down by hand is refunded, and
                fields get the values they had, unless they were changed again since. All of a
                transaction is taken back or nothing; what cannot be is named, with the reason.

                What left the shop, money of a provider, imports, closed days and passwords are not
                taken back. An undo can be undone where its entries can.
                """,
            operand: .optional("NO", "The number that audit list shows")
                .read(by: AuditShow.number(of:)),
            examples: [
                .init("shopctl undo"),
                .init("shopctl undo 42 --dry-run", "what would be written"),
                .init("shopctl undo 42 --yes"),
            ],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.notFound, "there is no such transaction, or nothing to undo"),
                .init(.conflict, "it is undone already, or was changed again since"),
                .init(.refused, "it cannot be taken back"),
            ],
            mutates: true,
            permission: .needs(
                .undo, "what it writes asks for its own; what others did: audit.read"),
            confirmation: .yesOrNo, fields: columns.headings())
    }

    static let columns: [Column<Undone>] = [
        .integer("number", "NO") { $0.number },
        .time("at") { $0.at },
        .text("by") { $0.by },
        .text("command", mayBeCut: true) { $0.command },
        .rows("entries", entries) { $0.entries },
    ]

    private static let entries: [Column<Undone.Entry>] = [
        .text("id", "ID") { $0.id },
        .text("what") { $0.what },
    ]

    private let number: Int64?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.operands(AuditShow.number(of:)).first
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var number = number
        try context.confirm(
            { undone in
                // What was asked about is what is done, whatever comes between.
                number = undone.number
                return "Undo \(undone.number), \"\(undone.command)\" of \(undone.by)"
                    + " (\(Self.entries(of: undone)))?"
            }, before: { () throws(ShopError) in try shop.undo(number) }, in: shop)
        let undone = try shop.undo(number)
        return .mutation(
            "Undid \(undone.number), \"\(undone.command)\": \(Self.entries(of: undone)).",
            next: ["shopctl audit list --id tx:\(undone.number)"],
            ids: undone.ids, Self.columns, [undone])
    }

    private static func entries(of undone: Undone) -> String {
        undone.entries.map { "\($0.id) \($0.what)" }.joined(separator: "; ")
    }
}
