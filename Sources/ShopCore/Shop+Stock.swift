package import Catalog
package import Primitives
import Storage
import Users

extension Shop {
    /// Goods arrive. A product that was not counted is counted from then on.
    package func receiveStock(
        _ sku: SKU, _ quantity: Quantity, at location: LocationName? = nil, note: String?
    ) throws(ShopError) -> StockLevel {
        try change(.receiveStock) { (work) throws(ShopError) in
            try requireLocation(location, in: work.transaction)
            var level = try levelForReceiving(sku, in: work)
            let before = level
            let movement = try level.receive(quantity, work.cause(at: location, note: note))
            work.put(level, movement)
            try noteServed(before, level, at: location, in: work)
            return level
        }
    }

    /// A correction with a reason.
    package func adjustStock(
        _ sku: SKU, by difference: Int64, reason: String, at location: LocationName? = nil,
        note: String?
    ) throws(ShopError) -> StockLevel {
        try change(.adjustStock) { (work) throws(ShopError) in
            try requireLocation(location, in: work.transaction)
            var (level, product) = try counted(sku, in: work.transaction)
            guard difference != 0 else { return level }
            let movement = try level.adjust(
                by: difference, allowsBackorders: product.allowsBackorders,
                work.cause(reason: reason, at: location, note: note))
            work.put(level, movement)
            return level
        }
    }

    // MARK: - Reading

    /// - Parameter place: whose units, of all or one.
    package func stock(_ skus: [SKU], in place: StockPlace = .all) throws(ShopError) -> [StockLevel]
    {
        try read(.readStock) { (view, _) throws(ShopError) in
            try requireLocation(place.location, in: view)
            let overdue = try OverdueUnits(self, view)
            var levels: [StockLevel] = []
            var problems: [ShopError] = []
            for sku in skus {
                do throws(ShopError) {
                    levels.append(place.shown(overdue.freed(try level(sku, in: view))))
                } catch {
                    problems.append(error)
                }
            }
            if let error = ShopError.combining(problems) { throw error }
            return levels
        }
    }

    /// Which units are shown: those of all places together, or of one.
    package enum StockPlace: Sendable {
        case all
        /// nil is `main`.
        case one(LocationName?)

        var location: LocationName? {
            switch self {
            case .all: nil
            case .one(let location): location
            }
        }

        func shown(_ level: StockLevel) -> StockLevel {
            switch self {
            case .all: level
            case .one(let location): level.only(at: location)
            }
        }
    }

    package enum StockFilter: Sendable {
        case all
        /// At or below the product's own threshold.
        case low
        case out
    }

    /// Stock levels in SKU order, with their products.
    package func eachStock(
        _ filter: StockFilter, in place: StockPlace = .all,
        _ visit: (ProductEntry) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try read(.readStock) { (view, _) throws(ShopError) in
            try requireLocation(place.location, in: view)
            let overdue = try OverdueUnits(self, view)
            try view.each(StockLevel.self, KeyRange(collection: "stock")) {
                (level) throws(ShopError) in
                let level = place.shown(overdue.freed(level))
                if filter == .out, level.available > 0 { return true }
                let product = try view.product(level.sku)
                guard product.isTracked else { return true }
                if filter == .low {
                    guard let low = product.lowStock, level.available <= low else { return true }
                }
                return try visit(ProductEntry(product: product, stock: level))
            }
        }
    }

    /// The movements of a SKU, newest first.
    package func stockHistory(
        _ sku: SKU, limit: Int?
    ) throws(ShopError) -> [StockMovement] {
        try read(.readStock) { (view, _) throws(ShopError) in
            _ = try view.product(sku)
            var movements: [StockMovement] = []
            let range = KeyRange(under: Records.movements(sku))
            try view.each(StockMovement.self, range, .descending) { (movement) throws(ShopError) in
                if let limit, movements.count >= limit { return false }
                movements.append(movement)
                return true
            }
            return movements
        }
    }
}

extension Shop.Work {
    /// Stores a level with the movement that made it so.
    func put(_ level: StockLevel, _ movement: StockMovement) {
        if !transaction.ids.contains(level.sku.text) { transaction.ids.append(level.sku.text) }
        record(level, movement)
    }

    /// The same, where the transaction is about something else than the stock.
    func record(_ level: StockLevel, _ movement: StockMovement) {
        transaction.put(level)
        transaction.insert(movement)
    }
}
