import Formats
import Primitives

extension ReportPrinter {
    /// RFC 4180 with a header. Money takes two columns, the amount under the column's name and
    /// one `currency` for the row, after the first amount.
    func printCSV(_ listing: Listing, _ selection: [Int]) throws(ShopError) -> Int {
        let headings = selection.map { listing.headings[$0] }
        let firstMoney = headings.firstIndex { $0.kind == .money }
        let namesCurrency = headings.contains { $0.name == "currency" }
        let currencyPosition = namesCurrency ? nil : firstMoney
        var writer = CSVWriter()
        if showsHeader {
            var names: [String] = []
            for (index, heading) in headings.enumerated() {
                names.append(heading.name)
                if index == currencyPosition { names.append("currency") }
            }
            writer.record(names)
        }
        var count = 0
        try listing.eachRow(selection) { cells throws(ShopError) in
            count += 1
            let rowCurrency = Self.currency(of: cells)
            var fields: [String] = []
            for (index, cell) in cells.enumerated() {
                fields.append(Self.csvText(cell, in: rowCurrency))
                if index == currencyPosition { fields.append(rowCurrency?.code ?? "") }
            }
            writer.record(fields)
            try sink.write(writer.take())
        }
        try sink.write(writer.take())
        return count
    }

    private static func currency(of cells: [Cell]) -> Currency? {
        for cell in cells {
            if case .money(let money) = cell { return money.currency }
        }
        return nil
    }

    /// An amount of another currency than the row's keeps its own beside it.
    private static func csvText(_ cell: Cell, in currency: Currency?) -> String {
        guard case .money(let money) = cell else { return cell.plainText }
        return money.currency == currency ? money.decimalText : money.description
    }
}
