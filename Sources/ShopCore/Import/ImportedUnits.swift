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
    private let key = ByteBuffer(capacity: 128)
    private let value = ByteBuffer(capacity: 256)

    init(_ sorter: Sorter, creating: Bool) {
        self.sorter = sorter
        isCreating = creating
    }

    /// One SKU of one order.
    private struct Use {
        let order: OrderNumber
        let line: Int
        /// Units that the order holds.
        let reserved: Int64
        /// What a product is made of where there is none.
        let price: Int64
        /// As the file writes it, the location and the name for a product, each after a zero.
        private let texts: UnsafeRawBufferPointer

        init(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
            func number(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int64 {
                bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)
            }
            order = OrderNumber(Int64(bigEndian: number(key, key.count - 8)))
            line = Int(number(value, 0))
            reserved = number(value, 8)
            price = number(value, 16)
            texts = UnsafeRawBufferPointer(rebasing: value[24...])
        }

        var sku: SKU {
            SKU(stored: String(decoding: texts.prefix { $0 != 0 }, as: UTF8.self))
        }

        /// Where its units are; empty is `main`.
        var location: LocationName? {
            let text = texts.drop { $0 != 0 }.dropFirst().prefix { $0 != 0 }
            return text.isEmpty
                ? nil : LocationName(stored: String(decoding: text, as: UTF8.self))
        }

        var name: String {
            let rest = texts.drop { $0 != 0 }.dropFirst().drop { $0 != 0 }.dropFirst()
            return String(decoding: rest, as: UTF8.self)
        }
    }

    /// - Parameter lines: where each line item stands in the file.
    func add(_ order: Order, _ lines: [Int]) throws(ShopError) {
        let held = order.unshipped
        for index in order.lines.indices where isFirst(index, in: order) {
            let sku = order.lines[index].sku
            key.removeAll()
            key.append(sku.folded)
            // Below every byte of a SKU: the order of these keys is that of the SKUs.
            key.append(0 as UInt8)
            key.append(order.number.value.bigEndian)
            value.removeAll()
            value.append(Int64(lines[index]))
            value.append(held.isEmpty ? 0 : held.first { $0.sku == sku }?.count ?? 0)
            value.append(order.lines[index].unitPrice.minorUnits)
            value.append(sku.text)
            value.append(0 as UInt8)
            if let location = order.location { value.append(location.text) }
            value.append(0 as UInt8)
            if isCreating { value.append(order.lines[index].name) }
            try sorter.add(key.all, value.all)
        }
    }

    /// Whether no line before has the same SKU.
    private func isFirst(_ index: Int, in order: Order) -> Bool {
        for earlier in 0..<index where order.lines[earlier].sku == order.lines[index].sku {
            return false
        }
        return true
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
            let use = Use(key, value)
            do throws(ShopError) {
                try shelf.go(to: sku, use)
                try shelf.reserve(use)
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
        private let sku = ByteBuffer(capacity: 128)
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
            if sku.all.isEmpty || !sku.holds(next) {
                try finish()
                sku.replaceAll(with: next)
                product = nil
                isThere = try products.find(next) != nil
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
        func reserve(_ use: Use) throws(ShopError) {
            guard use.reserved > 0 else { return }
            if product == nil {
                product = try products.record(sku.all)
            }
            guard let product, product.isTracked else { return }
            if level == nil { level = try stock.record(sku.all) }
            var level = level ?? StockLevel(product.sku)
            var cause = cause
            cause.order = use.order
            cause.location = use.location
            let movement = try level.reserve(
                try Quantity(use.reserved), allowsBackorders: product.allowsBackorders, cause)
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
