import Formats
import Primitives

extension ReportPrinter {
    /// A single row as an object, several as a list; with what a dry run would have changed.
    func printObject(_ listing: Listing, with difference: Listing?) throws(ShopError) {
        let selection = try listing.selection(fields, for: format)
        // Who names the members that are wanted gets those.
        let changes = fields == nil ? difference.map(Cell.rows) : nil
        var rows: [[Cell]] = []
        try listing.eachRow(selection) { cells throws(ShopError) in rows.append(cells) }
        guard rows.count == 1 else {
            let facts = changes.map { [(name: "changes", cell: $0)] } ?? []
            try printItems(listing, selection, facts: facts)
            return
        }
        try sink.write(try object(listing, selection, rows[0], changes: changes))
        try sink.write("\n")
    }

    /// One row as an object, `"dryRun":true` first where nothing was stored.
    func object(
        _ listing: Listing, _ selection: [Int], _ cells: [Cell], changes: Cell? = nil
    ) throws(ShopError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if isDryRun { writer.member("dryRun", true) }
        try writer.members(selection.map { listing.headings[$0] }, cells)
        if let changes {
            writer.name("changes")
            try changes.write(to: &writer)
        }
        writer.endObject()
        return writer.bytes
    }

    /// `{"items":[…],"next":…}`, the rows written one by one.
    @discardableResult
    func printItems(
        _ listing: Listing, _ selection: [Int], facts: [(name: String, cell: Cell)] = []
    ) throws(ShopError) -> Int {
        try sink.write("{")
        for fact in facts where !fact.cell.isAbsent {
            var value = JSONWriter()
            try fact.cell.write(to: &value)
            try sink.write("\"\(fact.name)\":")
            try sink.write(value.bytes)
            try sink.write(",")
        }
        try sink.write("\"items\":[")
        var count = 0
        try listing.eachRow(selection) { cells throws(ShopError) in
            if count > 0 { try sink.write(",") }
            count += 1
            try sink.write(try object(listing, selection, cells))
        }
        try sink.write("]")
        if let totals = listing.totals {
            var writer = JSONWriter()
            try writer.object(
                selection.map { listing.headings[$0] }, selection.map { totals[$0] })
            try sink.write(",\"totals\":")
            try sink.write(writer.bytes)
        }
        var next = JSONWriter()
        if let text = listing.next { next.string(text) } else { next.null() }
        try sink.write(",\"next\":")
        try sink.write(next.bytes)
        try sink.write("}\n")
        return count
    }

    func printJSONLines(_ listing: Listing, _ selection: [Int]) throws(ShopError) -> Int {
        var count = 0
        try listing.eachRow(selection) { cells throws(ShopError) in
            count += 1
            try sink.write(try object(listing, selection, cells))
            try sink.write("\n")
        }
        return count
    }
}
