import Catalog
import Formats
package import Primitives
import Storage

/// One product that an import file states, and where.
package struct ProductRow: Sendable {
    var line: Int
    var sku: SKU
    var draft: Product.Draft
    /// Units on hand; nil where the file does not say.
    var stock: Int64?
}

/// A row of an import file that is no product of ours, and why.
package struct SkippedRow: Sendable, Equatable {
    package let line: Int
    package let id: String
    package let reason: String
}

/// The forms an import file may have.
package enum ImportSource: String, Sendable, CaseIterable {
    case auto, shopctl, woocommerce
}

/// Reads the products of an import file one after the other, in bounded memory.
///
/// Rows that are not what they should be are noted and passed over: all problems of a file are
/// reported together, and then nothing of it is imported.
package final class ProductReader {
    /// The file as errors name it.
    package let name: String
    /// Rows that are no products of ours, and why.
    package private(set) var skipped: [SkippedRow] = []
    // One thread reads: nobody need be asked at each row.
    @exclusivity(unchecked) var problems: RowProblems
    /// Products read so far.
    @exclusivity(unchecked) private(set) var count = 0

    private let input: ImportInput
    private let kind: ImportSource
    private let text: ProductText
    @exclusivity(unchecked) private var form: Form?

    private enum Form {
        case columns(CSVProducts)
        case lines(JSONLineReader)
        /// A file whose rows make sense only together.
        case rows([ProductRow], Int)
    }

    /// - Parameters:
    ///   - name: the file as errors name it.
    ///   - zone: whose days are meant where the file names days.
    ///   - read: fills a buffer and returns the count of bytes; 0 at the end.
    package init(
        _ name: String, as kind: ImportSource, in currency: Currency, zone: TimeZoneName = .utc,
        read: @escaping (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int
    ) {
        self.name = name
        self.kind = kind
        text = ProductText(currency: currency, zone: zone)
        input = ImportInput(name, read)
        problems = RowProblems(file: name)
    }

    /// What was read, for the journal; whole only after the last row.
    var source: BulkSource {
        BulkSource(name: name, bytes: input.bytes, crc: input.crc, records: count)
    }

    /// What tells this file from another.
    func identity() throws(ShopError) -> String { try input.identity() }

    /// The next product; nil at the end of the file.
    ///
    /// - Throws: `malformed-csv` (65), what `read` throws.
    func next() throws(ShopError) -> ProductRow? {
        let row = try nextRow()
        if row != nil { count += 1 }
        return row
    }

    private func nextRow() throws(ShopError) -> ProductRow? {
        if form == nil { form = try begin() }
        switch form {
        case .columns(let products): return try products.next(&problems, input)
        case .lines(let lines):
            while let (value, line) = try lines.next(noting: &problems) {
                if let row = take(value, line) { return row }
            }
            return nil
        case .rows(let rows, let index):
            guard index < rows.count else { return nil }
            form = .rows(rows, index + 1)
            return rows[index]
        case nil: return nil
        }
    }

    private func begin() throws(ShopError) -> Form {
        let first = try input.firstByte()
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            let lines = JSONLineReader(input)
            guard let items = try lines.wholeDocument() else { return .lines(lines) }
            var rows: [ProductRow] = []
            for (index, item) in items.enumerated() {
                if let row = take(item, index + 1) { rows.append(row) }
            }
            return .rows(rows, 0)
        }
        let reader = input.csvReader()
        do throws(CSVError) {
            guard try reader.next() else { return .rows([], 0) }
            let header = CSVHeader(reader.fields)
            let isWoo = header.has("type") && header.has("regular price") && header.has("sku")
            if kind == .woocommerce || kind == .auto && isWoo {
                var woo = WooCommerceProducts(header, text)
                while try reader.next() { woo.take(reader, &skipped, &problems) }
                return .rows(woo.finish(&problems), 0)
            }
            header.check(
                ProductColumns.known, requiring: ["sku"], for: "products", &problems)
            return .columns(CSVProducts(reader, ProductColumns(header, text)))
        } catch {
            throw input.error(error)
        }
    }

    private func take(_ value: JSONValue, _ line: Int) -> ProductRow? {
        guard let value = ExportNoun.products.record(in: value) else { return nil }
        do throws(ShopError) {
            return try ProductJSON.row(value, line, text)
        } catch {
            problems.add(error, line: line)
            return nil
        }
    }

}

/// The rows of a CSV file as products.
private final class CSVProducts {
    private let reader: CSVReader
    private let columns: ProductColumns

    init(_ reader: CSVReader, _ columns: ProductColumns) {
        self.reader = reader
        self.columns = columns
    }

    /// The next product whose row has no problem.
    func next(
        _ problems: inout RowProblems, _ input: ImportInput
    ) throws(ShopError) -> ProductRow? {
        while true {
            do throws(CSVError) {
                guard try reader.next() else { return nil }
            } catch {
                throw input.error(error)
            }
            guard reader.fieldCount == columns.count else {
                problems.add(reader, columns.count)
                continue
            }
            do throws(ShopError) {
                return try columns.row(reader)
            } catch {
                problems.add(error, line: reader.line)
            }
        }
    }
}

/// The problems of a file's rows: all are counted, the first ones shown.
struct RowProblems {
    let file: String
    private var shown: [(line: Int, error: ShopError)] = []
    private var count = 0
    private static let most = 10

    init(file: String) {
        self.file = file
    }

    var isEmpty: Bool { count == 0 }

    mutating func add(_ line: Int, _ message: String, column: Int? = nil) {
        let place = column.map { "\(file):\(line):\($0)" } ?? "\(file):\(line)"
        add(
            ShopError(
                .data, "bad-row", message, at: place, try: ["correct the row and import again"]),
            line)
    }

    /// A row with more or fewer fields than the header.
    mutating func add(_ reader: CSVReader, _ count: Int) {
        add(
            reader.line,
            "line \(reader.line) has \(reader.fieldCount) fields, the header has \(count)")
    }

    mutating func add(_ error: ShopError, line: Int) {
        // A file has columns where a command line has flags.
        let column = error.location.map { $0.hasPrefix("--") ? String($0.dropFirst(2)) : $0 }
        let place = column.map { "\(file):\(line), \($0)" } ?? "\(file):\(line)"
        let isOfRow = !error.isImportConflict
        add(
            ShopError(
                .data, error.code, error.message, at: place, why: error.reason,
                try: error.suggestions.filter { !isOfRow || !$0.hasPrefix("--") },
                details: error.details), line)
    }

    private mutating func add(_ error: ShopError, _ line: Int) {
        count += 1
        if shown.count < Self.most { shown.append((line, error)) }
    }

    /// Takes over the problems that somebody else noted of the same file.
    mutating func add(_ other: RowProblems) {
        count += other.count
        shown += other.shown
        shown.sort { $0.line < $1.line }
        shown.removeLast(max(0, shown.count - Self.most))
    }

    /// - Throws: all problems as one error; nothing is imported then.
    func check() throws(ShopError) {
        // What only the whole file shows, such as a parent that is missing, was found last.
        let sorted = shown.enumerated().sorted {
            ($0.element.line, $0.offset) < ($1.element.line, $1.offset)
        }
        guard var error = ShopError.combining(sorted.map(\.element.error)) else { return }
        if count > Self.most {
            error.others.append(
                ShopError(
                    .data, "more-bad-rows", "and \(count - Self.most) more problems", at: file))
        }
        throw error
    }
}
