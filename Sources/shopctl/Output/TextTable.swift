/// Aligned columns for reading: two blanks between columns, numbers to the right, and where the
/// terminal is too narrow the columns that may be cut give way.
struct TextTable {
    struct Heading {
        let title: String
        let isRightAligned: Bool
        let mayBeCut: Bool
    }

    let headings: [Heading]
    /// Cells that are safe to show already.
    private(set) var rows: [[String]] = []
    /// The line under the rows.
    var totals: [String]?

    init(_ headings: [ColumnHeading]) {
        self.headings = headings.map {
            Heading(title: $0.title, isRightAligned: $0.isRightAligned, mayBeCut: $0.mayBeCut)
        }
    }

    mutating func append(_ row: [String]) { rows.append(row) }

    /// - Parameters:
    ///   - width: columns of the terminal; nil where nothing is to be cut.
    ///   - showsHeader: whether the titles come first.
    ///   - emphasis: how the header is set, `Paint.plain` for not at all.
    func lines(
        fitting width: Int?, showsHeader: Bool = true, emphasis: (String) -> String = { $0 }
    ) -> [String] {
        let widths = columnWidths(fitting: width, showsHeader: showsHeader)
        var lines: [String] = []
        if showsHeader { lines.append(emphasis(line(headings.map(\.title), widths))) }
        lines += rows.map { line($0, widths) }
        if let totals {
            lines.append(line(widths.map { String(repeating: "-", count: $0) }, widths))
            lines.append(line(totals, widths))
        }
        return lines
    }

    private func columnWidths(fitting width: Int?, showsHeader: Bool) -> [Int] {
        var widths = headings.map { showsHeader ? DisplayWidth.of($0.title) : 0 }
        for row in rows + (totals.map { [$0] } ?? []) {
            for (index, cell) in row.enumerated() {
                widths[index] = max(widths[index], DisplayWidth.of(cell))
            }
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + 2 * max(widths.count - 1, 0) - width
        while excess > 0 {
            // The widest column gives way first, down to the shortest that still says something.
            let widest = headings.indices
                .filter { headings[$0].mayBeCut && widths[$0] > Self.shortestCut }
                .max { widths[$0] < widths[$1] }
            guard let widest else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private static var shortestCut: Int { 8 }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let text = headings[index].mayBeCut ? DisplayWidth.cut(cell, to: widths[index]) : cell
            let padding = String(
                repeating: " ", count: max(widths[index] - DisplayWidth.of(text), 0))
            if index > 0 { line += "  " }
            line += headings[index].isRightAligned ? padding + text : text + padding
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
