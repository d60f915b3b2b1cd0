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
            permission: .needs(.readAudit), fields: columns.headings(), isReport: true)
    }

    struct Row: Sendable {
        var kind: String
        var id: String
        var change: String
        var field: String?
        var was: String?
        var now: String?
    }

    static let columns: [Column<Row>] = [
        .text("id", "ID") { $0.id },
        .text("kind") { $0.kind },
        .text("change") { $0.change },
        .text("field") { $0.field },
        .text("was", mayBeCut: true) { $0.was },
        .text("now", mayBeCut: true) { $0.now },
    ]

    private let from: PastMoment
    private let to: PastMoment?
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        let moments = try arguments.operands(PastMoment.init(parsing:))
        guard moments.count <= 2 else { throw .tooManyMoments(moments.count) }
        from = moments[0]
        to = moments.count == 2 ? moments[1] : nil
        rows = try RowSelection(arguments, among: Self.columns.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let (now, zone) = (context.environment.clock.now(), context.zone(of: shop))
        let (first, last) = (from.time(at: now, in: zone), to?.time(at: now, in: zone))
        if let last, last < first { throw .momentsReversed(first, last) }
        let differences = try shop.differences(from: first, to: last)
        let found = differences.flatMap { Self.rows(of: $0, zone) }
        return .list(
            rows.listing(Self.columns, whenEmpty: "Nothing is different.") {
                visit throws(ShopError) in
                for row in found where try !visit(row) { return }
            })
    }

    private static func rows(of difference: RecordDifference, _ zone: TimeZoneName) -> [Row] {
        switch difference {
        case .order(let versions): rows("order", versions, OrderColumns.all, zone)
        case .payment(let versions): rows("payment", versions, PaymentColumns.all, zone)
        case .product(let versions):
            rows(
                "product", versions.map { ProductEntry(product: $0, stock: nil) },
                ProductColumns.all, zone)
        case .stock(let versions): rows("stock", versions, StockColumns.levels, zone)
        case .user(let versions): rows("user", versions, UserColumns.all, zone)
        }
    }

    /// Compared column by column, as the commands of the noun show them; the first is the id.
    private static func rows<Record>(
        _ kind: String, _ versions: Versions<Record>, _ columns: [Column<Record>],
        _ zone: TimeZoneName
    ) -> [Row] {
        func text(_ column: Column<Record>, _ record: Record) -> String? {
            switch column.cell(record) {
            case .absent: nil
            case .rows(let listing): (try? listing.count()).flatMap { $0 > 0 ? String($0) : nil }
            case let cell: cell.readableText(in: zone)
            }
        }
        func id(_ record: Record) -> String { text(columns[0], record) ?? "" }
        func summary(_ record: Record) -> String {
            columns.dropFirst().filter { $0.heading.shown == .always }
                .compactMap { text($0, record) }.joined(separator: ", ")
        }
        switch (versions.was, versions.now) {
        case (nil, nil): return []
        case (nil, let now?):
            return [Row(kind: kind, id: id(now), change: "added", now: summary(now))]
        case (let was?, nil):
            return [Row(kind: kind, id: id(was), change: "removed", was: summary(was))]
        case (let was?, let now?):
            return columns.compactMap { column in
                let (before, after) = (text(column, was), text(column, now))
                guard before != after else { return nil }
                return Row(
                    kind: kind, id: id(now), change: "changed", field: column.heading.name,
                    was: before, now: after)
            }
        }
    }
}

extension Versions {
    fileprivate func map<Other>(_ convert: (Record) -> Other) -> Versions<Other> {
        Versions<Other>(was: was.map(convert), now: now.map(convert))
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
