import Formats
package import Orders
package import Primitives

/// Reads a table of taxes in the columns of WooCommerce's export or of `tax list`, in any order
/// and case.
///
/// `Country Code, State Code, ZIP/Postcode, City, Rate %, Tax Name, Priority, Compound, Shipping,
/// Tax Class`. A star or an empty cell holds anywhere; postcodes and cities are separated by
/// semicolons or commas; an empty class is `standard`.
package final class TaxRateReader {
    /// The file as errors name it.
    package let name: String
    private let input: ImportInput

    /// Each in WooCommerce's word and in that of `tax list`.
    private static let columns: [(woo: String, own: String)] = [
        ("Country Code", "country"), ("State Code", "state"), ("ZIP/Postcode", "postcodes"),
        ("City", "cities"), ("Rate %", "rate"), ("Tax Name", "name"), ("Priority", "priority"),
        ("Compound", "compound"), ("Shipping", "shipping"), ("Tax Class", "taxClass"),
    ]

    /// - Parameter read: fills a buffer and returns the count of bytes; 0 at the end.
    package init(
        _ name: String, read: @escaping (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int
    ) {
        self.name = name
        input = ImportInput(name, read)
    }

    /// What tells this file from another.
    func identity() throws(ShopError) -> String { try input.identity() }

    /// All rates of the file.
    ///
    /// - Throws: the problems of all rows together (65).
    func drafts() throws(ShopError) -> [TaxRate.Draft] {
        var problems = RowProblems(file: name)
        var drafts: [TaxRate.Draft] = []
        let reader = input.csvReader()
        do throws(CSVError) {
            guard try reader.next() else { return [] }
            let header = CSVHeader(reader.fields)
            let known = Self.columns.flatMap { [$0.woo, $0.own] } + ["number"]
            header.check(
                known, requiring: header.has("rate") ? [] : ["Rate %"], for: "taxes", &problems)
            // Every row would only say again what the header lacks.
            while problems.isEmpty || header.position("rate %", "rate") != nil, try reader.next() {
                guard reader.fieldCount == header.count else {
                    problems.add(reader, header.count)
                    continue
                }
                do throws(ShopError) {
                    drafts.append(try Self.draft(reader, header))
                } catch {
                    problems.add(error, line: reader.line)
                }
            }
        } catch {
            throw input.error(error)
        }
        try problems.check()
        return drafts
    }

    private static func draft(
        _ reader: CSVReader, _ header: CSVHeader
    ) throws(ShopError) -> TaxRate.Draft {
        func cell(_ name: String) -> String? {
            let own = columns.first { $0.woo == name }?.own ?? name
            let column = header.position(name.lowercased(), own.lowercased())
            let text = column.flatMap(reader.text)
            let trimmed = text.map(ProductText.trimmed)
            return trimmed == "" ? nil : trimmed
        }
        func isSet(_ name: String) throws(ShopError) -> Bool? {
            switch cell(name) {
            case nil: nil
            case "1", "true": true
            case "0", "false": false
            case .some(let text): throw .badCell(name, text, "0 or 1")
            }
        }
        guard let rate = cell("Rate %") else { throw .cellMissing("Rate %") }
        var draft = TaxRate.Draft(rate: try Percent(parsing: rate))
        draft.country = cell("Country Code") ?? ""
        draft.state = cell("State Code") ?? ""
        draft.postcodes = items(cell("ZIP/Postcode"))
        draft.cities = items(cell("City"))
        draft.name = cell("Tax Name") ?? draft.name
        if let text = cell("Priority") {
            guard let priority = Int64(text) else {
                throw .badCell("Priority", text, "a whole number from 1 up")
            }
            draft.priority = priority
        }
        draft.isCompound = try isSet("Compound") ?? false
        draft.isOnShipping = try isSet("Shipping") ?? false
        if let name = cell("Tax Class") { draft.taxClass = try TaxClass(parsing: name) }
        let _ = try TaxRate(1, draft)
        return draft
    }

    private static func items(_ text: String?) -> [String] {
        (text ?? "").split { $0 == ";" || $0 == "," }.map { ProductText.trimmed(String($0)) }
    }
}
