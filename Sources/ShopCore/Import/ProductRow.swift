import Catalog
package import Primitives

/// One product that an import file states, and where.
package struct ProductRow: Sendable {
    var line: Int
    var sku: SKU
    var draft: Product.Draft
    /// Units on hand; nil where the file does not say.
    var stock: Int64?
}

/// What an import file holds.
package struct ProductRows: Sendable {
    package internal(set) var source: String
    package internal(set) var bytes = 0
    var crc: UInt32 = 0
    var rows: [ProductRow] = []
    /// Rows that are no products of ours, and why.
    package internal(set) var skipped: [Skipped] = []

    package var count: Int { rows.count }

    package struct Skipped: Sendable, Equatable {
        package let line: Int
        package let id: String
        package let reason: String
    }
}

/// The forms an import file may have.
package enum ImportSource: String, Sendable, CaseIterable {
    case auto, shopctl, woocommerce
}

extension ProductRows {
    /// Reads a whole file, or names every problem in it.
    ///
    /// - Parameters:
    ///   - name: the file as errors name it.
    ///   - read: fills a buffer and returns the count of bytes; 0 at the end.
    /// - Throws: `malformed-csv`, `malformed-json`, `bad-row` (65), what `read` throws.
    package static func read(
        _ name: String, as source: ImportSource, in currency: Currency,
        read: @escaping (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int
    ) throws(ShopError) -> ProductRows {
        let input = ImportInput(name, read)
        var rows = ProductRows(source: name)
        var problems = RowProblems(file: name)
        let first = try input.firstByte()
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            try ProductJSON.read(input, currency, into: &rows, &problems)
        } else {
            try ProductCSV.read(input, as: source, currency, into: &rows, &problems)
        }
        var lines: [SKU: Int] = [:]
        for row in rows.rows {
            if let first = lines.updateValue(row.line, forKey: row.sku) {
                problems.add(row.line, "SKU \(row.sku) stands in line \(first) already")
            }
        }
        try problems.check()
        rows.bytes = input.bytes
        rows.crc = input.crc
        return rows
    }
}

/// The problems of a file's rows: all are counted, the first ones shown.
struct RowProblems {
    let file: String
    private var shown: [ShopError] = []
    private var count = 0
    private static let most = 10

    init(file: String) {
        self.file = file
    }

    mutating func add(_ line: Int, _ message: String, column: Int? = nil) {
        let place = column.map { "\(file):\(line):\($0)" } ?? "\(file):\(line)"
        add(
            ShopError(
                .data, "bad-row", message, at: place, try: ["correct the row and import again"]))
    }

    mutating func add(_ error: ShopError, line: Int) {
        // A file has columns where a command line has flags.
        let column = error.location.map { $0.hasPrefix("--") ? String($0.dropFirst(2)) : $0 }
        let place = column.map { "\(file):\(line), \($0)" } ?? "\(file):\(line)"
        let isOfRow = error.code != "product-exists"
        add(
            ShopError(
                .data, error.code, error.message, at: place, why: error.reason,
                try: error.suggestions.filter { !isOfRow || !$0.hasPrefix("--") },
                details: error.details))
    }

    private mutating func add(_ error: ShopError) {
        count += 1
        if shown.count < Self.most { shown.append(error) }
    }

    /// - Throws: all problems as one error; nothing is imported then.
    func check() throws(ShopError) {
        guard var error = ShopError.combining(shown) else { return }
        if count > Self.most {
            error.others.append(
                ShopError(
                    .data, "more-bad-rows", "and \(count - Self.most) more problems", at: file))
        }
        throw error
    }
}
