import Primitives

/// Rows of one kind under their columns, made only while they are printed.
struct Listing {
    typealias Visit = ([Cell]) throws(ShopError) -> Void

    let headings: [ColumnHeading]
    /// Where the next page begins (`--after`), when there is one.
    var next: String?
    /// The line under the table, one cell for each column; absent where nothing adds up.
    var totals: [Cell]?
    /// Said on standard error of a terminal when there is no row: `No products match.`
    var emptyNotice: String?
    /// Calls back for each row with the cells of the selected columns, in the selection's order.
    private let produce: (_ selection: [Int], _ visit: Visit) throws(ShopError) -> Void

    init<Row>(
        _ columns: [Column<Row>], _ rows: [Row], next: String? = nil, totals: [Cell]? = nil,
        emptyNotice: String? = nil
    ) {
        self.init(columns, next: next, totals: totals, emptyNotice: emptyNotice) {
            visit throws(ShopError) in
            for row in rows { try visit(row) }
        }
    }

    /// Rows that are read while they are printed.
    ///
    /// - Parameter each: calls back once for every row, in order.
    init<Row>(
        _ columns: [Column<Row>], next: String? = nil, totals: [Cell]? = nil,
        emptyNotice: String? = nil,
        each: @escaping (_ visit: (Row) throws(ShopError) -> Void) throws(ShopError) -> Void
    ) {
        headings = columns.headings()
        self.next = next
        self.totals = totals
        self.emptyNotice = emptyNotice
        produce = { selection, visit throws(ShopError) in
            let cells = selection.map { columns[$0].cell }
            try each { row throws(ShopError) in
                try visit(cells.map { $0(row) })
            }
        }
    }

    /// How many rows there are; they are produced for it.
    func count() throws(ShopError) -> Int {
        var count = 0
        try eachRow([]) { _ throws(ShopError) in count += 1 }
        return count
    }

    func eachRow(_ selection: [Int], _ visit: Visit) throws(ShopError) {
        try produce(selection, visit)
    }

    /// The columns that `--fields` names, or those that `format` shows by itself.
    func selection(_ fields: [String]?, for format: OutputFormat) throws(ShopError) -> [Int] {
        if let fields { return try Self.selection(fields, among: headings) }
        return headings.indices.filter { index in
            let heading = headings[index]
            switch format {
            case .json, .jsonl: return true
            case .csv: return heading.kind != .rows
            case .wide: return heading.shown != .record
            case .table, .plain, .html, .md: return heading.shown == .always
            case .ids, .count: return index == 0
            }
        }
    }

    /// - Throws: `unknown-field`, with every field there is.
    static func selection(
        _ fields: [String], among headings: [ColumnHeading]
    ) throws(ShopError) -> [Int] {
        var selection: [Int] = []
        var problems: [ShopError] = []
        for field in fields {
            if let index = headings.firstIndex(where: { $0.name == field }) {
                selection.append(index)
            } else {
                problems.append(.unknownField(field, known: headings.map(\.name)))
            }
        }
        if let problem = ShopError.combining(problems) { throw problem }
        return selection
    }
}

extension ShopError {
    static func unknownField(_ field: String, known: [String]) -> ShopError {
        let near = Suggestion.nearest(to: field, among: known)
        return ShopError(
            .usage, "unknown-field", "unknown field \"\(field)\"", at: "--fields",
            why: "the fields are \(known.joined(separator: ", "))",
            try: near.isEmpty ? [] : ["--fields \(near[0])"])
    }
}
