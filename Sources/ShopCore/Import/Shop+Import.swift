import Catalog
package import Formats
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

extension Shop {
    /// Up to so many rows an import is an ordinary transaction, with every change in its
    /// journal line; larger ones go straight into segments.
    private static let mostRowsInJournal = 200

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
        while first.count <= Self.mostRowsInJournal, let row = try reader.next() {
            first.append(row)
        }
        if first.count <= Self.mostRowsInJournal || request.isDryRun {
            return try change(.importData) { (work) throws(ShopError) in
                work.transaction.ids = first.map(\.sku.text)
                let sink: ImportSink =
                    request.isDryRun ? .nowhere : .transaction(work.transaction)
                var products = try ProductImport(
                    self, onConflict, work.cause(note: "import"), into: sink, work.transaction)
                return try products.take(first, reader)
            }
        }
        return try store.load(try signedStamp(), from: { _ in reader.source }) {
            (load) throws(ShopError) in
            let access = try access(in: load)
            try access.require(.importData)
            let earlier: ImportSummary? = try earlierResult(in: load, at: load.time)
            if let earlier { return earlier }
            let cause = StockMovement.Cause(at: load.time, by: access.name, note: "import")
            var products = try ProductImport(
                self, onConflict, cause, into: .lanes(ImportLanes(load)), load)
            let summary = try products.take(first, reader)
            try remember(summary, in: load)
            return summary
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

    /// Problems found against the shop's data keep the exit code of what they are: a row that
    /// exists already is a conflict, not a malformed file.
    var ofImport: ShopError {
        guard code == "product-exists" else { return self }
        return ShopError(
            .conflict, code, message, at: location, why: "nothing was imported",
            try: suggestions, details: details, others: others)
    }
}
