import Primitives
import ShopCore
import Users

/// `shopctl day close`.
struct DayClose: ShopCommand {
    static var name: String { "day close" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add up a day from its records, print what it came to, and seal it",
            discussion: """
                Each figure is worked out in two ways: payments by method and together, sales from
                the orders and from the totals kept by day, stock from its movements and from what
                was on hand. Where they differ nothing is sealed, and the command ends with 9.

                The seal is SHA-256 over the seal before and the journal since. `audit verify`
                compares it. Nothing dated into a sealed day, or any day before it, is imported
                any more without --correct-sealed. Days are those of the shop's time zone.
                """,
            operand: .optional("DAY", "Such as 2026-11-23; yesterday where none is given")
                .read(by: ClosedDay.init(parsing:)),
            examples: [
                .init("shopctl day close --dry-run"),
                .init("shopctl day close 2026-11-23 --format md"),
            ],
            exitCodes: [
                .init(.findings, "the day does not add up; nothing was sealed"),
                .init(.refused, "the day is not over"),
                .init(.conflict, "the day, or a later one, is closed already"),
            ],
            mutates: true, permission: .needs(.closeDay), isReport: true)
    }

    private let day: ClosedDay?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        day = try arguments.operands(ClosedDay.init(parsing:)).first
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let yesterday = CalendarDay(
            of: context.environment.clock.now(), in: shop.settings.timeZone
        ).adding(days: -1)
        return DayReport.of(try shop.closeDay(day?.day ?? yesterday))
    }
}

/// A day on the command line.
struct ClosedDay: Sendable {
    let day: CalendarDay

    init(parsing text: String) throws(ShopError) {
        guard let day = CalendarDay(text) else { throw .noDay(text) }
        self.day = day
    }
}

extension ShopError {
    static func noDay(_ text: String) -> ShopError {
        ShopError(.usage, "invalid-day", "\"\(text)\" is no day", try: ["2026-11-23"])
    }
}
