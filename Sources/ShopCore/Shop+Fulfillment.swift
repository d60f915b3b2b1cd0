import Catalog
package import Orders
package import Primitives
import Storage
import Users

extension Shop {
    /// Ships units of an order.
    ///
    /// - Parameter units: which; none means everything that has not left yet.
    /// - Throws: `order-not-found` (3), `order-not-shippable` (5), `not-on-order`, `over-ship`,
    ///   `on-backorder` (6).
    package func shipOrder(
        _ number: OrderNumber, _ units: [UnitCount] = [], carrier: String?, tracking: String?
    ) throws(ShopError) -> Order {
        try change(.shipOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            let shipment = try order.ship(
                units, carrier: carrier, tracking: tracking, by: work.by, at: work.at)
            var late: [ShopError] = []
            for line in shipment.lines {
                let (sku, units) = (line.sku, try Quantity(line.count))
                do throws(ShopError) {
                    try moveStock(sku, in: work) { (level) throws(ShopError) in
                        try level.consume(units, work.cause(order: before))
                    }
                } catch  where error.code == "on-backorder" {
                    late.append(error)
                }
            }
            if let error = ShopError.combining(late) { throw error }
            work.save(order, was: before)
            return order
        }
    }

    /// Notes that the customer has what was shipped.
    ///
    /// - Parameter shipment: its number within the order; nil means all that are on their way.
    /// - Throws: `order-not-found`, `shipment-not-found` (3), `order-not-deliverable` (5).
    package func deliverOrder(
        _ number: OrderNumber, shipment: Int?
    ) throws(ShopError) -> Order {
        try change(.shipOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            try order.deliver(shipment, by: work.by, at: work.at)
            work.save(order, was: before)
            return order
        }
    }
}
