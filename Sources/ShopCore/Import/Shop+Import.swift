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
    ///   refuse, each with its line.
    package func importProducts(
        _ rows: ProductRows, onConflict: ImportConflict
    ) throws(ShopError) -> ImportSummary {
        if rows.count <= Self.mostRowsInJournal || request.isDryRun {
            return try change(.importData) { (work) throws(ShopError) in
                let summary = try take(rows, onConflict, in: work)
                work.transaction.ids = rows.rows.map(\.sku.text)
                return summary
            }
        }
        let source = BulkSource(
            name: rows.source, bytes: rows.bytes, crc: rows.crc, records: rows.count)
        return try store.load(try stamp(), from: { _ in source }) {
            (transaction) throws(ShopError) in
            let access = try access(in: transaction)
            try access.require(.importData)
            if let earlier: ImportSummary = try earlierResult(in: transaction) { return earlier }
            let summary = try take(
                rows, onConflict, in: Work(transaction: transaction, access: access))
            remember(summary, in: transaction)
            return summary
        }
    }

    private func take(
        _ rows: ProductRows, _ onConflict: ImportConflict, in work: Work
    ) throws(ShopError) -> ImportSummary {
        var summary = ImportSummary()
        summary.skipped = Int64(rows.skipped.count)
        var problems = RowProblems(file: rows.source)
        // Parents before variants, so that a variant finds its parent whatever the file's order.
        for isVariant in [false, true] {
            for row in rows.rows where (row.draft.parent != nil) == isVariant {
                do throws(ShopError) {
                    try take(row, onConflict, in: work, &summary)
                } catch {
                    problems.add(error, line: row.line)
                }
            }
        }
        do throws(ShopError) {
            try problems.check()
        } catch {
            throw error.ofImport
        }
        return summary
    }

    private func take(
        _ row: ProductRow, _ onConflict: ImportConflict, in work: Work,
        _ summary: inout ImportSummary
    ) throws(ShopError) {
        try requireShopCurrency(row.draft)
        try requireParent(row.draft.parent, of: row.sku, in: work.transaction)
        guard let existing = try work.transaction.find(Product.self, Records.product(row.sku))
        else {
            let product = try Product(row.sku, row.draft, at: work.at)
            work.transaction.put(product)
            if product.isTracked {
                var level = StockLevel(row.sku)
                if let stock = row.stock, stock > 0 {
                    let movement = try level.receive(
                        try Quantity(stock), work.cause(note: "import"))
                    work.transaction.insert(movement)
                }
                work.transaction.put(level)
            }
            summary.created += 1
            return
        }
        try change(existing, to: row, onConflict, in: work, &summary)
    }

    private func change(
        _ existing: Product, to row: ProductRow, _ onConflict: ImportConflict, in work: Work,
        _ summary: inout ImportSummary
    ) throws(ShopError) {
        var product = existing
        let isEdited = try product.edit(row.draft, at: work.at)
        var level = try work.transaction.find(StockLevel.self, Records.stock(row.sku))
        let difference = row.stock.map { $0 - (level?.onHand ?? 0) } ?? 0
        guard isEdited || difference != 0 && product.isTracked else {
            summary.unchanged += 1
            return
        }
        switch onConflict {
        case .fail: throw .rowInConflict(existing)
        case .skip:
            summary.skipped += 1
            return
        case .update: break
        }
        if product.isTracked != existing.isTracked { try changeTracking(of: product, in: work) }
        work.transaction.put(product)
        if product.isTracked, difference != 0 {
            var counted = level ?? StockLevel(row.sku)
            let movement = try counted.adjust(
                by: difference, work.cause(reason: "correction", note: "import"))
            level = counted
            work.record(counted, movement)
        }
        summary.updated += 1
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
    fileprivate var ofImport: ShopError {
        guard code == "product-exists" else { return self }
        return ShopError(
            .conflict, code, message, at: location, why: "nothing was imported",
            try: suggestions, details: details, others: others)
    }
}
