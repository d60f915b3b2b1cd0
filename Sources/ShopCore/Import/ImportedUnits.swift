import Catalog
import Orders
import Primitives
import Storage

/// The SKUs that imported orders name, brought together SKU by SKU through a sort, so that every
/// product is looked up once and every stock level changed once.
final class ImportedUnits {
    private let sorter: Sorter
    /// Whether products that the catalog does not have are made.
    private let isCreating: Bool
    /// Of the record being added; kept for their space.
    private var key: [UInt8] = []
    private var value: [UInt8] = []

    init(_ sorter: Sorter, creating: Bool) {
        self.sorter = sorter
        isCreating = creating
    }

    /// One SKU of one order.
    private struct Use {
        var order: OrderNumber
        var line: Int
        /// Units that the order holds.
        var reserved: Int64
        /// As the file writes it.
        var sku: SKU
        /// What a product is made of where there is none.
        var price: Int64
        var name: String
    }

    /// - Parameter lines: where each line item stands in the file.
    func add(_ order: Order, _ lines: [Int]) throws(ShopError) {
        let held = order.unshipped
        for (index, item) in order.lines.enumerated() {
            let isFirst = !order.lines[..<index].contains { $0.sku == item.sku }
            guard isFirst else { continue }
            let reserved = held.first { $0.sku == item.sku }?.count ?? 0
            key.removeAll(keepingCapacity: true)
            key += item.sku.folded.utf8
            // Below every byte of a SKU: the order of these keys is that of the SKUs.
            key.append(0)
            withUnsafeBytes(of: order.number.value.bigEndian) { key += $0 }
            value.removeAll(keepingCapacity: true)
            withUnsafeBytes(of: Int64(lines[index])) { value += $0 }
            withUnsafeBytes(of: reserved) { value += $0 }
            withUnsafeBytes(of: item.unitPrice.minorUnits) { value += $0 }
            value += item.sku.text.utf8
            value.append(0)
            if isCreating { value += item.name.utf8 }
            try sorter.add(key, value)
        }
    }

    private static func use(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) -> Use {
        func number(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int64 {
            bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)
        }
        let text = UnsafeRawBufferPointer(rebasing: value[24...])
        let end = text.firstIndex(of: 0) ?? text.count
        return Use(
            order: OrderNumber(Int64(bigEndian: number(key, key.count - 8))),
            line: Int(number(value, 0)), reserved: number(value, 8),
            sku: SKU(stored: String(decoding: text[..<end], as: UTF8.self)),
            price: number(value, 16),
            name: String(decoding: text[(end + 1)...], as: UTF8.self))
    }

    /// Checks that every SKU is there, and reserves what placed orders hold.
    func store(
        _ view: View, _ sink: ImportSink, _ cause: StockMovement.Cause, _ currency: Currency,
        _ problems: inout RowProblems
    ) throws(ShopError) {
        let shelf = Shelf(view, sink, cause, currency, isCreating: isCreating)
        var found: [(ShopError, Int)] = []
        try sorter.each { (key, value) throws(ShopError) in
            let sku = UnsafeRawBufferPointer(rebasing: key[..<(key.count - 9)])
            let use = Self.use(key, value)
            do throws(ShopError) {
                try shelf.go(to: sku, use)
                try shelf.reserve(use.reserved, use.order)
            } catch {
                guard error.isOfRow else { throw error }
                found.append((error, use.line))
                if found.count > 1_000 {
                    for (error, line) in found { problems.add(error, line: line) }
                    found.removeAll()
                }
            }
        }
        for (error, line) in found { problems.add(error, line: line) }
        try shelf.finish()
    }

    /// The product and stock level of one SKU after the other.
    private final class Shelf {
        private let sink: ImportSink
        private let cause: StockMovement.Cause
        private let currency: Currency
        private let isCreating: Bool
        private let products, stock: RisingLookup
        private var sku: [UInt8] = []
        private var product: Product?
        private var isThere = false
        private var level: StockLevel?

        init(
            _ view: View, _ sink: ImportSink, _ cause: StockMovement.Cause, _ currency: Currency,
            isCreating: Bool
        ) {
            self.sink = sink
            self.cause = cause
            self.currency = currency
            self.isCreating = isCreating
            products = RisingLookup(view, "products")
            stock = RisingLookup(view, "stock")
        }

        /// - Throws: `product-not-found` (3) when there is none and none is to be made.
        func go(to next: UnsafeRawBufferPointer, _ use: Use) throws(ShopError) {
            if sku.isEmpty || !sku.elementsEqual(next) {
                try finish()
                sku = Array(next)
                product = nil
                isThere = try products.has(sku)
                if !isThere, isCreating {
                    product = try create(use)
                    isThere = true
                }
            }
            guard isThere else { throw .noProduct(use.sku) }
        }

        private func create(_ use: Use) throws(ShopError) -> Product {
            var draft = Product.Draft()
            draft.name = use.name
            draft.price = Money(minorUnits: use.price, currency)
            draft.status = .archived
            draft.isTracked = false
            let product = try Product(use.sku, draft, at: cause.at)
            try sink.put(product, .products)
            return product
        }

        /// Promises units to an order, where units are counted.
        func reserve(_ count: Int64, _ order: OrderNumber) throws(ShopError) {
            guard count > 0 else { return }
            if product == nil {
                product = try products.record(sku)
            }
            guard let product, product.isTracked else { return }
            if level == nil { level = try stock.record(sku) }
            var level = level ?? StockLevel(product.sku)
            var cause = cause
            cause.order = order
            let movement = try level.reserve(try Quantity(count), cause)
            self.level = level
            try sink.put(movement, .movements, isNew: true)
        }

        /// Stores the level of the SKU that is done.
        func finish() throws(ShopError) {
            if let level { try sink.put(level, .stock) }
            level = nil
        }
    }
}

extension ShopError {
    /// Whether a row of the file is the cause, and not the shop's data or its disk.
    fileprivate var isOfRow: Bool { kind == .notFound || kind == .refused || kind == .usage }
}
