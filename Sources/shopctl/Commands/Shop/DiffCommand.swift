import Primitives
import ShopCore
import Users

/// `shopctl diff`.
struct DiffCommand: ShopCommand {
    static var name: String { "diff" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List what is different between two moments",
            discussion: "The second moment is now where none is given. A moment is a time, the\n"
                + "end of a day, or 2h or 3d ago, as for --as-of. A line for each field that is\n"
                + "different; records that are new or gone have one line.",
            operand: .oneOrMore("TIME", "Such as yesterday, 2026-11-23 or 2h")
                .read(by: PastMoment.init(parsing:)),
            options: RowSelection.options,
            examples: [
                .init("shopctl diff yesterday"),
                .init("shopctl diff 2026-11-22 2026-11-23 --format md"),
            ],
            permission: .needs(.readAudit), fields: DifferenceRow.columns.headings(),
            isReport: true)
    }

    private let from: PastMoment
    private let to: PastMoment?
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        let moments = try arguments.operands(PastMoment.init(parsing:))
        guard moments.count <= 2 else { throw .tooManyMoments(moments.count) }
        from = moments[0]
        to = moments.count == 2 ? moments[1] : nil
        rows = try RowSelection(arguments, among: DifferenceRow.columns.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let (now, zone) = (context.environment.clock.now(), context.zone(of: shop))
        let (first, last) = (from.time(at: now, in: zone), to?.time(at: now, in: zone))
        if let last, last < first { throw .momentsReversed(first, last) }
        let differences = try shop.differences(from: first, to: last)
        let found = differences.flatMap { DifferenceRow.rows(of: $0, in: zone) }
        return .list(
            rows.listing(DifferenceRow.columns, whenEmpty: "Nothing is different.") {
                visit throws(ShopError) in
                for row in found where try !visit(row) { return }
            })
    }
}

extension ShopError {
    static func tooManyMoments(_ count: Int) -> ShopError {
        ShopError(
            .usage, "too-many-moments", "two moments are compared, not \(count)",
            try: ["shopctl diff yesterday", "shopctl diff 2026-11-22 2026-11-23"])
    }

    static func momentsReversed(_ first: Timestamp, _ last: Timestamp) -> ShopError {
        ShopError(
            .usage, "moments-reversed",
            "the second moment, \(last.rfc3339), is before the first, \(first.rfc3339)")
    }
}
