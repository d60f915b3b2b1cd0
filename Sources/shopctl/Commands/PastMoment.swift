import Primitives
import ShopCore

/// `--as-of`: a moment, the end of a day, or so long ago.
struct PastMoment: Sendable {
    private enum Kind {
        case moment(Period.Moment)
        case ago(Age)
        case daysAgo(Int64)
    }

    private let kind: Kind

    init(parsing text: String) throws(ShopError) {
        if text == "yesterday" {
            kind = .daysAgo(1)
        } else if let age = try? Age(parsing: text) {
            kind = .ago(age)
        } else if let moment = try? Period.Moment(parsing: text) {
            kind = .moment(moment)
        } else {
            throw .invalidMoment(text)
        }
    }

    /// The last moment that still belongs to it.
    func time(at now: Timestamp, in zone: TimeZoneName) -> Timestamp {
        switch kind {
        case .ago(let age): now.adding(seconds: -age.seconds)
        case .daysAgo(let days): end(of: CalendarDay(of: now, in: zone).adding(days: -days), zone)
        case .moment(.day(let day)): end(of: day, zone)
        case .moment(.time(let time)): time
        }
    }

    private func end(of day: CalendarDay, _ zone: TimeZoneName) -> Timestamp {
        Timestamp(
            millisecondsSinceEpoch:
                day.adding(days: 1).beginning(in: zone).millisecondsSinceEpoch - 1)
    }
}

extension ShopError {
    static func invalidMoment(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-moment", "\"\(text)\" is no moment",
            try: ["2026-11-23T18:00:00Z", "2026-11-23", "yesterday", "2h", "3d"])
    }

    static func changesThePast(_ command: String) -> ShopError {
        ShopError(
            .usage, "as-of-change", "\(command) changes the shop; --as-of is for looking",
            try: ["without --as-of"])
    }
}
