package import Catalog
import Orders
package import Primitives
import Storage
import Users

/// Units of an order that were promised before they have arrived.
package struct Backorder: Sendable, Equatable {
    package let order: OrderNumber
    package let customer: EmailAddress
    package let sku: SKU
    /// Where they are to arrive; nil is `main`.
    package let location: LocationName?
    /// How many of its units still have to arrive.
    package let waiting: Int64
    package let since: Timestamp
}

extension Shop {
    /// The orders that wait for units, SKU by SKU, those placed first at the top: what is on hand
    /// counts for them in this order, although nobody is kept from shipping out of turn.
    package func backorders() throws(ShopError) -> [Backorder] {
        try read(.readOrders) { (view, _) throws(ShopError) in
            var onHand: [Place: Int64] = [:]
            try view.each(StockLevel.self, KeyRange(collection: "stock")) { level in
                for here in level.allFigures where here.backordered > 0 {
                    onHand[Place(sku: here.sku, location: here.location)] = here.onHand
                }
                return true
            }
            guard !onHand.isEmpty else { return [] }
            return try waiting(onHand, view).sorted {
                ($0.sku.folded, $0.since, $0.order) < ($1.sku.folded, $1.since, $1.order)
            }
        }
    }

    private struct Place: Hashable {
        let sku: SKU
        let location: LocationName?
    }

    /// What placed orders still wait for when so many units of each SKU are on hand.
    private func waiting(
        _ onHand: [Place: Int64], _ view: View
    ) throws(ShopError) -> [Backorder] {
        var left = onHand
        var found: [Backorder] = []
        let open = try placedOrders(in: view) { order in
            order.unshipped.contains {
                onHand[Place(sku: $0.sku, location: order.location)] != nil
            }
        }
        for order in open.sorted(by: Self.isEarlier) {
            for (sku, count) in order.unshipped {
                let place = Place(sku: sku, location: order.location)
                guard let there = left[place] else { continue }
                let served = min(there, count)
                left[place] = there - served
                guard count > served else { continue }
                found.append(
                    Backorder(
                        order: order.number, customer: order.customer, sku: sku,
                        location: order.location, waiting: count - served,
                        since: order.placedAt ?? order.createdAt))
            }
        }
        return found
    }

    private static func isEarlier(_ one: Order, _ other: Order) -> Bool {
        (one.placedAt ?? one.createdAt, one.number)
            < (other.placedAt ?? other.createdAt, other.number)
    }

    // MARK: - What the person should know

    /// Names the orders whose turn it is when units arrive that were promised before.
    func noteServed(
        _ before: StockLevel, _ after: StockLevel, at location: LocationName?, in work: Work
    ) throws(ShopError) {
        guard before.figures(at: location).backordered > 0 else { return }
        let place = Place(sku: after.sku, location: location)
        func units(_ level: StockLevel) throws(ShopError) -> [OrderNumber: Int64] {
            try waiting([place: level.figures(at: location).onHand], work.transaction)
                .reduce(into: [:]) { $0[$1.order] = $1.waiting }
        }
        let still = try units(after)
        let served = try units(before).map { ($0, $1 - (still[$0] ?? 0)) }.filter { $1 > 0 }
            .sorted { $0.0 < $1.0 }
        let names = served.prefix(5).map { "\($0.1) for \($0.0)" }.joined(separator: ", ")
        let more = served.count > 5 ? ", and \(served.count - 5) more orders" : ""
        note("Orders wait for \(after.sku): \(names)\(more).")
    }

    func noteBackorder(_ level: StockFigures, _ movement: StockMovement) {
        guard level.backordered > 0 else { return }
        let count = min(level.backordered, movement.reserved)
        note("\(count) of \(level.name) are on backorder: they can leave when they have arrived.")
    }

    // MARK: - Checks

    /// - Throws: `product-on-backorder` (6) where a product no longer allows what orders wait for.
    func requireNoBackorders(
        ifRefusedBy product: Product, in view: View
    ) throws(ShopError) {
        guard !product.allowsBackorders, product.isTracked,
            let level = try view.find(StockLevel.self, Records.stock(product.sku)),
            level.backordered > 0
        else { return }
        throw .productOnBackorder(level)
    }
}

// MARK: - Errors

extension ShopError {
    static func productOnBackorder(_ level: StockLevel) -> ShopError {
        ShopError(
            .refused, "product-on-backorder",
            "\(level.sku) must go on taking backorders: orders wait for \(level.backordered) of it",
            at: level.sku.text,
            try: [
                "shopctl stock receive \(level.sku) --quantity \(level.backordered)",
                "shopctl stock backorders",
            ])
    }
}
