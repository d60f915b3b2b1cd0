import Primitives
import ShopCore

/// `--from`, `--to` and `--period`: half-open in time, whole days as people say them.
struct Period: Sendable {
    static var options: [OptionSpec] {
        [
            .value("from", "DAY", "From this day on, such as 2026-11-01, or a time")
                .read(by: Moment.init(parsing:)),
            .value("to", "DAY", "Up to the end of this day, or up to a time")
                .read(by: Moment.init(parsing:)),
            .value(
                "period", "PERIOD",
                "today, yesterday, 7d, this-month, last-month, 2026-11 or 2026"
            )
            .read(by: Named.init(parsing:)),
        ]
    }

    private let from: Moment?
    private let to: Moment?
    private let named: Named?
    private let clock: Clock

    /// - Parameter clock: what `today` is counted from.
    init(_ arguments: ParsedArguments, _ clock: Clock = .system) throws(ShopError) {
        from = try arguments.value("from", Moment.init(parsing:))
        to = try arguments.value("to", Moment.init(parsing:))
        named = try arguments.value("period", Named.init(parsing:))
        self.clock = clock
        guard named == nil || from == nil && to == nil else { throw .periodAndDays }
    }

    /// The same period, counted from the clock of a command that runs.
    func counted(from clock: Clock) -> Period { Period(from: from, to: to, named: named, clock) }

    private init(from: Moment?, to: Moment?, named: Named?, _ clock: Clock) {
        self.from = from
        self.to = to
        self.named = named
        self.clock = clock
    }

    /// First moment inside and first moment after.
    func times(in zone: TimeZoneName) -> (from: Timestamp?, to: Timestamp?) {
        guard named == nil else {
            let days = days(in: zone)
            return (days.from?.beginning(in: zone), days.to?.beginning(in: zone))
        }
        return (from?.beginning(in: zone), to?.end(in: zone))
    }

    /// First day inside and first day after.
    func days(in zone: TimeZoneName) -> (from: CalendarDay?, to: CalendarDay?) {
        if let named {
            let days = named.days(from: CalendarDay(of: clock.now(), in: zone))
            return (days.lowerBound, days.upperBound)
        }
        return (from?.day(in: zone), to?.day(in: zone).adding(days: 1))
    }

    /// A period by name.
    enum Named: Sendable, Equatable {
        case days(last: Int64, before: Int64)
        case month(ago: Int)
        case calendar(year: Int, month: Int?)

        init(parsing text: String) throws(ShopError) {
            switch text {
            case "today": self = .days(last: 1, before: 0)
            case "yesterday": self = .days(last: 1, before: 1)
            case "this-month": self = .month(ago: 0)
            case "last-month": self = .month(ago: 1)
            default:
                if text.hasSuffix("d"), let count = Int64(text.dropLast()),
                    (1...36_600).contains(count)
                {
                    self = .days(last: count, before: 0)
                } else if let first = CalendarDay("\(text)-01") {
                    self = .calendar(year: first.year, month: first.month)
                } else if let first = CalendarDay("\(text)-01-01") {
                    self = .calendar(year: first.year, month: nil)
                } else {
                    throw .invalidPeriod(text)
                }
            }
        }

        /// The first day inside and the first after.
        func days(from today: CalendarDay) -> Range<CalendarDay> {
            switch self {
            case .days(let last, let before):
                let end = today.adding(days: 1 - before)
                return end.adding(days: -last)..<end
            case .month(let ago):
                let months = today.year * 12 + today.month - 1 - ago
                return Self.months(months, 1)
            case .calendar(let year, let month):
                return month.map { Self.months(year * 12 + $0 - 1, 1) }
                    ?? Self.months(year * 12, 12)
            }
        }

        /// So many months from the one that is `start` months after year 0.
        private static func months(_ start: Int, _ count: Int) -> Range<CalendarDay> {
            CalendarDay(firstOfMonth: start)..<CalendarDay(firstOfMonth: start + count)
        }
    }

    /// A day, or a moment of one.
    enum Moment: Sendable {
        case day(CalendarDay)
        case time(Timestamp)

        init(parsing text: String) throws(ShopError) {
            if let day = CalendarDay(text) {
                self = .day(day)
            } else if let time = Timestamp(rfc3339: text) {
                self = .time(time)
            } else {
                throw .invalidDay(text)
            }
        }

        func day(in zone: TimeZoneName) -> CalendarDay {
            switch self {
            case .day(let day): day
            case .time(let time): CalendarDay(of: time, in: zone)
            }
        }

        func beginning(in zone: TimeZoneName) -> Timestamp {
            switch self {
            case .day(let day): day.beginning(in: zone)
            case .time(let time): time
            }
        }

        func end(in zone: TimeZoneName) -> Timestamp {
            switch self {
            case .day(let day): day.adding(days: 1).beginning(in: zone)
            case .time(let time): time
            }
        }
    }
}

extension CalendarDay {
    /// The first day of the month that is so many months after January of year 0.
    fileprivate init(firstOfMonth months: Int) {
        func pad(_ value: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(value).utf8.count)) + String(value)
        }
        let text = "\(pad(months / 12, 4))-\(pad(months % 12 + 1, 2))-01"
        self = CalendarDay(text) ?? CalendarDay(daysSinceEpoch: 0)
    }
}

extension CommandContext {
    /// `--tz`, else the shop's own zone.
    func zone(of shop: Shop) -> TimeZoneName { settings.timeZone ?? shop.settings.timeZone }
}

extension ShopError {
    static var periodAndDays: ShopError {
        ShopError(
            .usage, "period-and-days", "--period cannot stand with --from or --to")
    }

    static func invalidPeriod(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-period", "\"\(text)\" is no period",
            try: ["--period today", "--period 7d", "--period 2026-11"])
    }

    static func invalidDay(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-day", "\"\(text)\" is neither a day nor a time",
            try: ["2026-11-23", "2026-11-23T18:00:00Z"])
    }
}
