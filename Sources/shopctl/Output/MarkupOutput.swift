import Primitives

/// Reports as Markdown and HTML, to mail or to put on a page.
extension ReportPrinter {
    func printMarkup(_ document: Report.Document) throws(ShopError) {
        let listing = document.listing
        let selection = try listing.selection(fields, for: format)
        let headings = selection.map { listing.headings[$0] }
        let facts = document.facts.filter { !$0.cell.isAbsent }
            .map { ($0.name, $0.cell.readableText(in: timeZone)) }
        var rows: [[String]] = []
        try listing.eachRow(selection) { cells throws(ShopError) in
            rows.append(cells.map { $0.readableText(in: timeZone) })
        }
        let totals = listing.totals.map { totals in
            selection.map { totals[$0].readableText(in: timeZone) }
        }
        let lines =
            format == .md
            ? Self.markdown(document.title, facts, headings, rows, totals)
            : Self.html(document.title, facts, headings, rows, totals)
        for line in lines { try sink.writeLine(line) }
    }

    private static func markdown(
        _ title: String, _ facts: [(String, String)], _ headings: [ColumnHeading],
        _ rows: [[String]], _ totals: [String]?
    ) -> [String] {
        func line(_ cells: [String]) -> String {
            "| " + cells.map(markdownText).joined(separator: " | ") + " |"
        }
        var lines = ["# " + markdownText(title), ""]
        if !facts.isEmpty {
            lines += facts.map { "- \(markdownText($0.0)): \(markdownText($0.1))" } + [""]
        }
        lines.append(line(headings.map(\.label)))
        lines.append(
            "| " + headings.map { $0.isRightAligned ? "---:" : "---" }.joined(separator: " | ")
                + " |")
        lines += rows.map(line)
        if let totals { lines.append(line(totals.map { $0.isEmpty ? "" : "**\($0)**" })) }
        return lines
    }

    private static func markdownText(_ text: String) -> String {
        var result = ""
        for character in VisibleText.escaped(text) {
            if "|<>&`_[]".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }

    private static func html(
        _ title: String, _ facts: [(String, String)], _ headings: [ColumnHeading],
        _ rows: [[String]], _ totals: [String]?
    ) -> [String] {
        func line(_ cells: [String], _ tag: String) -> String {
            let marked = zip(headings, cells).map { heading, cell in
                let style = heading.isRightAligned ? " class=\"number\"" : ""
                return "<\(tag)\(style)>\(HTMLText.escaped(cell))</\(tag)>"
            }
            return "<tr>" + marked.joined() + "</tr>"
        }
        var lines = [
            "<!DOCTYPE html>", "<meta charset=\"utf-8\">",
            "<title>\(HTMLText.escaped(title))</title>",
            "<style>table{border-collapse:collapse}th,td{padding:.2em .8em;text-align:left;"
                + "border-bottom:1px solid #ccc}.number{text-align:right}</style>",
            "<h1>\(HTMLText.escaped(title))</h1>",
        ]
        lines += facts.map { "<p>\(HTMLText.escaped($0.0)): \(HTMLText.escaped($0.1))</p>" }
        lines += ["<table>", "<thead>" + line(headings.map(\.label), "th") + "</thead>", "<tbody>"]
        lines += rows.map { line($0, "td") }
        lines.append("</tbody>")
        if let totals { lines.append("<tfoot>" + line(totals, "th") + "</tfoot>") }
        lines.append("</table>")
        return lines
    }
}
