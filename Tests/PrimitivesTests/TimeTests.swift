import Foundation
import Primitives
import Testing

@Suite struct TimeTests {
    @Test("times are written and read as RFC 3339")
    func rfc3339() {
        let time = Timestamp(millisecondsSinceEpoch: 1_795_458_667_123)
        #expect(time.rfc3339 == "2026-11-23T18:31:07.123Z")
        #expect(Timestamp(rfc3339: time.rfc3339) == time)
        #expect(Timestamp(rfc3339: "2026-11-23T19:31:07.1239+01:00") == time)
        #expect(Timestamp(rfc3339: "1969-12-31T23:59:59.999Z")?.millisecondsSinceEpoch == -1)
        #expect(Timestamp(millisecondsSinceEpoch: -1).rfc3339 == "1969-12-31T23:59:59.999Z")
        for bad in [
            "", "2026-11-23", "2026-11-23T18:31:07", "2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z",
            "2026-11-23T18:31:07+1:00", "2026-11-23T18:31:07.Z",
        ] {
            #expect(Timestamp(rfc3339: bad) == nil, "\(bad)")
        }
    }

    @Test("days of the calendar count like Foundation's")
    func days() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for days in stride(from: -200_000, through: 200_000, by: 97) {
            let day = CalendarDay(daysSinceEpoch: Int64(days))
            #expect(day.daysSinceEpoch == Int64(days))
            guard days > -100_000 else { continue }
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
            #expect(parts.year == day.year && parts.month == day.month && parts.day == day.day)
        }
        #expect(CalendarDay("2024-02-29") != nil)
        #expect(CalendarDay("2026-02-29") == nil)
    }

    @Test(
        "offsets are those of the zone database, past its last transition too",
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe/Berlin")))
    func offsets() throws {
        for name in [
            "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "Asia/Kathmandu",
            "America/Sao_Paulo",
        ] {
            let zone = try TimeZoneName(parsing: name)
            let foundation = try #require(TimeZone(identifier: name))
            for hours in stride(from: 0, to: 24 * 366 * 70, by: 401) {
                let time = Timestamp(millisecondsSinceEpoch: Int64(hours) * 3_600_000)
                let expected = foundation.secondsFromGMT(
                    for: Date(timeIntervalSince1970: Double(hours) * 3_600))
                #expect(zone.offset(at: time) == Int64(expected), "\(name) at \(time.rfc3339)")
            }
        }
    }

    @Test("names that are no zone, or a way out of the database, are refused")
    func badZones() {
        for bad in ["Mars/Olympus", "../../../etc/passwd", "", "/etc/localtime", "Europe"] {
            #expect(throws: ShopError.self, "\(bad)") { try TimeZoneName(parsing: bad) }
        }
    }
}
