import Primitives

/// What is known of a column without any row: its names and how it is set.
struct ColumnHeading: Sendable {
    enum Kind: Sendable {
        case text, integer, money, time, day, bool, list, pairs, rows
        /// Units or money, as the row is about the one or the other.
        case figure
    }

    /// Which forms show the column when `--fields` does not say.
    enum Shown: Sendable {
        /// Everywhere.
        case always
        /// Not in `table` and `plain`.
        case wide
        /// In `csv`, `json` and `jsonl` only.
        case record
    }

    /// JSON member, CSV header and the name for `--fields`: `onHand`.
    let name: String
    /// Header of the table where it is not the name's words.
    let givenTitle: String?
    let kind: Kind
    let shown: Shown
    /// May be cut with `…` where a terminal is too narrow.
    let mayBeCut: Bool
    /// What the rows inside hold, for columns of rows: made for who asks.
    var inner: [ColumnHeading] { makeInner() }
    fileprivate var makeInner: @Sendable () -> [ColumnHeading] = { [] }

    var isRightAligned: Bool { kind == .integer || kind == .money || kind == .figure }

    /// Header of the table: `ON-HAND`. Worked out only for who shows it.
    var title: String {
        givenTitle ?? Self.words(of: name).joined(separator: "-").uppercased()
    }

    /// `On hand`, before the value in a record.
    var label: String {
        let words = Self.words(of: name).joined(separator: " ")
        return name == "sku" ? title : words.prefix(1).uppercased() + words.dropFirst()
    }

    /// `onHand` as `on`, `hand`.
    static func words(of name: String) -> [String] {
        var words = [""]
        for scalar in name.unicodeScalars {
            let isCapital = ("A"..."Z").contains(scalar)
            if isCapital { words.append("") }
            let small = isCapital ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar
            words[words.count - 1].unicodeScalars.append(small)
        }
        return words
    }
}

/// A column over rows of one kind, declared once for all the commands of a noun.
///
///     static var columns: [Column<Product>] {
///         [
///             .text("sku") { $0.sku.text },
///             .text("name", mayBeCut: true) { $0.name },
///             .money("price") { $0.price },
///             .integer("lowStock", shown: .wide) { $0.lowStock },
///         ]
///     }
///
/// The first column is the id, which `--format ids` prints. A JSON member is left out and a
/// cell is empty where the closure gives nil.
struct Column<Row>: Sendable {
    let heading: ColumnHeading
    let cell: @Sendable (Row) -> Cell

    init(
        _ name: String, _ title: String? = nil, _ kind: ColumnHeading.Kind,
        shown: ColumnHeading.Shown = .always, mayBeCut: Bool = false,
        cell: @escaping @Sendable (Row) -> Cell
    ) {
        heading = ColumnHeading(
            name: name, givenTitle: title, kind: kind, shown: shown, mayBeCut: mayBeCut)
        self.cell = cell
    }

    /// A column of another kind of row.
    init(_ heading: ColumnHeading, cell: @escaping @Sendable (Row) -> Cell) {
        self.heading = heading
        self.cell = cell
    }

    static func text(
        _ name: String, _ title: String? = nil, shown: ColumnHeading.Shown = .always,
        mayBeCut: Bool = false, _ value: @escaping @Sendable (Row) -> String?
    ) -> Column {
        Column(name, title, .text, shown: shown, mayBeCut: mayBeCut) { Cell(value($0)) }
    }

    static func integer(
        _ name: String, _ title: String? = nil, shown: ColumnHeading.Shown = .always,
        _ value: @escaping @Sendable (Row) -> Int64?
    ) -> Column {
        Column(name, title, .integer, shown: shown) { Cell(value($0)) }
    }

    static func money(
        _ name: String, _ title: String? = nil, shown: ColumnHeading.Shown = .always,
        _ value: @escaping @Sendable (Row) -> Money?
    ) -> Column {
        Column(name, title, .money, shown: shown) { Cell(value($0)) }
    }

    static func time(
        _ name: String, _ title: String? = nil, shown: ColumnHeading.Shown = .always,
        _ value: @escaping @Sendable (Row) -> Timestamp?
    ) -> Column {
        Column(name, title, .time, shown: shown) { Cell(value($0)) }
    }

    static func day(
        _ name: String, _ title: String? = nil, shown: ColumnHeading.Shown = .always,
        _ value: @escaping @Sendable (Row) -> CalendarDay?
    ) -> Column {
        Column(name, title, .day, shown: shown) { Cell(value($0)) }
    }

    static func bool(
        _ name: String, _ title: String? = nil, shown: ColumnHeading.Shown = .always,
        _ value: @escaping @Sendable (Row) -> Bool?
    ) -> Column {
        Column(name, title, .bool, shown: shown) { value($0).map(Cell.bool) ?? .absent }
    }

    /// Several texts, a JSON array; left out when empty.
    static func list(
        _ name: String, _ title: String? = nil, shown: ColumnHeading.Shown = .record,
        _ value: @escaping @Sendable (Row) -> [String]
    ) -> Column {
        Column(name, title, .list, shown: shown) {
            let items = value($0)
            return items.isEmpty ? .absent : .list(items)
        }
    }

    /// Named texts, a JSON object; left out when empty.
    static func pairs(
        _ name: String, _ title: String? = nil, shown: ColumnHeading.Shown = .record,
        _ value: @escaping @Sendable (Row) -> [(name: String, value: String)]
    ) -> Column {
        Column(name, title, .pairs, shown: shown) {
            let pairs = value($0)
            return pairs.isEmpty ? .absent : .pairs(pairs)
        }
    }

    /// Rows inside the record, such as the lines of an order; in no table and no CSV.
    ///
    /// - Parameter columns: made when rows or their headings are shown, not with the column.
    static func rows<Inner>(
        _ name: String, _ columns: @autoclosure @escaping @Sendable () -> [Column<Inner>],
        _ value: @escaping @Sendable (Row) -> [Inner]
    ) -> Column {
        var heading = ColumnHeading(
            name: name, givenTitle: nil, kind: .rows, shown: .record, mayBeCut: false)
        heading.makeInner = { columns().headings() }
        return Column(heading) {
            let inner = value($0)
            return inner.isEmpty ? .absent : .rows(Listing(columns(), inner))
        }
    }
}

extension Array {
    /// What the columns are called, for `CommandSpec.fields`.
    func headings<Row>() -> [ColumnHeading] where Element == Column<Row> {
        map(\.heading)
    }
}
