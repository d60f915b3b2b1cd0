import Catalog
import Primitives
import Storage

/// One import of products: takes row after row, and decides in the end whether all of it holds.
struct ProductImport {
    private let shop: Shop
    private let view: View
    private let onConflict: ImportConflict
    private let cause: StockMovement.Cause
    private let sink: ImportSink
    /// In an empty catalog nothing need be looked for.
    private let hasProducts: Bool
    private var seen = SeenNames()
    /// The first variants of each parent that rows name.
    private var variants: [SKU: [(sku: SKU, line: Int)]] = [:]
    private var summary = ImportSummary()
    private static let mostVariantsKept = 10

    init(
        _ shop: Shop, _ onConflict: ImportConflict, _ cause: StockMovement.Cause,
        into sink: ImportSink, _ view: View
    ) throws(ShopError) {
        self.shop = shop
        self.view = view
        self.onConflict = onConflict
        self.cause = cause
        self.sink = sink
        var hasProducts = false
        try view.scan(KeyRange(collection: "products")) { (_) throws(ShopError) in
            hasProducts = true
            return false
        }
        self.hasProducts = hasProducts
    }

    /// Takes the rows read already and those that the reader still has.
    ///
    /// - Throws: all problems of the file and its rows together.
    mutating func take(
        _ first: [ProductRow], _ reader: ProductReader
    ) throws(ShopError) -> ImportSummary {
        var problems = RowProblems(file: reader.name)
        for row in first { take(row, &problems) }
        try ReadAhead { () throws(ShopError) in try reader.next() }.each { take($0, &problems) }
        try checkParents(&problems)
        problems.add(reader.problems)
        do throws(ShopError) {
            try problems.check()
        } catch {
            throw error.ofImport
        }
        summary.skipped += Int64(reader.skipped.count)
        return summary
    }

    private mutating func take(_ row: ProductRow, _ problems: inout RowProblems) {
        if let earlier = seen.insert(row.sku.folded, line: row.line) {
            problems.add(row.line, "SKU \(row.sku) stands in line \(earlier) already")
            return
        }
        do throws(ShopError) {
            let product = try take(row)
            guard let parent = product.parent else { return }
            seen.markVariant(row.sku.folded)
            // Whether the parent is one is known when all rows are.
            if row.draft.parent != nil,
                variants[parent]?.count ?? 0 < Self.mostVariantsKept
            {
                variants[parent, default: []].append((row.sku, row.line))
            }
        } catch {
            problems.add(error, line: row.line)
        }
    }

    private mutating func take(_ row: ProductRow) throws(ShopError) -> Product {
        try shop.requireShopCurrency(row.draft)
        if hasProducts, let existing = try view.find(Product.self, Records.product(row.sku)) {
            return try change(existing, to: row)
        }
        let product = try Product(row.sku, row.draft, at: cause.at)
        try sink.put(product, .products)
        if product.isTracked {
            var level = StockLevel(row.sku)
            if let stock = row.stock, stock > 0 {
                try sink.put(
                    try level.receive(try Quantity(stock), cause), .movements, isNew: true)
            }
            try sink.put(level, .stock)
        }
        summary.created += 1
        return product
    }

    private mutating func change(
        _ existing: Product, to row: ProductRow
    ) throws(ShopError) -> Product {
        var product = existing
        let isEdited = try product.edit(row.draft, at: cause.at)
        var level = try view.find(StockLevel.self, Records.stock(row.sku))
        let difference = row.stock.map { $0 - (level?.onHand ?? 0) } ?? 0
        guard isEdited || difference != 0 && product.isTracked else {
            summary.unchanged += 1
            return product
        }
        switch onConflict {
        case .fail: throw .rowInConflict(existing)
        case .skip:
            summary.skipped += 1
            return existing
        case .update: break
        }
        try shop.requireNoBackorders(ifRefusedBy: product, in: view)
        var begun: StockLevel?
        if product.isTracked != existing.isTracked {
            begun = try shop.levelOnChange(ofTracking: product, in: view)
        }
        if let past = product.notePriceChange(since: existing, at: cause.at, by: cause.by) {
            try sink.put(past, .prices, isNew: true)
        }
        try sink.put(product, .products)
        if product.isTracked, difference != 0 {
            var counted = level ?? StockLevel(row.sku)
            var cause = cause
            cause.reason = "correction"
            let movement = try counted.adjust(
                by: difference, allowsBackorders: product.allowsBackorders, cause)
            try sink.put(movement, .movements, isNew: true)
            level = counted
            begun = counted
        }
        if let begun { try sink.put(begun, .stock) }
        summary.updated += 1
        return product
    }

    // MARK: - Parents

    private func checkParents(_ problems: inout RowProblems) throws(ShopError) {
        for (parent, rows) in variants {
            guard let problem = try problem(with: parent) else { continue }
            for row in rows where row.sku != parent {
                problems.add(problem(row.sku), line: row.line)
            }
        }
    }

    /// Why `parent` can be nobody's, as an error of the variant it is given.
    private func problem(with parent: SKU) throws(ShopError) -> ((SKU) -> ShopError)? {
        let isVariant: Bool
        if let row = seen.row(of: parent.folded) {
            isVariant = row.isVariant
        } else if let product = try view.find(Product.self, Records.product(parent)) {
            isVariant = product.parent != nil
        } else {
            return { _ in .noProduct(parent) }
        }
        return isVariant ? { .nestedVariant($0, parent) } : nil
    }
}
