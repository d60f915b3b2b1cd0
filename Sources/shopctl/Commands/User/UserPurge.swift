import Primitives
import ShopCore
import Users

/// `shopctl user purge`.
struct UserPurge: ShopCommand {
    static var name: String { "user purge" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take people who were erased out of the journal and of all older files",
            discussion: """
                After user delete --erase the journal and older files still hold what was there
                before. This writes them anew, with the pseudonym in the place of the address,
                and says so in the audit trail; numbers, times and amounts stay. The seals of
                closed days are made anew and keep what they were. Backups, exports and copies
                are yours to remove. With addresses: only these, be they erased or only typed
                once at a sign-in. A large journal takes minutes; others go on working meanwhile.
                """,
            operand: .any("EMAIL", "Whom; without one everybody who was erased")
                .read(by: EmailAddress.init(parsing:)),
            examples: [
                .init("shopctl user purge --dry-run", "shows what would go"),
                .init("shopctl user purge --yes", "once a week"),
            ],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.refused, "records of now name the person"),
                .init(.data, "the journal is not what it should be"),
                .init(.locked, "another process merges, imports or moved the journal meanwhile"),
            ],
            mutates: true, permission: .needs(.purge), confirmation: .yesOrNo,
            fields: columns.headings())
    }

    static let columns: [Column<Shop.Purge>] = [
        .integer("number", "NO") { $0.number },
        .list("people", shown: .always) { $0.people },
        .integer("transactions") { $0.transactions },
        .integer("journals") { $0.journals },
        .integer("bytes", shown: .wide) { $0.bytes },
        .integer("tables") { $0.tables },
        .list("others") { $0.others },
    ]

    private let emails: [EmailAddress]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        emails = try arguments.operands(EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        func purge() throws(ShopError) -> Shop.Purge { try shop.purge(emails) }
        try context.confirm({ "Write \(Self.extent($0)) anew for good?" }, before: purge, in: shop)
        let purge = try purge()
        guard !purge.people.isEmpty else {
            let whom = emails.isEmpty ? "anybody who was erased" : "them any more"
            return Report.nothing.noting("No file names \(whom).")
        }
        // No record will be different, which is what a dry run shows otherwise.
        guard !context.settings.isDryRun else { return .list(Self.columns, [purge]) }
        return .mutation(
            "\(purge.people.joined(separator: ", ")): \(Self.extent(purge)) written anew.",
            next: ["shopctl audit verify"], ids: purge.people, Self.columns, [purge])
    }

    /// `3 lines in 1 journal file, 2 other files`.
    private static func extent(_ purge: Shop.Purge) -> String {
        func count(_ number: Int64, _ noun: String) -> String {
            "\(number) \(noun)\(number == 1 ? "" : "s")"
        }
        let lines =
            count(purge.transactions, "line") + " in " + count(purge.journals, "journal file")
        let others = purge.tables + Int64(purge.others.count)
        return others == 0 ? lines : lines + " and " + count(others, "other file")
    }
}
