import Payments
import Primitives
import ShopCore
import Users

/// `shopctl day show`.
struct DayShow: ShopCommand {
    static var name: String { "day show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show a closed day as it was sealed, and its corrections since",
            operand: .one("DAY", "Such as 2026-11-23").read(by: ClosedDay.init(parsing:)),
            examples: [.init("shopctl day show 2026-11-23")],
            exitCodes: [.init(.notFound, "the day is not closed")],
            permission: .needs(.readReports), isReport: true)
    }

    private let day: ClosedDay

    init(_ arguments: ParsedArguments) throws(ShopError) {
        day = try arguments.firstOperand(ClosedDay.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let (seal, corrections) = try shop.closedDay(day.day)
        return DayReport.of(seal, corrections)
    }
}

/// What a closed day came to, on paper.
enum DayReport {
    private struct Row: Sendable {
        var figure: String
        var count: Int64?
        var units: Int64?
        var amount: Money?
    }

    private static let columns: [Column<Row>] = [
        .text("figure") { $0.figure },
        .integer("count") { $0.count },
        .integer("units") { $0.units },
        .money("amount") { $0.amount },
    ]

    static func of(_ seal: DaySeal, _ corrections: [DayCorrection] = []) -> Report {
        var facts: [(name: String, cell: Cell)] = [
            ("day", .day(seal.day)), ("closedAt", .time(seal.at)), ("by", .text(seal.by)),
            ("transactions", .integer(seal.tx)), ("seal", .text(seal.sha256)),
        ]
        if let day = seal.previousDay { facts.append(("sealBefore", .day(day))) }
        for hash in seal.before {
            facts.append(("sealUntilPurge\(hash.purge)", .text(hash.sha256)))
        }
        if !corrections.isEmpty {
            let lines = corrections.map { "\($0.at.rfc3339) \($0.by): \($0.reason)" }
            facts.append(("corrections", .list(lines)))
        }
        return .document(
            "Close of \(seal.day)", facts: facts,
            Listing(columns, rows(seal) + rows(correcting: seal, by: corrections)))
    }

    /// What the corrections come to together, and the day with them.
    private static func rows(
        correcting seal: DaySeal, by corrections: [DayCorrection]
    ) -> [Row] {
        guard !corrections.isEmpty else { return [] }
        func money(_ amount: Int64) -> Money {
            Money(minorUnits: amount, seal.totals.currency)
        }
        var sums = DayTotals.Sums()
        for correction in corrections { sums.add(correction.totals.sums) }
        let amounts = [
            ("cancelled", sums.cancelled), ("returned", sums.returned),
            ("captured", sums.captured), ("refunded", sums.refunded),
        ]
        var rows = [
            Row(
                figure: "correction placed", count: sums.orders, units: sums.units,
                amount: money(sums.gross))
        ]
        for (name, amount) in amounts where amount != 0 {
            rows.append(Row(figure: "correction \(name)", amount: money(amount)))
        }
        return rows + [
            Row(figure: "net with corrections", amount: money(seal.figures.sums.net + sums.net))
        ]
    }

    private static func rows(_ seal: DaySeal) -> [Row] {
        let sums = seal.figures.sums
        func money(_ amount: Int64) -> Money {
            Money(minorUnits: amount, seal.totals.currency)
        }
        var rows = [
            Row(figure: "placed", count: sums.orders, units: sums.units, amount: money(sums.gross)),
            Row(figure: "cancelled", count: sums.cancelledOrders, amount: money(sums.cancelled)),
            Row(figure: "returned", amount: money(sums.returned)),
            Row(figure: "net", amount: money(sums.net)),
        ]
        for method in seal.figures.methods {
            let name = method.method.rawValue
            rows.append(
                Row(
                    figure: "captured \(name)", count: method.captures,
                    amount: money(method.captured)))
            rows.append(
                Row(
                    figure: "refunded \(name)", count: method.refunds,
                    amount: money(method.refunded)))
        }
        rows.append(Row(figure: "captured", amount: money(sums.captured)))
        rows.append(Row(figure: "refunded", amount: money(sums.refunded)))
        rows.append(
            Row(figure: "captured less refunded", amount: money(sums.captured - sums.refunded)))
        for movement in seal.figures.movements {
            rows.append(
                Row(
                    figure: "stock \(movement.kind)", count: movement.count,
                    units: movement.units))
        }
        let units = seal.figures.movements.reduce(0) { $0 + $1.units }
        return rows + [Row(figure: "stock on hand", units: units)]
    }
}
