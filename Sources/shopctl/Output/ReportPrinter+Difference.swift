import Primitives

/// What a dry run would have changed, beside what it answers: in JSON a member `changes`, under a
/// table or paper as a table, and where programs read rows in the place of the result.
extension ReportPrinter {
    /// Whether the rows of the difference are all that is printed.
    func isReplaced(_ body: Report.Body) -> Bool {
        guard fields == nil else { return false }
        switch (body, format) {
        case (.mutation, .plain), (.mutation, .csv), (.mutation, .jsonl): return true
        case (.records, .plain), (.records, .csv), (.records, .jsonl): return true
        default: return false
        }
    }

    func write(_ difference: Listing, below body: Report.Body) throws(ShopError) {
        let isEmpty = try difference.count() == 0
        switch (body, format) {
        case (.mutation, .table), (.mutation, .wide), (.records, .table), (.records, .wide):
            guard fields == nil else { return }
            guard !isEmpty else { return try sink.writeLine("Nothing would be different.") }
            try write(table: difference)
        case (.text, _), (.list, .table), (.list, .wide):
            if !isEmpty { try write(table: difference) }
        case (.nothing, _):
            if !isEmpty { try write(difference) }
        default: return
        }
    }

    private func write(table: Listing) throws(ShopError) {
        _ = try printTable(table, try table.selection(nil, for: .table))
    }
}
