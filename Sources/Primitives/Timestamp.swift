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
        guard hasPlainText else {
            let (day, time) = Self.split(millisecondsSinceEpoch)
            let rest = String(unsafeUninitializedCapacity: 14) { text in
                Self.write(time, to: UnsafeMutableRawBufferPointer(text))
                return 14
            }
            return CalendarDay(daysSinceEpoch: day).description + rest
        }
        return String(unsafeUninitializedCapacity: Self.plainCount) { text in
            writePlain(to: UnsafeMutableRawBufferPointer(text))
            return Self.plainCount
        }
    }

    /// Bytes of a time in a year of four digits.
    package static let plainCount = 24

    /// Whether its year has four digits: from year 0 to year 9999.
    package var hasPlainText: Bool {
        (-62_167_219_200_000..<253_402_300_800_000).contains(millisecondsSinceEpoch)
    }

    /// Writes a time with a plain text as RFC 3339 has it into `plainCount` bytes.
    package func writePlain(to text: UnsafeMutableRawBufferPointer) {
        let (day, time) = Self.split(millisecondsSinceEpoch)
        CalendarDay(daysSinceEpoch: day).writePlain(to: text)
        Self.write(time, to: UnsafeMutableRawBufferPointer(rebasing: text[10...]))
    }

    /// `T18:31:07.123Z`.
    private static func write(_ time: Int64, to text: UnsafeMutableRawBufferPointer) {
        text[0] = UInt8(ascii: "T")
        Digits.write(time / 3_600_000, 2, to: text, at: 1)
        text[3] = UInt8(ascii: ":")
        Digits.write(time / 60_000 % 60, 2, to: text, at: 4)
        text[6] = UInt8(ascii: ":")
        Digits.write(time / 1_000 % 60, 2, to: text, at: 7)
        text[9] = UInt8(ascii: ".")
        Digits.write(time % 1_000, 3, to: text, at: 10)
        text[13] = UInt8(ascii: "Z")
    }

    /// `2026-11-23 18:31`, in `zone`.
    package func readable(in zone: TimeZoneName) -> String {
        let local = millisecondsSinceEpoch + zone.offset(at: self) * 1_000
        let (day, time) = Self.split(local)
        return "\(CalendarDay(daysSinceEpoch: day)) "
            + Digits.text(time / 3_600_000, 2) + ":" + Digits.text(time / 60_000 % 60, 2)
    }

    /// Reads RFC 3339: `2026-11-23T18:31:07Z`, with any fraction, with `+01:00` for Z.
    package init?(rfc3339 text: String) {
        var text = text
        guard let time = text.withUTF8({ Timestamp(rfc3339: $0) }) else { return nil }
        self = time
    }

    /// The same from bytes: every record has a time or two, and is read more often than printed.
    package init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= 20,
            let day = CalendarDay(UnsafeBufferPointer(rebasing: bytes[..<10])),
            bytes[10] | 0x20 == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = Digits.value(bytes, 11, 2), hour < 24,
            let minute = Digits.value(bytes, 14, 2), minute < 60,
            let second = Digits.value(bytes, 17, 2), second <= 60
        else { return nil }
        var position = 19
        var milliseconds: Int64 = 0
        if bytes[position] == UInt8(ascii: ".") {
            position += 1
            let start = position
            while position < bytes.count, Digits.isDigit(bytes[position]) {
                if position - start < 3 {
                    milliseconds = milliseconds * 10 + Int64(bytes[position] - 0x30)
                }
                position += 1
            }
            guard position > start else { return nil }
            if position - start == 1 { milliseconds *= 100 }
            if position - start == 2 { milliseconds *= 10 }
        }
        guard let offset = Self.offset(bytes, position) else { return nil }
        let seconds = day.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second - offset
        self.init(millisecondsSinceEpoch: seconds * 1_000 + milliseconds)
    }

    /// Seconds east of UTC, as the rest of the text from `start` says: `Z` or `+01:00`.
    private static func offset(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int64? {
        if bytes.count == start + 1, bytes[start] | 0x20 == UInt8(ascii: "z") { return 0 }
        guard bytes.count == start + 6, bytes[start + 3] == UInt8(ascii: ":"),
            bytes[start] == UInt8(ascii: "+") || bytes[start] == UInt8(ascii: "-"),
            let hours = Digits.value(bytes, start + 1, 2), hours < 24,
            let minutes = Digits.value(bytes, start + 4, 2), minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return bytes[start] == UInt8(ascii: "-") ? -seconds : seconds
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
        var text = text
        guard let day = text.withUTF8({ CalendarDay($0) }) else { return nil }
        self = day
    }

    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = Digits.value(bytes, 0, 4), let month = Digits.value(bytes, 5, 2),
            let day = Digits.value(bytes, 8, 2), (1...12).contains(month),
            (1...Self.length(ofMonth: month, year)).contains(day)
        else { return nil }
        self.init(year: Int(year), month: Int(month), day: Int(day))
    }

    private static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// - Parameter month: from 1 to 12.
    init(year: Int, month: Int, day: Int) {
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

    package func hash(into hasher: inout Hasher) {
        hasher.combine(year << 9 | month << 5 | day)
    }

    package static func < (left: CalendarDay, right: CalendarDay) -> Bool {
        left.daysSinceEpoch < right.daysSinceEpoch
    }

    /// Writes a day of a year of four digits into ten bytes.
    func writePlain(to text: UnsafeMutableRawBufferPointer) {
        Digits.write(Int64(year), 4, to: text, at: 0)
        text[4] = UInt8(ascii: "-")
        Digits.write(Int64(month), 2, to: text, at: 5)
        text[7] = UInt8(ascii: "-")
        Digits.write(Int64(day), 2, to: text, at: 8)
    }

    package var description: String {
        guard (0...9_999).contains(year) else {
            return "\(year)-" + Digits.text(Int64(month), 2) + "-" + Digits.text(Int64(day), 2)
        }
        return String(unsafeUninitializedCapacity: 10) { text in
            writePlain(to: UnsafeMutableRawBufferPointer(text))
            return 10
        }
    }
}

/// Days of many moments in one zone: moments near each other mostly fall on the same day, and a
/// zone's rules take a while to read.
package struct DayFinder: Sendable {
    private let zone: TimeZoneName
    /// The day found last and its moments, where one offset holds from its beginning to its end.
    private var known: (day: CalendarDay, moments: Range<Int64>)?

    package init(in zone: TimeZoneName) {
        self.zone = zone
    }

    package mutating func day(of time: Timestamp) -> CalendarDay {
        if let known, known.moments.contains(time.millisecondsSinceEpoch) { return known.day }
        let offset = zone.offset(at: time) * 1_000
        let number = Timestamp.split(time.millisecondsSinceEpoch + offset).day
        let day = CalendarDay(daysSinceEpoch: number)
        let start = number * 86_400_000 - offset
        let moments = start..<start + 86_400_000
        let isSteady = [moments.lowerBound, moments.upperBound].allSatisfy { bound in
            zone.offset(at: Timestamp(millisecondsSinceEpoch: bound)) * 1_000 == offset
        }
        known = isSteady ? (day, moments) : nil
        return day
    }
}

/// Decimal digits of a fixed width.
package enum Digits {
    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// The number that `count` bytes from `start` spell; nil when one of them is no digit.
    @inline(__always)
    static func value(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int
    ) -> Int64? {
        var value: Int64 = 0
        for position in start..<start + count {
            guard isDigit(bytes[position]) else { return nil }
            value = value * 10 + Int64(bytes[position] - 0x30)
        }
        return value
    }

    /// The last `width` digits of a number that is not negative.
    @inline(__always)
    static func write(
        _ value: Int64, _ width: Int, to text: UnsafeMutableRawBufferPointer, at start: Int
    ) {
        var rest = value
        for position in (start..<start + width).reversed() {
            text[position] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
            rest /= 10
        }
    }

    /// `value`, from 0 up, in at least `width` digits.
    package static func text(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        let missing = width - digits.utf8.count
        guard missing > 0 else { return digits }
        return String(unsafeUninitializedCapacity: width) { text in
            write(value, width, to: UnsafeMutableRawBufferPointer(text), at: 0)
            return width
        }
    }
}
