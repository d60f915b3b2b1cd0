import Catalog
import Orders
import Primitives
import Storage

/// What orders past the shop's time limit still hold: theirs no longer, once somebody wants it.
///
/// A command that only reads cannot end them, so it shows stock as it will be when the next order
/// has: their units available. What is stored stays as it is, for exports and for `doctor`.
struct OverdueUnits {
    private var held: [SKU: [LocationName?: Int64]] = [:]

    /// Nothing, at no cost, in a shop without a limit.
    init(_ shop: Shop, _ view: View) throws(ShopError) {
        guard let seconds = shop.settings.reservationSeconds else { return }
        let limit = shop.moment.adding(seconds: -seconds)
        for order in try shop.placedOrders(in: view, where: { $0.isOverdue(since: limit) }) {
            for (sku, count) in order.unshipped {
                held[sku, default: [:]][order.location, default: 0] += count
            }
        }
    }

    /// The level as it will be.
    func freed(_ level: StockLevel) -> StockLevel {
        guard !held.isEmpty, let places = held[level.sku] else { return level }
        return places.reduce(level) { $0.freeing($1.value, at: $1.key) }
    }
}

extension Order {
    /// Whether it was placed before a moment, and may expire.
    func isOverdue(since limit: Timestamp) -> Bool {
        mayExpire && placedAt.map { $0 <= limit } ?? false
    }
}
