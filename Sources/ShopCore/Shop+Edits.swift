import Catalog
package import Orders
package import Primitives
import Storage
import Users

/// What is changed of an order that exists.
extension Shop {
    /// What an order is to be changed to; what is nil or not named stays.
    package struct OrderEdit: Sendable {
        /// How many of a SKU the order is to have in all. Units more cost the price given, or the
        /// product's of today.
        package var items: [ItemRequest] = []
        /// SKUs that the order is to have none of.
        package var removed: [SKU] = []
        package var shipping: Money?
        /// Of a draft only.
        package var customer: EmailAddress?
        package var reference: String?
        /// An empty text takes an address away.
        package var billTo: String?
        package var shipTo: String?
        package var reason: String?

        package init() {}

        var changesLines: Bool { !items.isEmpty || !removed.isEmpty || shipping != nil }

        var wanted: [UnitCount] {
            items.map { UnitCount(sku: $0.sku, count: $0.quantity.count) }
                + removed.map { UnitCount(sku: $0, count: 0) }
        }
    }

    /// Edits an order, and moves what it has reserved.
    ///
    /// - Parameter refunding: give back first what is captured beyond the new total; without it,
    ///   that refuses.
    /// - Throws: `order-not-found`, `product-not-found` (3), `order-not-editable`,
    ///   `order-has-payment` (5), `below-shipped`, `nothing-left-of-order`,
    ///   `insufficient-stock` (6).
    package func editOrder(
        _ number: OrderNumber, _ edit: OrderEdit, refunding: Bool
    ) throws(ShopError) -> Order {
        try change(.editOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            try order.rename(customer: edit.customer, reference: edit.reference)
            try order.address(billTo: edit.billTo, shipTo: edit.shipTo)
            if edit.changesLines {
                try editLines(of: &order, edit, refunding: refunding, in: work)
            }
            try countReductions(from: before, to: order, in: work)
            work.save(order, was: before)
            return order
        }
    }

    /// Writes something down about an order in any state, and changes its tags.
    ///
    /// - Throws: `order-not-found` (3), `invalid-note`, `invalid-tag` (64).
    package func annotateOrder(
        _ number: OrderNumber, note: String? = nil, adding tags: [String] = [],
        removing less: [String] = []
    ) throws(ShopError) -> Order {
        try change(.editOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            if let note { order.note(try OrderNote(note, by: work.by, at: work.at)) }
            try order.retag(adding: tags, removing: less)
            work.save(order, was: before)
            return order
        }
    }

    private func editLines(
        of order: inout Order, _ edit: OrderEdit, refunding: Bool, in work: Work
    ) throws(ShopError) {
        let (more, less) = try difference(order, edit)
        guard !more.isEmpty || !less.isEmpty || edit.shipping ?? order.shipping != order.shipping
        else { return }
        // Its state first: what there is for sale matters only to an order that may change.
        let lines = order.isEditable ? try linesToAdd(more, to: &order, in: work) : []
        let back = try order.refundDue(adding: lines, removing: less, shipping: edit.shipping)
        if refunding, !back.isZero {
            try work.access.require(.refundPayments)
            try refund(
                back, of: &order, reason: edit.reason ?? "order edited", restocked: [], in: work)
        }
        let change = try order.edit(
            adding: lines, removing: less, shipping: edit.shipping, reason: edit.reason,
            by: work.by, at: work.at)
        guard order.placedAt != nil else { return }
        let moved = order
        for line in change.lines where line.count < 0 {
            let units = try Quantity(-line.count)
            try moveStock(line.sku, in: work) { (level) throws(ShopError) in
                try level.release(units, work.cause(reason: edit.reason, order: moved))
            }
        }
        try reserve(
            change.lines.filter { $0.count > 0 }.map { ($0.sku, $0.count) }, for: order, in: work)
    }

    /// What the edit puts on the order and takes off it. A draft's units of which the price is
    /// given are all priced anew.
    private func difference(
        _ order: Order, _ edit: OrderEdit
    ) throws(ShopError) -> (more: [ItemRequest], less: [UnitCount]) {
        var (more, less) = try order.difference(to: edit.wanted)
        for item in edit.items where item.price != nil && order.status == .draft {
            more.removeAll { $0.sku == item.sku }
            less.removeAll { $0.sku == item.sku }
            more += edit.wanted.filter { $0.sku == item.sku }
            less += order.quantities.filter { $0.sku == item.sku }
                .map { UnitCount(sku: $0.sku, count: $0.count) }
        }
        var items: [ItemRequest] = []
        for unit in more {
            let price = edit.items.last { $0.sku == unit.sku }?.price
            items.append(
                ItemRequest(sku: unit.sku, quantity: try Quantity(unit.count), price: price))
        }
        return (items, less)
    }

    /// Takes units back and reserves others in their place, in one step.
    ///
    /// No money moves: the difference is `due`, or `overpaid` until it is refunded.
    ///
    /// - Throws: `order-not-found`, `product-not-found` (3), `order-not-returnable` (5),
    ///   `not-on-order`, `over-return`, `insufficient-stock` (6).
    package func exchangeUnits(
        of number: OrderNumber, _ units: [UnitCount], _ outcome: OrderReturn.Outcome,
        for items: [ItemRequest], reason: String?
    ) throws(ShopError) -> Order {
        try change(.editOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            let lines = try linesToAdd(items, to: &order, in: work)
            let (back, change) = try order.exchange(
                units, outcome, for: lines, reason: reason,
                earlier: earlierRestocks(of: order, in: work), by: work.by, at: work.at)
            try shelve(back, of: before, in: work)
            try reserve(change.lines.map { ($0.sku, $0.count) }, for: order, in: work)
            try countReductions(from: before, to: order, in: work)
            work.save(order, was: before)
            return order
        }
    }
}
