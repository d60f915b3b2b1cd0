package import Catalog
package import Primitives
import Storage
import Users

/// Where units are kept besides `main`.
extension Shop {
    /// Adds a place; one that is there already is fine.
    package func addLocation(_ name: LocationName) throws(ShopError) -> StockLocation {
        try change(.adjustStock) { (work) throws(ShopError) in
            if let known = try work.transaction.find(StockLocation.self, Records.location(name)) {
                return known
            }
            let location = StockLocation(name, at: work.at)
            work.transaction.ids = [name.text]
            work.transaction.put(location)
            return location
        }
    }

    /// Every place but `main`, by name.
    package func locations() throws(ShopError) -> [StockLocation] {
        try read(.readStock) { (view, _) throws(ShopError) in
            var locations: [StockLocation] = []
            try view.each(StockLocation.self, KeyRange(collection: "locations")) { location in
                locations.append(location)
                return true
            }
            return locations
        }
    }

    /// Moves units from one place to another.
    ///
    /// - Throws: `same-location` (64), `product-not-found`, `location-not-found` (3),
    ///   `stock-untracked`, `stock-below-reserved`, `stock-below-zero` (6).
    package func transferStock(
        _ sku: SKU, _ quantity: Quantity, from: LocationName?, to: LocationName?, note: String?
    ) throws(ShopError) -> StockLevel {
        try change(.adjustStock) { (work) throws(ShopError) in
            for location in [from, to] { try requireLocation(location, in: work.transaction) }
            var (level, product) = try counted(sku, in: work.transaction)
            let before = level
            let movements = try level.transfer(
                quantity, to: to, allowsBackorders: product.allowsBackorders,
                work.cause(at: from, note: note))
            for movement in movements { work.put(level, movement) }
            try noteServed(before, level, at: to, in: work)
            return level
        }
    }

    /// - Throws: `location-not-found` (3).
    func requireLocation(_ location: LocationName?, in view: View) throws(ShopError) {
        guard let location else { return }
        guard try view.record(Records.location(location)) != nil else {
            throw .noLocation(location)
        }
    }
}

// MARK: - Errors

extension ShopError {
    static func noLocation(_ name: LocationName) -> ShopError {
        ShopError(
            .notFound, "location-not-found", "there is no location \(name)", at: name.text,
            try: ["shopctl location list", "shopctl location add \(name)"])
    }
}
