import Catalog
package import Orders
package import Primitives
import Storage
import Users

extension Shop {
    /// One `--item SKU=QTY[@PRICE]`.
    package struct ItemRequest: Sendable, Equatable {
        package var sku: SKU
        package var quantity: Quantity
        /// The operator's own price; nil takes the product's.
        package var price: Money?

        package init(sku: SKU, quantity: Quantity, price: Money? = nil) {
            self.sku = sku
            self.quantity = quantity
            self.price = price
        }
    }

    /// What an order is made from.
    package struct OrderRequest: Sendable {
        package var customer: EmailAddress
        package var items: [ItemRequest]
        package var shipping: Money?
        package var reference: String?
        package var details = OrderDetails()
        package var note: String?
        /// What else its price depends on.
        package var prices = PriceRequest()
        /// Where its units are to be reserved; nil is `main`.
        package var location: LocationName?
        /// Only written down: no price is binding and nothing is reserved.
        package var isDraft = false

        package init(customer: EmailAddress, items: [ItemRequest]) {
            self.customer = customer
            self.items = items
        }
    }

    // MARK: - Events

    /// Creates an order and reserves its units, or changes nothing and names every SKU that is
    /// short.
    ///
    /// - Throws: `product-not-found` (3), `product-not-for-sale`, `insufficient-stock`,
    ///   `currency-mismatch` (6), `permission-denied` (77).
    package func createOrder(_ request: OrderRequest) throws(ShopError) -> Order {
        try change(.createOwnOrders) { (work) throws(ShopError) in
            try work.access.requireOrderFor(request.customer)
            if request.items.contains(where: { $0.price != nil }) || request.shipping != nil
                || request.note != nil || !request.details.tags.isEmpty
                || !request.prices.discounts.isEmpty
            {
                try work.access.require(.createOrders)
            }
            let lines = try lineItems(request.items, in: work)
            var counters = try work.transaction.counters()
            var order = try Order(
                counters.nextOrder(), customer: request.customer, lines: lines,
                shipping: request.shipping ?? .zero(currency), reference: request.reference,
                by: work.by, at: work.at)
            order.details = request.details
            if let note = request.note {
                order.note(try OrderNote(note, by: work.by, at: work.at))
            }
            try price(&order, by: request, counters, in: work)
            if let location = request.location {
                try requireLocation(location, in: work.transaction)
                order.location = location
            }
            if !request.isDraft { try place(&order, in: work) }

            // After this point the order must be created.
            work.transaction.put(counters)
            work.save(order, was: nil)
            return order
        }
    }

    /// Makes a draft binding, at today's prices for the lines that had the product's.
    package func placeOrder(_ number: OrderNumber) throws(ShopError) -> Order {
        try change(.createOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            guard before.status != .placed else { return before }
            var order = before
            try place(&order, in: work)
            work.save(order, was: before)
            return order
        }
    }

    /// Cancels an order and releases what it had reserved.
    ///
    /// - Parameter refunding: give captured money back first; without it, captured money
    ///   refuses the cancellation.
    /// - Throws: `order-not-found` (3), `order-has-payment`, `order-not-cancellable` (5).
    package func cancelOrder(
        _ number: OrderNumber, reason: String?, refunding: Bool
    ) throws(ShopError) -> Order {
        try change(.cancelOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            guard before.status != .cancelled else { return before }
            return try cancel(before, reason: reason, refunding: refunding, in: work)
        }
    }

    func cancel(
        _ before: Order, reason: String?, refunding: Bool, in work: Work
    ) throws(ShopError) -> Order {
        var order = before
        let held = order.unshipped
        if refunding, !order.paid.isZero {
            try work.access.require(.refundPayments)
            // Refused after shipping, before any money moves.
            var probe = order
            try probe.refund(order.paid, at: work.at)
            try probe.cancel(reason: reason, by: work.by, at: work.at)
            try refund(
                order.paid, of: &order, reason: reason ?? "order cancelled", restocked: [],
                in: work)
        }
        try order.cancel(reason: reason, by: work.by, at: work.at)
        for (sku, count) in held {
            let units = try Quantity(count)
            try moveStock(sku, in: work) { (level) throws(ShopError) in
                try level.release(units, work.cause(order: before))
            }
        }
        try countReductions(from: before, to: order, in: work)
        work.save(order, was: before)
        return order
    }

    // MARK: - Steps

    func lineItems(
        _ items: [ItemRequest], in work: Work
    ) throws(ShopError) -> [LineItem] {
        var lines: [LineItem] = []
        var problems: [ShopError] = []
        for item in items {
            do throws(ShopError) {
                let product = try work.product(item.sku)
                let price = try product.priceForSale(at: work.at)
                if let given = item.price, given.currency != currency {
                    throw .currencyMismatch(currency, given.currency)
                }
                lines.append(
                    try LineItem(
                        product.sku, named: product.name, item.quantity, at: item.price ?? price))
            } catch {
                var problem = error
                problem.location = "--item \(item.sku)=\(item.quantity)"
                problems.append(problem)
            }
        }
        if let error = ShopError.combining(problems) { throw error }
        return lines
    }

    /// Reserves the units of all lines together, SKU by SKU, then makes the order binding.
    private func place(_ order: inout Order, in work: Work) throws(ShopError) {
        // Its state first: whether there is stock matters only to a draft.
        try order.place(by: work.by, at: work.at)
        try useCoupon(of: order, in: work)
        try reserve(order.quantities, for: order, in: work)
        try addToDay(in: work) { sums in
            sums.orders += 1
            sums.units += order.units
            sums.gross += order.total.minorUnits
        }
    }

    /// Promises units to an order, SKU by SKU, or names every SKU that is short.
    func reserve(
        _ units: [(sku: SKU, count: Int64)], for order: Order, in work: Work
    ) throws(ShopError) {
        var (moved, short) = try reservations(of: units, for: order, in: work)
        if !short.isEmpty,
            try expireOverdue(holding: short.map(\.sku), for: order, in: work)
        {
            (moved, short) = try reservations(of: units, for: order, in: work)
        }
        if !short.isEmpty {
            (moved, short) = try reservations(
                of: units, for: order, withBackorders: true, in: work)
        }
        if let error = ShopError.combining(short.map(\.error)) { throw error }
        for (level, movement) in moved {
            work.record(level, movement)
            noteBackorder(level.figures(at: order.location), movement)
        }
    }

    private typealias Reservations = (
        moved: [(StockLevel, StockMovement)], short: [(sku: SKU, error: ShopError)]
    )

    /// What reserves units for an order, SKU by SKU, and the SKUs that are short.
    ///
    /// - Parameter withBackorders: more than there is of products that allow it.
    private func reservations(
        of units: [(sku: SKU, count: Int64)], for order: Order, withBackorders: Bool = false,
        in work: Work
    ) throws(ShopError) -> Reservations {
        var found: Reservations = ([], [])
        for (sku, count) in units {
            let product = try work.product(sku)
            guard product.isTracked else { continue }
            var level =
                try work.transaction.find(StockLevel.self, Records.stock(sku))
                ?? StockLevel(product.sku)
            do throws(ShopError) {
                let movement = try level.reserve(
                    try Quantity(count),
                    allowsBackorders: withBackorders && product.allowsBackorders,
                    work.cause(order: order))
                found.moved.append((level, movement))
            } catch {
                found.short.append((sku, error))
            }
        }
        return found
    }

    /// Moves the stock of a product whose units are counted; nothing for one whose are not.
    func moveStock(
        _ sku: SKU, in work: Work,
        _ event: (inout StockLevel) throws(ShopError) -> StockMovement
    ) throws(ShopError) {
        guard var level = try work.transaction.find(StockLevel.self, Records.stock(sku)),
            try work.product(sku).isTracked
        else { return }
        let movement = try event(&level)
        work.record(level, movement)
    }

    func addToDay(
        in work: Work, _ change: (inout DayTotals.Sums) -> Void
    ) throws(ShopError) {
        let day = CalendarDay(of: work.at, in: settings.timeZone)
        var totals =
            try work.transaction.find(DayTotals.self, Records.day(day))
            ?? DayTotals(day: day, currency: currency)
        change(&totals.sums)
        work.transaction.put(totals)
    }

    // MARK: - Reading

    /// Orders by number; a customer sees their own only.
    package func orders(_ numbers: [OrderNumber]) throws(ShopError) -> [Order] {
        try read(.readOwnOrders) { (view, access) throws(ShopError) in
            var orders: [Order] = []
            var problems: [ShopError] = []
            for number in numbers {
                // Somebody else's order looks to a customer as if it did not exist.
                if let order = try view.find(Order.self, Records.order(number)),
                    access.mayRead(order)
                {
                    orders.append(access.shown(order))
                } else {
                    problems.append(.noOrder(number))
                }
            }
            if let error = ShopError.combining(problems) { throw error }
            return orders
        }
    }

    package struct OrderFilter: Sendable {
        package var status: OrderStatus?
        package var customer: EmailAddress?
        package var tag: String?
        /// Half-open period of creation.
        package var from: Timestamp?
        package var to: Timestamp?

        package init() {}

        func accepts(_ order: Order) -> Bool {
            if let status, order.status != status { return false }
            if let customer, order.customer != customer { return false }
            if let tag, !order.details.has(tag: tag) { return false }
            if let from, order.createdAt < from { return false }
            if let to, order.createdAt >= to { return false }
            return true
        }
    }

    /// Orders newest first, by the index that names the fewest.
    package func eachOrder(
        _ filter: OrderFilter, _ visit: (Order) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try read(.readOwnOrders) { (view, access) throws(ShopError) in
            var filter = filter
            if let own = access.ownOrdersOnly {
                if let asked = filter.customer, asked != own { return }
                filter.customer = own
            }
            let wanted = { (order: Order) throws(ShopError) -> Bool in
                if let from = filter.from, order.createdAt < from { return false }
                return filter.accepts(order) ? try visit(access.shown(order)) : true
            }
            if let customer = filter.customer {
                try eachOrder(under: Records.orders(of: customer), view, wanted)
            } else if let status = filter.status {
                try eachOrder(under: Records.orders(in: status), view, wanted)
            } else {
                try view.each(Order.self, KeyRange(collection: "orders"), .descending, wanted)
            }
        }
    }

    func eachOrder(
        under index: RecordKey, _ view: View, _ visit: (Order) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try view.scan(KeyRange(under: index)) { (found) throws(ShopError) in
            let digits = String(decoding: found.key.suffix(10), as: UTF8.self)
            let number = OrderNumber(9_999_999_999 - (Int64(digits) ?? 0))
            return try visit(try view.order(number))
        }
    }

    /// The placed orders that are wanted, newest first.
    func placedOrders(
        in view: View, where isWanted: (Order) -> Bool
    ) throws(ShopError) -> [Order] {
        var orders: [Order] = []
        try eachOrder(under: Records.orders(in: .placed), view) { (order) throws(ShopError) in
            if isWanted(order) { orders.append(order) }
            return true
        }
        return orders
    }
}

extension Shop.Work {
    /// Stores an order with its index entries.
    func save(_ order: Order, was before: Order?) {
        let id = order.number.description
        if !transaction.ids.contains(id) { transaction.ids.append(id) }
        let entry = RecordKey.descending(order.number.value)
        if before == nil {
            transaction.insert(order)
            transaction.insert(entry: RecordKey("customer-orders", order.customer.folded, entry))
        }
        if let before {
            transaction.put(order)
            if before.customer != order.customer {
                transaction.remove(RecordKey("customer-orders", before.customer.folded, entry))
                transaction.insert(
                    entry: RecordKey("customer-orders", order.customer.folded, entry))
            }
        }
        guard before?.status != order.status else { return }
        if let before {
            transaction.remove(RecordKey("status-orders", before.status.rawValue, entry))
        }
        transaction.insert(entry: RecordKey("status-orders", order.status.rawValue, entry))
    }
}
