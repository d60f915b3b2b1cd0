package import Catalog
import Orders
package import Primitives
import Storage
import Users

extension Shop {
    // MARK: - Changing products

    /// Adds a product, and receives its first units.
    ///
    /// - Throws: `product-exists` (5), `currency-mismatch` (6), what `Product.init` throws.
    package func addProduct(
        _ sku: SKU, _ draft: Product.Draft, stock: Int64?
    ) throws(ShopError) -> ProductEntry {
        try change(.writeProducts) { (work) throws(ShopError) in
            let view = work.transaction
            if let existing = try view.find(Product.self, Records.product(sku)) {
                throw .productExists(existing)
            }
            try requireShopCurrency(draft)
            try requireParent(draft.parent, of: sku, in: view)
            let product = try Product(sku, draft, at: work.at)
            try requireOwnNames(of: product, draft, in: view)
            if let stock, stock > 0, !product.isTracked { throw .untracked(sku) }
            let units = try stock.flatMap { (count) throws(ShopError) in
                count == 0 ? nil : try Quantity(count)
            }

            // After this point the product must be added.
            work.transaction.ids = [sku.text]
            work.transaction.put(product)
            guard product.isTracked else { return ProductEntry(product: product, stock: nil) }
            var level = StockLevel(sku)
            if let units { work.transaction.insert(try level.receive(units, work.cause())) }
            work.transaction.put(level)
            return try entry(product, in: work)
        }
    }

    /// Changes what `draft` states of a product.
    ///
    /// - Throws: `product-not-found` (3), `barcode-taken`, `variant-exists` (5),
    ///   `product-has-stock`, `product-on-order`, `product-on-backorder` (6).
    package func editProduct(
        _ sku: SKU, _ draft: Product.Draft
    ) throws(ShopError) -> ProductEntry {
        try change(.writeProducts) { (work) throws(ShopError) in
            let before = try work.transaction.product(sku)
            try requireShopCurrency(draft)
            try requireParent(draft.parent, of: sku, in: work.transaction)
            let product = try edited(before, draft, in: work)
            guard product != before else { return try entry(before, in: work) }
            try requireOwnNames(of: product, draft, in: work.transaction)

            // After this point the edit must succeed.
            work.put(product, was: before)
            return try entry(product, in: work)
        }
    }

    /// The product as `draft` has it, which its stock and the orders allow.
    func edited(
        _ before: Product, _ draft: Product.Draft, in work: Work
    ) throws(ShopError) -> Product {
        var product = before
        guard try product.edit(draft, at: work.at) else { return before }
        if product.isTracked != before.isTracked { try changeTracking(of: product, in: work) }
        try requireNoBackorders(ifRefusedBy: product, in: work.transaction)
        return product
    }

    package func archiveProducts(
        _ skus: [SKU]
    ) throws(ShopError) -> RecordList<ProductEntry> {
        try changeEach(skus) { (product, at) in product.archive(at: at) }
    }

    package func restoreProducts(
        _ skus: [SKU]
    ) throws(ShopError) -> RecordList<ProductEntry> {
        try changeEach(skus) { (product, at) in product.restore(at: at) }
    }

    private func changeEach(
        _ skus: [SKU], _ event: (inout Product, Timestamp) -> Bool
    ) throws(ShopError) -> RecordList<ProductEntry> {
        try change(.writeProducts) { (work) throws(ShopError) in
            var products: [Product] = []
            var problems: [ShopError] = []
            for sku in skus {
                if let product = try work.transaction.find(Product.self, Records.product(sku)) {
                    products.append(product)
                } else {
                    problems.append(.noProduct(sku))
                }
            }
            if let error = ShopError.combining(problems) { throw error }

            // After this point all of them change.
            for index in products.indices where event(&products[index], work.at) {
                work.transaction.ids.append(products[index].sku.text)
                work.transaction.put(products[index])
            }
            var entries: [ProductEntry] = []
            for product in products { entries.append(try entry(product, in: work)) }
            return RecordList(entries)
        }
    }

    // MARK: - Tracking

    /// Counting begins at zero, and ends at zero; not while an open order holds the product,
    /// whose reservation would be missing or left over.
    func changeTracking(of product: Product, in work: Work) throws(ShopError) {
        let level = try levelOnChange(ofTracking: product, in: work.transaction)
        if let level { work.transaction.put(level) }
    }

    /// The stock level a product begins to be counted with, where it has none yet.
    func levelOnChange(
        ofTracking product: Product, in view: View
    ) throws(ShopError) -> StockLevel? {
        if let order = try openOrder(with: product.sku, in: view) {
            throw .productOnOrder(product.sku, order)
        }
        let level = try view.find(StockLevel.self, Records.stock(product.sku))
        if product.isTracked { return level == nil ? StockLevel(product.sku) : nil }
        if let level, level.onHand != 0 { throw .productHasStock(level) }
        return nil
    }

    /// An order that is placed and not shipped, and holds `sku`.
    private func openOrder(with sku: SKU, in view: View) throws(ShopError) -> OrderNumber? {
        var found: OrderNumber?
        try eachOrder(under: Records.orders(in: .placed), view) { (order) throws(ShopError) in
            if order.unshipped.contains(where: { $0.sku == sku }) { found = order.number }
            return found == nil
        }
        return found
    }

    /// The stock level of a product, which begins to be counted where it is not yet.
    func levelForReceiving(_ sku: SKU, in work: Work) throws(ShopError) -> StockLevel {
        var product = try work.transaction.product(sku)
        guard product.kind == .simple else { throw .parentHasNoStock(product.sku) }
        if !product.isTracked {
            var draft = Product.Draft()
            draft.isTracked = true
            try product.edit(draft, at: work.at)
            try changeTracking(of: product, in: work)
            work.transaction.put(product)
            note("\(product.sku) is counted from now on.")
        }
        return try work.transaction.find(StockLevel.self, Records.stock(sku))
            ?? StockLevel(product.sku)
    }

    func level(_ sku: SKU, in view: View) throws(ShopError) -> StockLevel {
        try counted(sku, in: view).level
    }

    /// The stock level of a product whose units are counted, with the product.
    func counted(
        _ sku: SKU, in view: View
    ) throws(ShopError) -> (level: StockLevel, product: Product) {
        let product = try view.product(sku)
        guard product.isTracked else { throw .untracked(product.sku) }
        let level = try view.find(StockLevel.self, Records.stock(sku)) ?? StockLevel(product.sku)
        return (level, product)
    }

    // MARK: - Checks

    func requireShopCurrency(_ draft: Product.Draft) throws(ShopError) {
        for amount in [draft.price, draft.cost, draft.salePrice] {
            if let amount, amount.currency != currency {
                throw .currencyMismatch(currency, amount.currency)
            }
        }
    }

    func requireParent(_ parent: SKU?, of sku: SKU, in view: View) throws(ShopError) {
        guard let parent, parent != sku else { return }
        guard try view.product(parent).parent == nil else { throw .nestedVariant(sku, parent) }
    }

    // MARK: - Reading

    package func products(_ skus: [SKU]) throws(ShopError) -> [ProductEntry] {
        try read(.readProducts) { (view, _) throws(ShopError) in
            let overdue = try OverdueUnits(self, view)
            var entries: [ProductEntry] = []
            var problems: [ShopError] = []
            for sku in skus {
                if let product = try view.find(Product.self, Records.product(sku)) {
                    entries.append(try entry(product, overdue, view))
                } else {
                    problems.append(.noProduct(sku))
                }
            }
            if let error = ShopError.combining(problems) { throw error }
            return entries
        }
    }

    /// A product as a change leaves it.
    private func entry(_ product: Product, in work: Work) throws(ShopError) -> ProductEntry {
        try entry(product, OverdueUnits(self, work.transaction), work.transaction)
    }

    func entry(
        _ product: Product, _ overdue: OverdueUnits, _ view: View
    ) throws(ShopError) -> ProductEntry {
        let level = try view.find(StockLevel.self, Records.stock(product.sku))
        return ProductEntry(
            product: product, stock: level.map(overdue.freed),
            sellingPrice: product.sale == nil ? nil : product.price(at: moment))
    }

    /// Products in SKU order.
    package func eachProduct(
        _ filter: ProductFilter, _ visit: (ProductEntry) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try read(.readProducts) { (view, _) throws(ShopError) in
            let overdue = try OverdueUnits(self, view)
            try view.each(Product.self, KeyRange(collection: "products")) {
                (product) throws(ShopError) in
                guard filter.accepts(product) else { return true }
                return try visit(try entry(product, overdue, view))
            }
        }
    }
}

extension Shop.Work {
    /// Stores a product, and the price that has ended by it.
    func put(_ product: Product, was before: Product) {
        var product = product
        if let past = product.notePriceChange(since: before, at: at, by: by) {
            transaction.insert(past)
        }
        transaction.ids.append(product.sku.text)
        transaction.put(product)
    }

    /// Why stock moves now.
    func cause(
        reason: String? = nil, at location: LocationName? = nil, note: String? = nil
    ) -> StockMovement.Cause {
        StockMovement.Cause(at: at, by: by, reason: reason, location: location, note: note)
    }

    /// The same, for an order, where its units are.
    func cause(reason: String? = nil, order: Order) -> StockMovement.Cause {
        StockMovement.Cause(
            at: at, by: by, reason: reason, order: order.number, location: order.location)
    }
}

// MARK: - Errors

extension ShopError {
    static func productExists(_ product: Product) -> ShopError {
        ShopError(
            .conflict, "product-exists", "\(product.sku) exists already: \"\(product.name)\"",
            at: product.sku.text,
            try: ["shopctl product edit \(product.sku) …", "shopctl product show \(product.sku)"])
    }

    static func untracked(_ sku: SKU) -> ShopError {
        ShopError(
            .refused, "stock-untracked", "the units of \(sku) are not counted", at: sku.text,
            try: [
                "shopctl stock receive \(sku) --quantity 10",
                "shopctl product edit \(sku) --tracked",
            ])
    }

    static func productOnOrder(_ sku: SKU, _ order: OrderNumber) -> ShopError {
        ShopError(
            .refused, "product-on-order",
            "\(sku) cannot begin or stop being counted while \(order) is open", at: sku.text,
            why: "units of an open order are promised, or not, when it is placed",
            try: ["shopctl order ship \(order)", "shopctl order cancel \(order)"])
    }

    static func productHasStock(_ level: StockLevel) -> ShopError {
        ShopError(
            .refused, "product-has-stock",
            "\(level.sku) cannot stop being counted: \(level.onHand) are on hand",
            at: level.sku.text,
            try: ["shopctl stock adjust \(level.sku) --by -\(level.onHand) --reason correction"])
    }

    static func parentHasNoStock(_ sku: SKU) -> ShopError {
        ShopError(
            .refused, "parent-has-no-stock",
            "\(sku) is a parent: its variants are in stock, not itself",
            at: sku.text, try: ["shopctl product list --search \(sku)"])
    }

    static func nestedVariant(_ sku: SKU, _ parent: SKU) -> ShopError {
        ShopError(
            .refused, "nested-variant",
            "\(sku) cannot be a variant of \(parent), which is one itself",
            at: "--parent")
    }
}
