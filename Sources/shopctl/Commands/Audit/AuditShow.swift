import Primitives
import ShopCore
import Users

/// `shopctl audit show`.
struct AuditShow: ShopCommand {
    static var name: String { "audit show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show transactions whole: what each record was before and after",
            discussion: "A line for each field that changed, in the words of the command that\n"
                + "shows the record. Indexes and totals are named under records alone, and so is\n"
                + "all of an import of many rows: it has no line for each.",
            operand: .oneOrMore("NO", "The number that audit list shows")
                .read(by: number(of:)),
            examples: [.init("shopctl audit show 3")],
            exitCodes: [.init(.notFound, "there is no such transaction")],
            permission: .needs(.readAudit), fields: columns(in: .utc).headings())
    }

    private let numbers: [Int64]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        numbers = try arguments.operands(Self.number(of:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .records(Self.columns(in: context.zone(of: shop)), try shop.auditDetails(numbers))
    }

    private static func columns(in zone: TimeZoneName) -> [Column<AuditDetail>] {
        AuditList.columns.map { column in Column(column.heading) { column.cell($0.entry) } } + [
            .rows("changes", DifferenceRow.columns) { detail in
                detail.differences.flatMap { DifferenceRow.rows(of: $0, in: zone) }
            }
        ]
    }

    static func number(of text: String) throws(ShopError) -> Int64 {
        guard let number = Int64(text), number > 0 else { throw .noTransactionNumber(text) }
        return number
    }
}

extension ShopError {
    static func noTransactionNumber(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-transaction", "\"\(text)\" is no number of a transaction",
            try: ["shopctl audit list --limit 10"])
    }
}
