import Catalog
import Primitives
import Storage

/// Where the records of an import go.
enum ImportSink {
    case transaction(Transaction)
    case lanes(ImportLanes)
    /// A dry run.
    case nowhere
}

/// The lanes of a bulk load that products and their units go into.
struct ImportLanes {
    let products, stock, movements: Lane

    init(_ load: Load) throws(ShopError) {
        products = try load.lane("products")
        stock = try load.lane("stock")
        movements = try load.lane("movements")
    }
}

/// One import of products: takes row after row, and decides in the end whether all of it holds.
struct ProductImport {
    private let shop: Shop
    private let view: View
    private let onConflict: ImportConflict
    private let cause: StockMovement.Cause
    private let sink: ImportSink
    /// In an empty catalog nothing need be looked for.
    private let hasProducts: Bool
    private var seen = SeenSKUs()
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
        for row in first { take(row, &reader.problems) }
        while let row = try reader.next() { take(row, &reader.problems) }
        try checkParents(&reader.problems)
        do throws(ShopError) {
            try reader.problems.check()
        } catch {
            throw error.ofImport
        }
        summary.skipped += Int64(reader.skipped.count)
        return summary
    }

    private mutating func take(_ row: ProductRow, _ problems: inout RowProblems) {
        if let earlier = seen.insert(row.sku, line: row.line) {
            problems.add(row.line, "SKU \(row.sku) stands in line \(earlier) already")
            return
        }
        do throws(ShopError) {
            let product = try take(row)
            guard let parent = product.parent else { return }
            seen.markVariant(row.sku)
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
        try put(product)
        if product.isTracked {
            var level = StockLevel(row.sku)
            if let stock = row.stock, stock > 0 {
                try put(try level.receive(try Quantity(stock), cause))
            }
            try put(level)
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
        var begun: StockLevel?
        if product.isTracked != existing.isTracked {
            begun = try shop.levelOnChange(ofTracking: product, in: view)
        }
        try put(product)
        if product.isTracked, difference != 0 {
            var counted = level ?? StockLevel(row.sku)
            var cause = cause
            cause.reason = "correction"
            try put(try counted.adjust(by: difference, cause))
            level = counted
            begun = counted
        }
        if let begun { try put(begun) }
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
        if let row = seen.row(of: parent) {
            isVariant = row.isVariant
        } else if let product = try view.find(Product.self, Records.product(parent)) {
            isVariant = product.parent != nil
        } else {
            return { _ in .noProduct(parent) }
        }
        return isVariant ? { .nestedVariant($0, parent) } : nil
    }

    // MARK: - Storing

    private func put(_ product: Product) throws(ShopError) {
        switch sink {
        case .transaction(let transaction): transaction.put(product)
        case .lanes(let lanes): try lanes.products.add(product.recordKey, product)
        case .nowhere: break
        }
    }

    private func put(_ level: StockLevel) throws(ShopError) {
        switch sink {
        case .transaction(let transaction): transaction.put(level)
        case .lanes(let lanes): try lanes.stock.add(level.recordKey, level)
        case .nowhere: break
        }
    }

    private func put(_ movement: StockMovement) throws(ShopError) {
        switch sink {
        case .transaction(let transaction): transaction.insert(movement)
        case .lanes(let lanes): try lanes.movements.add(movement.recordKey, movement)
        case .nowhere: break
        }
    }
}

/// The SKUs of a file with their lines, in 16 bytes each: two rows of one SKU are found, and
/// whether a SKU is there as a variant, without keeping the text of a million.
///
/// A SKU is known by 96 bits of its hash, seeded anew in every process; two different SKUs of ten
/// million share them once in 10^15 files.
struct SeenSKUs {
    private struct Slot {
        var hash: UInt64 = 0
        var check: UInt32 = 0
        /// The line, and in the highest bit whether the row is a variant; 0: empty.
        var line: UInt32 = 0
    }

    private var slots = [Slot](repeating: Slot(), count: 1024)
    private var count = 0
    private static let variant: UInt32 = 1 << 31

    /// - Returns: the line where the SKU stands already; nil when it is new.
    mutating func insert(_ sku: SKU, line: Int) -> Int? {
        if count * 3 >= slots.count * 2 { grow() }
        let (hash, check) = Self.hashes(sku)
        let index = place(hash, check)
        guard slots[index].line == 0 else { return Int(slots[index].line & ~Self.variant) }
        slots[index] = Slot(
            hash: hash, check: check, line: UInt32(truncatingIfNeeded: line) & ~Self.variant)
        count += 1
        return nil
    }

    mutating func markVariant(_ sku: SKU) {
        let (hash, check) = Self.hashes(sku)
        slots[place(hash, check)].line |= Self.variant
    }

    func row(of sku: SKU) -> (line: Int, isVariant: Bool)? {
        let (hash, check) = Self.hashes(sku)
        let line = slots[place(hash, check)].line
        guard line != 0 else { return nil }
        return (Int(line & ~Self.variant), line & Self.variant != 0)
    }

    private static func hashes(_ sku: SKU) -> (UInt64, UInt32) {
        var hasher = Hasher()
        sku.hash(into: &hasher)
        var second = hasher
        second.combine(UInt8(1))
        return (
            UInt64(bitPattern: Int64(hasher.finalize())),
            UInt32(truncatingIfNeeded: second.finalize())
        )
    }

    /// Where the SKU is, or the empty slot where it would be.
    private func place(_ hash: UInt64, _ check: UInt32) -> Int {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].line != 0, slots[index].hash != hash || slots[index].check != check {
            index = (index + 1) & mask
        }
        return index
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        for slot in old where slot.line != 0 { slots[place(slot.hash, slot.check)] = slot }
    }
}
