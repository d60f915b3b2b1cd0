import Primitives
import ShopCore

/// `--sort` and `--limit`, which every list takes.
struct RowSelection: Sendable {
    static var options: [OptionSpec] {
        [
            .value("sort", "[-]FIELD", "Order by this column; --sort=-FIELD turns it round"),
            .value("limit", short: "L", "N", "At most N rows").read(by: ArgumentValues.count),
        ]
    }

    private let field: String?
    private let isDescending: Bool
    private let limit: Int?

    /// - Parameter headings: the columns there are.
    /// - Throws: `unknown-field` (64).
    init(
        _ arguments: ParsedArguments, among headings: @autoclosure () -> [ColumnHeading]
    ) throws(ShopError) {
        let sort = arguments.value("sort")
        let isDescending = sort?.hasPrefix("-") ?? false
        self.isDescending = isDescending
        field = sort.map { isDescending ? String($0.dropFirst()) : $0 }
        limit = try arguments.value("limit", ArgumentValues.count)
        if let field {
            do throws(ShopError) {
                _ = try Listing.selection([field], among: headings())
            } catch {
                throw error.sorting
            }
        }
    }

    /// The rows that `each` gives, in its order or sorted, the first `limit` of them.
    ///
    /// Unsorted rows are read while they are printed. Equal ones keep their order.
    ///
    /// - Parameter each: calls back for row after row until it is told to stop.
    func listing<Row>(
        _ columns: [Column<Row>], whenEmpty: String?,
        each: @escaping (_ visit: (Row) throws(ShopError) -> Bool) throws(ShopError) -> Void
    ) -> Listing {
        let column = columns.first { $0.heading.name == field }
        return Listing(columns, emptyNotice: whenEmpty) { visit throws(ShopError) in
            if limit == 0 { return }
            guard let column else {
                var count = 0
                try each { row throws(ShopError) in
                    try visit(row)
                    count += 1
                    return limit.map { count < $0 } ?? true
                }
                return
            }
            var rows: [(row: Row, key: Cell)] = []
            try each { row throws(ShopError) in
                rows.append((row, column.cell(row)))
                return true
            }
            rows.sort { isDescending ? $1.key.sorts(before: $0.key) : $0.key.sorts(before: $1.key) }
            for item in rows.prefix(limit ?? rows.count) { try visit(item.row) }
        }
    }
}

extension Cell {
    /// By value; texts by their bytes; a cell without value comes first.
    fileprivate func sorts(before other: Cell) -> Bool {
        switch (self, other) {
        case (.absent, .absent): false
        case (.absent, _): true
        case (_, .absent): false
        case (.integer(let left), .integer(let right)): left < right
        case (.money(let left), .money(let right)): left.minorUnits < right.minorUnits
        case (.time(let left), .time(let right)): left < right
        case (.day(let left), .day(let right)): left < right
        default: plainText.utf8.lexicographicallyPrecedes(other.plainText.utf8)
        }
    }
}

extension ShopError {
    /// The same unknown field, said of `--sort`.
    fileprivate var sorting: ShopError {
        ShopError(
            kind, code, message, at: "--sort", why: reason,
            try: suggestions.map { "--sort" + $0.dropFirst("--fields".count) })
    }
}
