import Primitives
import Storage

extension InvariantCheck {
    /// Each seal names the one before it, and a sealed day comes to what was sealed and its
    /// corrections (I8).
    mutating func checkSeals() throws(ShopError) {
        var corrected: [CalendarDay: (sums: DayTotals.Sums, count: Int64)] = [:]
        try each(DayCorrection.self, "corrections") { (check, correction) in
            corrected[correction.day, default: (.init(), 0)].sums.add(correction.totals.sums)
            corrected[correction.day]?.count += 1
            let expected = corrected[correction.day]?.count ?? 0
            if correction.number != expected {
                check.add("I6", in: "corrections", "\(correction.day)", "expected \(expected)")
            }
        }
        var last: DaySeal?
        try each(DaySeal.self, "seals") { (check, seal) in
            let day = seal.day.description
            if seal.previousDay != last?.day || seal.previous != last?.sha256
                || seal.tx <= last?.tx ?? 0
            {
                let before = last.map { "that of \($0.day)" } ?? "none"
                check.add("I8", in: "seals", day, "the seal before it is \(before)")
            }
            last = seal
            var sums = seal.figures.sums
            if let more = corrected[seal.day] { sums.add(more.sums) }
            if sums != check.derived.days[seal.day] ?? DayTotals.Sums() {
                check.add(
                    "I8", in: "seals", day,
                    "the day has changed since it was closed, by more than its corrections")
            }
        }
        derived.add(last)
        for day in corrected.keys.sorted() where last.map({ day > $0.day }) ?? true {
            add("I5", in: "corrections", day.description, "the day is not sealed")
        }
    }
}
