import Formats
import Primitives

/// One value of a result, which has a text and a JSON form.
enum Cell {
    /// Nothing: an empty cell, a member left out.
    case absent
    case text(String)
    case integer(Int64)
    /// `"12.99 USD"`, in JSON `{"amount":"12.99","currency":"USD"}`.
    case money(Money)
    case time(Timestamp)
    case day(CalendarDay)
    case bool(Bool)
    case list([String])
    /// Named texts in their order, a JSON object.
    case pairs([(name: String, value: String)])
    /// A table inside a record, an array of objects in JSON.
    case rows(Listing)

    init(_ text: String?) { self = text.map(Cell.text) ?? .absent }
    init(_ number: Int64?) { self = number.map(Cell.integer) ?? .absent }
    init(_ money: Money?) { self = money.map(Cell.money) ?? .absent }
    init(_ time: Timestamp?) { self = time.map(Cell.time) ?? .absent }
    init(_ day: CalendarDay?) { self = day.map(Cell.day) ?? .absent }

    var isAbsent: Bool {
        if case .absent = self { return true }
        return false
    }

    /// How the cell reads for scripts: no grouping, UTC, nothing cut.
    var plainText: String {
        switch self {
        case .absent: ""
        case .text(let text): text
        case .integer(let number): String(number)
        case .money(let money): money.description
        case .time(let time): time.rfc3339
        case .day(let day): day.description
        case .bool(let flag): flag ? "true" : "false"
        case .list(let items): items.joined(separator: ", ")
        case .pairs(let pairs):
            pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
        case .rows: ""
        }
    }

    /// How the cell reads for people: times to the minute in `zone`.
    func readableText(in zone: TimeZoneName) -> String {
        switch self {
        case .time(let time): time.readable(in: zone)
        case .bool(let flag): flag ? "yes" : "no"
        default: plainText
        }
    }

    func write(to writer: inout JSONWriter) throws(ShopError) {
        switch self {
        case .absent: writer.null()
        case .text(let text): writer.string(text)
        case .integer(let number): writer.int(number)
        case .money(let money):
            writer.beginObject()
            writer.member("amount", money.decimalText)
            writer.member("currency", money.currency.code)
            writer.endObject()
        case .time(let time): writer.time(time)
        case .day(let day): writer.string(day.description)
        case .bool(let flag): writer.bool(flag)
        case .list(let items):
            writer.beginArray()
            for item in items { writer.string(item) }
            writer.endArray()
        case .pairs(let pairs):
            writer.beginObject()
            for pair in pairs {
                writer.name(text: pair.name)
                writer.string(pair.value)
            }
            writer.endObject()
        case .rows(let listing):
            writer.beginArray()
            let selection = Array(listing.headings.indices)
            try listing.eachRow(selection) { cells throws(ShopError) in
                try writer.object(listing.headings, cells)
            }
            writer.endArray()
        }
    }
}

extension JSONWriter {
    /// One row as an object; absent cells are left out.
    mutating func object(
        _ headings: [ColumnHeading], _ cells: [Cell]
    ) throws(ShopError) {
        beginObject()
        try members(headings, cells)
        endObject()
    }

    mutating func members(
        _ headings: [ColumnHeading], _ cells: [Cell]
    ) throws(ShopError) {
        for (heading, cell) in zip(headings, cells) where !cell.isAbsent {
            name(text: heading.name)
            try cell.write(to: &self)
        }
    }
}
