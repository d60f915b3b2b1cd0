/// A moment, to the millisecond, in UTC.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let millisecondsSinceEpoch: Int64

    package init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
    }

    package func adding(seconds: Int64) -> Timestamp {
        Timestamp(millisecondsSinceEpoch: millisecondsSinceEpoch + seconds * 1_000)
    }

    /// `2026-11-23T18:31:07.123Z` (RFC 3339), always with milliseconds.
    package var rfc3339: String {
        let (day, time) = Self.split(millisecondsSinceEpoch)
        let seconds = time / 1_000
        return "\(CalendarDay(daysSinceEpoch: day))T"
            + "\(pad(seconds / 3_600, 2)):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2))"
            + ".\(pad(time % 1_000, 3))Z"
    }

    /// `2026-11-23 18:31`, in `zone`.
    package func readable(in zone: TimeZoneName) -> String {
        let local = millisecondsSinceEpoch + zone.offset(at: self) * 1_000
        let (day, time) = Self.split(local)
        return "\(CalendarDay(daysSinceEpoch: day)) "
            + "\(pad(time / 3_600_000, 2)):\(pad(time / 60_000 % 60, 2))"
    }

    /// Reads RFC 3339: `2026-11-23T18:31:07Z`, with any fraction, with `+01:00` for Z.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, let day = CalendarDay(String(text.prefix(10))),
            bytes[10] | 0x20 == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = number(bytes[11..<13]), hour < 24,
            let minute = number(bytes[14..<16]), minute < 60,
            let second = number(bytes[17..<19]), second <= 60
        else { return nil }
        var position = 19
        var milliseconds: Int64 = 0
        if bytes[position] == UInt8(ascii: ".") {
            let fraction = bytes[(position + 1)...].prefix { $0 >= 0x30 && $0 <= 0x39 }
            guard !fraction.isEmpty else { return nil }
            let three = (Array(fraction.prefix(3)) + [0x30, 0x30]).prefix(3)
            milliseconds = number(three) ?? 0
            position += 1 + fraction.count
        }
        guard let offset = Self.offset(Array(bytes[position...])) else { return nil }
        let seconds = day.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second - offset
        self.init(millisecondsSinceEpoch: seconds * 1_000 + milliseconds)
    }

    private static func offset(_ bytes: [UInt8]) -> Int64? {
        if bytes.count == 1, bytes[0] | 0x20 == UInt8(ascii: "z") { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
            let hours = number(bytes[1..<3]), let minutes = number(bytes[4..<6]), hours < 24,
            minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return bytes[0] == UInt8(ascii: "-") ? -seconds : seconds
    }

    /// Days since the epoch and milliseconds of that day.
    static func split(_ milliseconds: Int64) -> (day: Int64, time: Int64) {
        let perDay: Int64 = 86_400_000
        let day = (milliseconds >= 0 ? milliseconds : milliseconds - perDay + 1) / perDay
        return (day, milliseconds - day * perDay)
    }
}

/// A day of the calendar, in whatever zone was asked for. Printed `2026-11-23`.
package struct CalendarDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let year: Int
    package let month: Int
    package let day: Int

    /// Reads `2026-11-23`; nil for a day that does not exist.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]), (1...12).contains(month), day >= 1
        else { return nil }
        self.init(year: Int(year), month: Int(month), day: Int(day))
        guard CalendarDay(daysSinceEpoch: daysSinceEpoch) == self else { return nil }
    }

    private init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Civil from days, in the proleptic Gregorian calendar, with years beginning in March so
    /// that the leap day comes last.
    package init(daysSinceEpoch days: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.init(
            year: Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), month: Int(month),
            day: Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))
    }

    /// The day of `time` in `zone`.
    package init(of time: Timestamp, in zone: TimeZoneName) {
        let local = time.millisecondsSinceEpoch + zone.offset(at: time) * 1_000
        self.init(daysSinceEpoch: Timestamp.split(local).day)
    }

    /// The moment the day begins in `zone`.
    package func beginning(in zone: TimeZoneName) -> Timestamp {
        let midnight = Timestamp(millisecondsSinceEpoch: daysSinceEpoch * 86_400_000)
        let guess = midnight.adding(seconds: -zone.offset(at: midnight))
        return midnight.adding(seconds: -zone.offset(at: guess))
    }

    package var daysSinceEpoch: Int64 {
        let year = Int64(self.year) - (month <= 2 ? 1 : 0)
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let shiftedMonth = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package func adding(days: Int64) -> CalendarDay {
        CalendarDay(daysSinceEpoch: daysSinceEpoch + days)
    }

    package static func < (left: CalendarDay, right: CalendarDay) -> Bool {
        left.daysSinceEpoch < right.daysSinceEpoch
    }

    package var description: String {
        "\(pad(Int64(year), 4))-\(pad(Int64(month), 2))-\(pad(Int64(day), 2))"
    }
}

/// `value` in at least `width` digits.
private func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

private func number(_ digits: some Collection<UInt8>) -> Int64? {
    guard !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
}
