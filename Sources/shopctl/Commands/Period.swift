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
        ]
    }

    private let from: Moment?
    private let to: Moment?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        from = try arguments.value("from", Moment.init(parsing:))
        to = try arguments.value("to", Moment.init(parsing:))
    }

    /// First moment inside and first moment after.
    func times(in zone: TimeZoneName) -> (from: Timestamp?, to: Timestamp?) {
        (from?.beginning(in: zone), to?.end(in: zone))
    }

    /// First day inside and first day after.
    func days(in zone: TimeZoneName) -> (from: CalendarDay?, to: CalendarDay?) {
        (from?.day(in: zone), to?.day(in: zone).adding(days: 1))
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
    /// The moment the day begins in `zone`.
    fileprivate func beginning(in zone: TimeZoneName) -> Timestamp {
        let midnight = Timestamp(millisecondsSinceEpoch: daysSinceEpoch * 86_400_000)
        let guess = midnight.adding(seconds: -zone.offset(at: midnight))
        return midnight.adding(seconds: -zone.offset(at: guess))
    }
}

extension CommandContext {
    /// `--tz`, else the shop's own zone.
    func zone(of shop: Shop) -> TimeZoneName { settings.timeZone ?? shop.settings.timeZone }
}

extension ShopError {
    static func invalidDay(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-day", "\"\(text)\" is neither a day nor a time",
            try: ["2026-11-23", "2026-11-23T18:00:00Z"])
    }
}
