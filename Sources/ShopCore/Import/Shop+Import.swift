import Catalog
package import Formats
import Orders
package import Primitives
import Storage
import Users

/// What an import did.
package struct ImportSummary: JSONRecord, Sendable, Equatable {
    package internal(set) var created: Int64 = 0
    package internal(set) var updated: Int64 = 0
    package internal(set) var unchanged: Int64 = 0
    package internal(set) var skipped: Int64 = 0

    init() {}

    package init(from reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "created": created = try reader.int64()
            case "updated": updated = try reader.int64()
            case "unchanged": unchanged = try reader.int64()
            case "skipped": skipped = try reader.int64()
            default: try reader.skip()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("created", created)
        writer.member("updated", updated)
        writer.member("unchanged", unchanged)
        writer.member("skipped", skipped)
        writer.endObject()
    }
}

/// What happens to a row whose SKU the shop has already, with other content.
package enum ImportConflict: String, Sendable, CaseIterable {
    case fail, skip, update
}

/// What to do with orders that the shop cannot simply take.
package struct OrderImportOptions: Sendable {
    /// For one whose reference the shop has, with other content: `fail` or `skip`.
    package var onConflict = ImportConflict.fail
    /// For a SKU that the catalog does not have.
    package var onMissing = MissingProduct.fail
    /// Why orders may be dated into days that are sealed; nil: they may not.
    package var correction: String?

    package enum MissingProduct: String, Sendable, CaseIterable {
        case fail, create
    }

    package init() {}
}

extension Shop {
    /// Adds and changes the products of a file: all of them or none.
    ///
    /// A row that says what the shop has already changes nothing, so that importing twice, or
    /// what `product list` printed, is safe.
    ///
    /// - Throws: `product-exists` (5) for every row in conflict, and what the rules of products
    ///   refuse, each with its line; `overtaken` (75).
    package func importProducts(
        _ reader: ProductReader, onConflict: ImportConflict
    ) throws(ShopError) -> ImportSummary {
        var first: [ProductRow] = []
        let mostRowsInJournal = store.thresholds.rowsInJournal
        while first.count <= mostRowsInJournal, let row = try reader.next() {
            first.append(row)
        }
        let isShort = first.count <= mostRowsInJournal
        if isShort || request.isDryRun {
            return try change(.importData, saying: reader.identity) { (work) throws(ShopError) in
                work.transaction.ids = first.map(\.sku.text)
                let sink = self.sink(of: work, isShort)
                var products = try ProductImport(
                    self, onConflict, work.cause(note: "import"), into: sink, work.transaction)
                return try products.take(first, reader)
            }
        }
        return try bulkImport(of: { reader.source }, saying: reader.identity) {
            (load, cause) throws(ShopError) in
            var products = try ProductImport(
                self, onConflict, cause, into: .lanes(ImportLanes(load)), load)
            return try products.take(first, reader)
        }
    }

    /// Where the rows of an import go that is no bulk load, or tried as a dry run: of a long one
    /// nobody is shown each record.
    private func sink(of work: Work, _ isShort: Bool) -> ImportSink {
        if !isShort { note("Of so many rows no difference is shown, only what they come to.") }
        return isShort ? .transaction(work.transaction) : .nowhere
    }

    /// Runs an import as one bulk load: who asks and may they, was it answered before, the rows.
    private func bulkImport(
        of source: () -> BulkSource, saying content: Content, excludingOthers: Bool = false,
        _ body: (Load, StockMovement.Cause) throws(ShopError) -> ImportSummary
    ) throws(ShopError) -> ImportSummary {
        try store.load(
            try signedStamp(), from: { _ in source() }, excludingOthers: excludingOthers
        ) { (load) throws(ShopError) in
            let access = try access(in: load)
            try access.require(.importData)
            let earlier: ImportSummary? = try earlierResult(
                in: load, at: load.time, saying: content)
            if let earlier { return earlier }
            let cause = StockMovement.Cause(at: load.time, by: access.name, note: "import")
            let summary = try body(load, cause)
            try remember(summary, saying: content, in: load)
            return summary
        }
    }
}

extension Shop {
    /// Takes in a history of orders: all of a file or none.
    ///
    /// - Throws: `order-exists` (5) for every order in conflict, `product-not-found`,
    ///   `insufficient-stock` and what else an order cannot be, each with its line (65).
    package func importOrders(
        _ reader: OrderReader, _ options: OrderImportOptions
    ) throws(ShopError) -> ImportSummary {
        var first: [OrderRow] = []
        var lines = 0
        let mostRows = store.thresholds.rowsInJournal
        while first.count <= mostRows, lines <= mostRows * 5,
            let row = try reader.next()
        {
            first.append(row)
            lines += row.history.lines.count
        }
        let isShort = first.count <= mostRows && lines <= mostRows * 5
        if isShort || request.isDryRun {
            return try change(.importData, saying: reader.identity) { (work) throws(ShopError) in
                let sink = self.sink(of: work, isShort)
                var orders = try OrderImport(
                    self, options, work.cause(note: "import"), into: sink, work.transaction)
                return try orders.take(first, reader)
            }
        }
        // Orders take the numbers that every other command counts on.
        return try bulkImport(
            of: { reader.source }, saying: reader.identity, excludingOthers: true
        ) { (load, cause) throws(ShopError) in
            var orders = try OrderImport(
                self, options, cause, into: .lanes(ImportLanes(load)), load)
            return try orders.take(first, reader)
        }
    }
}

extension ShopError {
    static func rowInConflict(_ product: Product) -> ShopError {
        ShopError(
            .conflict, "product-exists",
            "\(product.sku) exists already with other content: \"\(product.name)\"",
            try: ["--on-conflict update", "--on-conflict skip"])
    }

    /// Whether a row is right and what the shop has already is in its way.
    var isImportConflict: Bool {
        [
            "product-exists", "order-exists", "user-exists", "balance-exists",
        ].contains(code)
    }

    /// Problems found against the shop's data keep the exit code of what they are: a row that
    /// exists already is a conflict, not a malformed file.
    var ofImport: ShopError {
        guard isImportConflict else { return self }
        return ShopError(
            .conflict, code, message, at: location, why: "nothing was imported",
            try: suggestions, details: details, others: others)
    }
}
