import Primitives
import ShopCore
import Users

/// `shopctl report sales`.
struct ReportSales: ShopCommand {
    static var name: String { "report sales" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Report what was sold, by day or by product",
            discussion: "By day: amounts count on the day something happened. Net is gross less\n"
                + "cancelled orders and refunds. By product: the orders placed in the period,\n"
                + "cancelled ones left out. Days are those of the shop's time zone.\n"
                + "The totals of a day are kept with every order; --scan proves them.",
            options: [
                .value(
                    "by", "KIND", "One row for each", choices: ["day", "product"], default: "day"),
                .switch(
                    "scan", "By day: add up the orders themselves, not the totals kept of them"),
            ] + Period.options,
            examples: [
                .init("shopctl report sales --by day --from 2026-11-01"),
                .init("shopctl report sales --by product --format md"),
            ],
            permission: .needs(.readReports), isReport: true)
    }

    private let isByProduct: Bool
    private let scans: Bool
    private let period: Period

    init(_ arguments: ParsedArguments) throws(ShopError) {
        scans = arguments.has("scan")
        isByProduct = arguments.value("by") == "product"
        period = try Period(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        isByProduct ? try byProduct(shop, context) : try byDay(shop, context)
    }

    private func byDay(
        _ shop: Shop, _ context: CommandContext
    ) throws(ShopError) -> Report {
        let range = period.counted(from: context.environment.clock)
            .days(in: shop.settings.timeZone)
        let days =
            scans
            ? try shop.salesByDayFromRecords(
                from: range.from, to: range.to,
                countingPayments: Self.shows(["captured", "refunded", "net"], context))
            : try shop.salesByDay(from: range.from, to: range.to)
        var total = DayTotals.Sums()
        for day in days { total.add(day.sums) }
        let columns = Self.dayColumns
        let totals = columns.map { column in
            column.heading.name == "day"
                ? Cell.text("total") : column.cell((nil, total, shop.currency))
        }
        return .document(
            "Sales by day",
            Listing(
                columns, days.map { ($0.day, $0.sums, $0.currency) }, totals: totals,
                emptyNotice: "Nothing was sold."))
    }

    /// Whether one of the columns is asked for; all are where none is named.
    private static func shows(_ columns: [String], _ context: CommandContext) -> Bool {
        guard let fields = context.settings.fields else { return true }
        return fields.contains { columns.contains($0) }
    }

    private typealias DayRow = (day: CalendarDay?, sums: DayTotals.Sums, currency: Currency)

    private static var dayColumns: [Column<DayRow>] {
        func amount(
            _ name: String, _ part: @escaping @Sendable (DayTotals.Sums) -> Int64
        ) -> Column<DayRow> {
            .money(name) { Money(minorUnits: part($0.sums), $0.currency) }
        }
        return [
            .day("day") { $0.day },
            .integer("orders") { $0.sums.orders },
            .integer("units") { $0.sums.units },
            amount("gross") { $0.gross },
            amount("cancelled") { $0.cancelled },
            amount("returned") { $0.returned },
            amount("captured") { $0.captured },
            amount("refunded") { $0.refunded },
            amount("net") { $0.net },
        ]
    }

    private func byProduct(
        _ shop: Shop, _ context: CommandContext
    ) throws(ShopError) -> Report {
        let times = period.counted(from: context.environment.clock)
            .times(in: shop.settings.timeZone)
        let sales = try shop.salesByProduct(from: times.from, to: times.to)
        var gross = Money.zero(shop.currency)
        var units: Int64 = 0
        for product in sales {
            gross = try gross.adding(product.gross)
            units += product.units
        }
        return .document(
            "Sales by product",
            Listing(
                Self.productColumns, sales,
                totals: [.text("total"), .absent, .absent, .integer(units), .money(gross)],
                emptyNotice: "Nothing was sold."))
    }

    private static let productColumns: [Column<ProductSales>] = [
        .text("sku", "SKU") { $0.sku.text },
        .text("name", mayBeCut: true) { $0.name },
        .integer("orders") { $0.orders },
        .integer("units") { $0.units },
        .money("gross") { $0.gross },
    ]
}
