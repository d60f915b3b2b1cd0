package import Primitives
import Storage
import Users

/// Closing days.
extension Shop {
    /// Adds a day up from its records, and seals it with the journal so far.
    ///
    /// What takes long, which is reading the records, happens before the lock is taken; what comes
    /// after the moment that was read is not sealed, and not of the day any more.
    ///
    /// - Throws: `day-not-over` (6), `day-closed` (5), `day-does-not-foot` (9), `overtaken` (75).
    package func closeDay(_ day: CalendarDay) throws(ShopError) -> DaySeal {
        try store.settle()
        let (footing, last, seal, purge) = try read(.closeDay) { (view, _) throws(ShopError) in
            let last = try view.lastSeal()
            return (
                try DayFooting(day, in: settings.timeZone, of: view), last,
                try store.seal(view, named: day.description, after: last?.seal),
                try view.lastPurge()
            )
        }
        return try change(.closeDay) { (work) throws(ShopError) in
            let newest = try work.transaction.lastSeal()
            guard day < CalendarDay(of: work.at, in: settings.timeZone) else {
                throw .dayNotOver(day)
            }
            if let newest, newest.day >= day { throw .dayClosed(day, newest) }
            guard footing.problems.isEmpty else { throw .dayDoesNotFoot(day, footing.problems) }
            let kept = try work.transaction.find(DayTotals.self, Records.day(day))?.sums
            // A purge writes the lines anew that were hashed.
            guard newest == last, try work.transaction.lastPurge() == purge,
                kept ?? DayTotals.Sums() == footing.figures.sums else {
                throw .dayOvertaken(day)
            }
            let record = DaySeal(
                day, footing.figures, in: currency, seal, after: last, at: work.at, by: work.by)
            var counters = try work.transaction.counters()
            counters.sealed = day
            work.transaction.ids = [day.description]
            work.transaction.put(record)
            work.transaction.put(counters)
            return record
        }
    }

    /// A day as it was closed, and what was dated into it since.
    ///
    /// - Throws: `day-not-closed` (3).
    package func closedDay(
        _ day: CalendarDay
    ) throws(ShopError) -> (seal: DaySeal, corrections: [DayCorrection]) {
        try read(.readReports) { (view, _) throws(ShopError) in
            guard let seal = try view.find(DaySeal.self, Records.seal(day)) else {
                throw .dayNotClosed(day)
            }
            return (seal, try view.corrections(of: day))
        }
    }

    /// Refuses what would be stamped into a sealed day, where the shop's time zone was changed.
    ///
    /// - Throws: `day-sealed` (6).
    func requireOpenDay(in work: Work) throws(ShopError) {
        guard let sealed = try work.transaction.counters().sealed else { return }
        let day = CalendarDay(of: work.at, in: settings.timeZone)
        guard day <= sealed else { return }
        throw .todaySealed(day, sealed)
    }
}

extension View {
    /// The day that was closed last: it and all days before are sealed.
    func lastSeal() throws(ShopError) -> DaySeal? {
        var last: DaySeal?
        try each(DaySeal.self, KeyRange(collection: "seals"), .descending) { (seal) in
            last = seal
            return false
        }
        return last
    }

    /// Every seal, oldest first.
    func seals() throws(ShopError) -> [DaySeal] {
        var seals: [DaySeal] = []
        try each(DaySeal.self, KeyRange(collection: "seals")) { (seal) in
            seals.append(seal)
            return true
        }
        return seals
    }
}

extension ShopError {
    static func dayNotOver(_ day: CalendarDay) -> ShopError {
        ShopError(
            .refused, "day-not-over", "\(day) is not over yet", at: day.description,
            why: "a day is closed when nothing more can happen on it",
            try: ["shopctl day close --dry-run \(day.adding(days: -1))"])
    }

    static func dayClosed(_ day: CalendarDay, _ last: DaySeal) -> ShopError {
        ShopError(
            .conflict, "day-closed",
            day == last.day
                ? "\(day) is closed already" : "\(day) is sealed: \(last.day) was closed already",
            at: day.description, why: "a seal covers its day and all days before",
            try: ["shopctl day show \(last.day)"])
    }

    static func dayNotClosed(_ day: CalendarDay) -> ShopError {
        ShopError(
            .notFound, "day-not-closed", "\(day) is not closed", at: day.description,
            try: ["shopctl day close \(day)"])
    }

    static func dayDoesNotFoot(_ day: CalendarDay, _ problems: [String]) -> ShopError {
        ShopError(
            .findings, "day-does-not-foot",
            "\(day) does not add up: \(problems.joined(separator: "; "))", at: day.description,
            why: "two ways of adding up the same figure differ; nothing was sealed",
            try: ["shopctl doctor"])
    }

    static func dayOvertaken(_ day: CalendarDay) -> ShopError {
        ShopError(
            .locked, "overtaken",
            "somebody else closed a day, or changed \(day), while it was added up",
            try: ["shopctl day close \(day)"])
    }

    static func todaySealed(_ day: CalendarDay, _ last: CalendarDay) -> ShopError {
        ShopError(
            .refused, "day-sealed", "it is \(day) in the shop's time zone, and \(last) is sealed",
            why: "what happens now would be in the books of a closed day",
            try: ["the time zone that the day was closed in, in shop.json"])
    }

    static func daySealed(_ day: CalendarDay, _ last: DaySeal) -> ShopError {
        ShopError(
            .refused, "day-sealed", "orders of the file are of \(day), which is sealed",
            why: "\(last.day) was closed with all days before it, on \(last.at.rfc3339)",
            try: ["--correct-sealed \"why the books of that day change\""])
    }
}
