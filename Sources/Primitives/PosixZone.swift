/// The rule for times after a zone file's last transition: `CET-1CEST,M3.5.0,M10.5.0/3`
/// (POSIX TZ, with the extensions of RFC 8536).
struct PosixZone {
    private let standard: Int64
    private let daylight: Int64?
    private let start: Rule?
    private let end: Rule?

    init?(_ text: [UInt8]) {
        var scanner = Scanner(text)
        guard scanner.name(), let west = scanner.time() else { return nil }
        standard = -west
        guard !scanner.isAtEnd else {
            daylight = nil
            start = nil
            end = nil
            return
        }
        guard scanner.name() else { return nil }
        daylight = scanner.peek == UInt8(ascii: ",") ? standard + 3_600 : scanner.time().map { -$0 }
        guard daylight != nil, scanner.take(UInt8(ascii: ",")), let start = Rule(&scanner),
            scanner.take(UInt8(ascii: ",")), let end = Rule(&scanner), scanner.isAtEnd
        else { return nil }
        self.start = start
        self.end = end
    }

    func offset(at time: Int64) -> Int64 {
        guard let daylight, let start, let end else { return standard }
        let day = (time + standard >= 0 ? time + standard : time + standard - 86_399) / 86_400
        let year = CalendarDay(daysSinceEpoch: day).year
        let begins = start.seconds(in: year) - standard
        let ends = end.seconds(in: year) - daylight
        let isDaylight =
            begins < ends ? time >= begins && time < ends : time >= begins || time < ends
        return isDaylight ? daylight : standard
    }

    /// When in a year the clocks change: `M10.5.0/3`, `J60`, `59`.
    private struct Rule {
        enum Day {
            case weekday(month: Int64, week: Int64, day: Int64)
            /// 1 to 365, never counting 29 February.
            case julian(Int64)
            /// 0 to 365, counting it.
            case ordinal(Int64)
        }

        let day: Day
        let time: Int64

        init?(_ scanner: inout Scanner) {
            if scanner.take(UInt8(ascii: "M")) {
                guard let month = scanner.number(), scanner.take(UInt8(ascii: ".")),
                    let week = scanner.number(), scanner.take(UInt8(ascii: ".")),
                    let day = scanner.number()
                else { return nil }
                self.day = .weekday(month: month, week: week, day: day)
            } else if scanner.take(UInt8(ascii: "J")) {
                guard let day = scanner.number() else { return nil }
                self.day = .julian(day)
            } else {
                guard let day = scanner.number() else { return nil }
                self.day = .ordinal(day)
            }
            guard scanner.take(UInt8(ascii: "/")) else {
                time = 7_200
                return
            }
            guard let time = scanner.time() else { return nil }
            self.time = time
        }

        /// Seconds since the epoch of the local clock.
        func seconds(in year: Int) -> Int64 {
            func days(_ month: Int64) -> Int64 {
                let isNext = month > 12
                return CalendarDay(
                    year: isNext ? year + 1 : year, month: isNext ? 1 : Int(month), day: 1
                ).daysSinceEpoch
            }
            switch day {
            case .weekday(let month, let week, let weekday):
                let first = days(month)
                // 1 January 1970 was a Thursday, day 4 of a week from Sunday.
                let firstWeekday = ((first + 4) % 7 + 7) % 7
                var date = first + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
                while date >= days(month + 1) { date -= 7 }
                return date * 86_400 + time
            case .julian(let number):
                let isLeap = CalendarDay(daysSinceEpoch: days(3) - 1).day == 29
                return (days(1) + number - 1 + (isLeap && number >= 60 ? 1 : 0)) * 86_400 + time
            case .ordinal(let number):
                return (days(1) + number) * 86_400 + time
            }
        }
    }

    private struct Scanner {
        private let text: [UInt8]
        private var position = 0

        init(_ text: [UInt8]) { self.text = text }

        var isAtEnd: Bool { position >= text.count }
        var peek: UInt8 { isAtEnd ? 0 : text[position] }

        mutating func take(_ byte: UInt8) -> Bool {
            guard peek == byte, !isAtEnd else { return false }
            position += 1
            return true
        }

        /// A zone's abbreviation, letters or anything in angle brackets.
        mutating func name() -> Bool {
            if take(UInt8(ascii: "<")) {
                while !isAtEnd, peek != UInt8(ascii: ">") { position += 1 }
                return take(UInt8(ascii: ">"))
            }
            let start = position
            while (0x61...0x7a).contains(peek | 0x20) { position += 1 }
            return position - start >= 3
        }

        mutating func number() -> Int64? {
            let start = position
            var value: Int64 = 0
            while (0x30...0x39).contains(peek), position - start < 6 {
                value = value * 10 + Int64(peek - 0x30)
                position += 1
            }
            return position > start ? value : nil
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time() -> Int64? {
            let isNegative = take(UInt8(ascii: "-"))
            if !isNegative { _ = take(UInt8(ascii: "+")) }
            guard let hours = number() else { return nil }
            var seconds = hours * 3_600
            if take(UInt8(ascii: ":")) {
                guard let minutes = number() else { return nil }
                seconds += minutes * 60
                if take(UInt8(ascii: ":")) {
                    guard let rest = number() else { return nil }
                    seconds += rest
                }
            }
            return isNegative ? -seconds : seconds
        }
    }
}
