import Primitives
import ShopCore
import Users

/// `shopctl audit list`.
struct AuditList: ShopCommand {
    static var name: String { "audit list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List every change of the shop, newest first",
            discussion: "Straight from the journal: who did what when, with which command.",
            options: [
                .value("user", "EMAIL", "Only by this person"),
                .value("command", "WORDS", "Only this command, such as 'order create'"),
                .value("id", "ID", "Only what concerns this order, payment, SKU or account"),
                .switch("denied", "Only what somebody wanted and may not"),
            ] + Period.options + RowSelection.options,
            examples: [
                .init("shopctl audit list --limit 20"),
                .init("shopctl audit list --id ORD-1001"),
            ],
            permission: .needs(.readAudit), fields: columns.headings())
    }

    static let columns: [Column<AuditEntry>] = [
        .integer("number", "NO") { $0.number },
        .time("at") { $0.at },
        .text("by") { $0.by },
        .list("ids", "IDS", shown: .always) { $0.ids },
        .text("command", mayBeCut: true) { $0.command },
        .text("idempotencyKey", shown: .wide) { $0.idempotencyKey },
        .integer("undoes", shown: .wide) { $0.undoes },
        .list("records") { $0.records },
        .bool("denied", shown: .wide) { $0.isDenied },
    ]

    private var filter = Shop.AuditFilter()
    private let period: Period
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        filter.user = arguments.value("user")
        filter.command = arguments.value("command")
        filter.id = arguments.value("id")
        filter.isDenied = arguments.has("denied")
        period = try Period(arguments)
        rows = try RowSelection(arguments, among: Self.columns.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var filter = filter
        (filter.from, filter.to) = period.counted(from: context.environment.clock)
            .times(in: context.zone(of: shop))
        let wanted = filter
        return .list(
            rows.listing(Self.columns, whenEmpty: "Nothing was changed yet.") {
                visit throws(ShopError) in
                try shop.eachAuditEntry(wanted, visit)
            })
    }
}
