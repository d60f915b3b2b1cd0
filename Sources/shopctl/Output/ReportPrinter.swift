import Formats
import Primitives

/// Prints a report in one of the output formats.
struct ReportPrinter {
    let format: OutputFormat
    /// The columns asked for; nil for those the format shows by itself.
    let fields: [String]?
    let showsHeader: Bool
    let isDryRun: Bool
    /// Times in `table` and `wide` are of this zone.
    let timeZone: TimeZoneName
    /// Columns to fit in; nil where standard output is no terminal.
    let terminalWidth: Int?
    let paint: Paint
    let sink: ResultSink

    /// - Returns: sentences for standard error.
    func write(_ report: Report) throws(ShopError) -> [String] {
        var notices: [String] = []
        if let difference = report.difference, isReplaced(report.body) {
            try write(difference)
            try sink.flush()
            return report.notices
        }
        switch report.body {
        case .nothing: break
        case .text(let text): try sink.write(text)
        case .list(let listing):
            let count = try write(listing)
            if count == 0, terminalWidth != nil, let notice = listing.emptyNotice {
                notices.append(notice)
            }
        case .records(let listing): try write(records: listing, report.difference)
        case .mutation(let mutation):
            try write(mutation, below: report.drawing, report.difference)
        case .document(let document): try write(document)
        case .lines(let produce):
            try produce { (line) throws(ShopError) in try sink.write(line) }
        }
        if let difference = report.difference { try write(difference, below: report.body) }
        try sink.flush()
        return notices + report.notices
    }

    // MARK: Lists

    /// - Returns: how many rows there were.
    @discardableResult
    func write(_ listing: Listing) throws(ShopError) -> Int {
        let selection = try listing.selection(fields, for: format)
        switch format {
        case .table, .wide: return try printTable(listing, selection)
        case .plain: return try printPlain(listing, selection)
        case .csv: return try printCSV(listing, selection)
        case .json: return try printItems(listing, selection)
        case .jsonl: return try printJSONLines(listing, selection)
        case .ids: return try printPlain(listing, [0])
        case .count: return try printCount(listing)
        case .html, .md: throw .noSuchForm(format)
        }
    }

    private func printCount(_ listing: Listing) throws(ShopError) -> Int {
        let count = try listing.count()
        try sink.writeLine(String(count))
        return count
    }

    /// TSV without a header; `\t \n \r \\` are escaped so that a row is a line.
    private func printPlain(_ listing: Listing, _ selection: [Int]) throws(ShopError) -> Int {
        var count = 0
        try listing.eachRow(selection) { cells throws(ShopError) in
            count += 1
            // `joined` looks for a conformance among all of the program's, once in every process.
            var line = ""
            for cell in cells {
                line += plainText(cell)
                line += "\t"
            }
            line.removeLast(cells.isEmpty ? 0 : 1)
            try sink.writeLine(line)
        }
        return count
    }

    /// On a terminal hostile text is shown escaped here too.
    private func plainText(_ cell: Cell) -> String {
        let text = PlainText.escaped(cell.plainText)
        return terminalWidth == nil ? text : VisibleText.escaped(text)
    }

    func printTable(_ listing: Listing, _ selection: [Int]) throws(ShopError) -> Int {
        var table = TextTable(selection.map { listing.headings[$0] })
        try listing.eachRow(selection) { cells throws(ShopError) in
            table.append(cells.map(readableText))
        }
        if let totals = listing.totals {
            table.totals = selection.map { readableText(totals[$0]) }
        }
        guard !table.rows.isEmpty else { return 0 }
        let width = format == .wide ? nil : terminalWidth
        let lines = table.lines(
            fitting: width, showsHeader: showsHeader, emphasis: paint.header)
        for line in lines { try sink.writeLine(line) }
        return table.rows.count
    }

    func readableText(_ cell: Cell) -> String {
        VisibleText.escaped(cell.readableText(in: timeZone))
    }

    // MARK: Records

    private func write(
        records listing: Listing, _ difference: Listing?
    ) throws(ShopError) {
        switch format {
        case .table, .wide: try printBlocks(listing)
        case .json: try printObject(listing, with: difference)
        default: try write(listing)
        }
    }

    /// One record as `Label  value` lines, tables inside it below.
    private func printBlocks(_ listing: Listing) throws(ShopError) {
        let selection = try listing.selection(fields, for: .json)
        let headings = selection.map { listing.headings[$0] }
        var isFirst = true
        try listing.eachRow(selection) { cells throws(ShopError) in
            if !isFirst { try sink.write("\n") }
            isFirst = false
            let shown = zip(headings, cells).filter { !$0.1.isAbsent }
            let labels = shown.filter { $0.0.kind != .rows }.map(\.0.label)
            let width = labels.map(DisplayWidth.of).max() ?? 0
            for (heading, cell) in shown {
                if case .rows(let inner) = cell {
                    try write(rows: inner, label: heading.label)
                    continue
                }
                let padding = String(
                    repeating: " ", count: width - DisplayWidth.of(heading.label))
                try sink.writeLine(
                    paint.header(heading.label) + padding + "  " + readableText(cell))
            }
        }
    }

    private func write(rows inner: Listing, label: String) throws(ShopError) {
        let selection = try inner.selection(nil, for: format)
        var table = TextTable(selection.map { inner.headings[$0] })
        try inner.eachRow(selection) { cells throws(ShopError) in
            table.append(cells.map(readableText))
        }
        try sink.writeLine(paint.header(label))
        let width = format == .wide ? nil : terminalWidth.map { $0 - 2 }
        for line in table.lines(fitting: width) { try sink.writeLine("  " + line) }
    }

    // MARK: Mutations

    private func write(
        _ mutation: Report.Mutation, below drawing: [String], _ difference: Listing?
    ) throws(ShopError) {
        if fields != nil, format != .json {
            try write(mutation.listing)
            return
        }
        switch format {
        case .table, .wide:
            for line in drawing { try sink.writeLine(line) }
            let sentence = VisibleText.escaped(mutation.sentence())
            try sink.writeLine(sentence + (isDryRun ? " (dry run)" : ""))
            for command in mutation.next() where !isDryRun {
                try sink.writeLine("  next: " + VisibleText.escaped(command))
            }
        case .plain, .ids:
            for id in mutation.ids { try sink.writeLine(PlainText.escaped(id)) }
        case .count: try sink.writeLine(String(mutation.ids.count))
        case .json: try write(records: mutation.listing, difference)
        case .csv, .jsonl, .html, .md: try write(mutation.listing)
        }
    }

    // MARK: Reports

    private func write(_ document: Report.Document) throws(ShopError) {
        switch format {
        case .md, .html: try printMarkup(document)
        case .table, .wide:
            try sink.writeLine(paint.header(VisibleText.escaped(document.title)))
            for fact in document.facts where !fact.cell.isAbsent {
                try sink.writeLine(fact.name + "  " + readableText(fact.cell))
            }
            try sink.write("\n")
            if try write(document.listing) == 0 {
                try sink.writeLine(document.listing.emptyNotice ?? "No rows.")
            }
        case .json:
            let selection = try document.listing.selection(fields, for: format)
            try printItems(document.listing, selection, facts: document.facts)
        default: try write(document.listing)
        }
    }
}

/// The escapes of the `plain` format.
enum PlainText {
    static func escaped(_ text: String) -> String {
        let isSpecial = { (byte: UInt8) in
            byte == 0x09 || byte == 0x0a || byte == 0x0d || byte == UInt8(ascii: "\\")
        }
        guard text.utf8.contains(where: isSpecial) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\\": result += "\\\\"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension ShopError {
    static func noSuchForm(_ format: OutputFormat) -> ShopError {
        ShopError(
            .usage, "no-such-form", "only reports can be printed as \(format.rawValue)",
            at: "--format", try: ["shopctl help formats"])
    }
}
