package import Primitives

/// How far an order has come to its customer, derived from its shipments and returns.
///
/// ```
///   unfulfilled ──ship some──▶ partiallyShipped ──ship the rest──▶ shipped
///        └────────────ship all────────────────────────────────────▶ │
///                                                 deliver the last shipment
///                                                                   ▼
///                                                               delivered
///   any of them but unfulfilled ──return some──▶ partiallyReturned ──return the rest──▶ returned
/// ```
/// A shipment is delivered as a whole. `partiallyShipped` stays until nothing is left to ship,
/// whatever of it is delivered.
package enum OrderFulfillment: String, Sendable, CaseIterable {
    case unfulfilled, partiallyShipped, shipped, delivered, partiallyReturned, returned
}

extension Order {
    // MARK: - Queries

    package var fulfillment: OrderFulfillment {
        if shipments.isEmpty { return .unfulfilled }
        if !returns.isEmpty {
            let back = returns.reduce(0) { $0 + $1.lines.reduce(0) { $0 + $1.count } }
            return back >= units ? .returned : .partiallyReturned
        }
        guard hasLeft else { return .partiallyShipped }
        return shipments.allSatisfy(\.isDelivered) ? .delivered : .shipped
    }

    /// Whether every unit has left the shop.
    var hasLeft: Bool {
        !shipments.isEmpty
            && shipments.reduce(0) { $0 + $1.lines.reduce(0) { $0 + $1.count } } >= units
    }

    /// Units of each SKU that are promised and not shipped yet.
    package var unshipped: [(sku: SKU, count: Int64)] {
        guard status == .placed else { return [] }
        guard !shipments.isEmpty else { return quantities }
        let shipped = shippedCounts
        return quantities.compactMap { sku, count in
            let rest = count - (shipped[sku] ?? 0)
            return rest > 0 ? (sku, rest) : nil
        }
    }

    /// Units of each SKU over all shipments.
    package var shippedCounts: [SKU: Int64] {
        var counts: [SKU: Int64] = [:]
        for line in shipments.flatMap(\.lines) { counts[line.sku, default: 0] += line.count }
        return counts
    }

    /// What is wrong with the units that the order says have moved; nothing in a sound order.
    package func unitProblems() -> [String] {
        guard !shipments.isEmpty || !returns.isEmpty else { return [] }
        var left: [SKU: Int64] = [:]
        for (sku, count) in quantities { left[sku] = count }
        let shipped = shippedCounts
        let over = shipped.filter { $0.value > left[$0.key] ?? 0 }.map {
            "\($0.value) of \($0.key) shipped, \(left[$0.key] ?? 0) ordered"
        }
        let back = returnedCounts.filter { $0.value > shipped[$0.key] ?? 0 }.map {
            "\($0.value) of \($0.key) came back, \(shipped[$0.key] ?? 0) shipped"
        }
        return over.sorted() + back.sorted()
    }

    // MARK: - Events

    /// Units leave the shop.
    ///
    /// - Parameter wanted: which; none means all that has not left yet.
    /// - Returns: what was shipped.
    /// - Throws: `order-not-shippable` (5), `not-on-order`, `over-ship` (6).
    package mutating func ship(
        _ wanted: [UnitCount] = [], carrier: String?, tracking: String?, by: String,
        at time: Timestamp
    ) throws(ShopError) -> Shipment {
        let rest = unshipped
        guard status == .placed, !rest.isEmpty else { throw .notShippable(self) }
        var units = rest.map { UnitCount(sku: $0.sku, count: $0.count) }
        if !wanted.isEmpty {
            units = try UnitCount.summed(wanted)
            try check(units) { (unit) in
                let left = rest.first { $0.sku == unit.sku }?.count ?? 0
                return unit.count > left ? .overShip(unit, left, self) : nil
            }
        }
        let shipment = Shipment(
            number: shipments.count + 1, at: time, by: by, carrier: carrier, tracking: tracking,
            lines: units)
        shipments.append(shipment)
        completeIfDone(at: time)
        return shipment
    }

    /// The customer has what was shipped.
    ///
    /// - Parameter number: of the shipment; nil means all that are on their way.
    /// - Throws: `order-not-deliverable` (5), `shipment-not-found` (3).
    package mutating func deliver(
        _ number: Int?, by: String, at time: Timestamp
    ) throws(ShopError) {
        guard !shipments.isEmpty else { throw .notDeliverable(self, "nothing of it was shipped") }
        if let number {
            guard let shipment = shipments.first(where: { $0.number == number }) else {
                throw .noShipment(number, self)
            }
            guard !shipment.isDelivered else {
                throw .notDeliverable(self, "shipment \(number) is delivered already")
            }
        } else if shipments.allSatisfy(\.isDelivered) {
            throw .notDeliverable(self, "all that was shipped is delivered already")
        }
        for index in shipments.indices where !shipments[index].isDelivered {
            guard number == nil || shipments[index].number == number else { continue }
            shipments[index].deliveredAt = time
            shipments[index].deliveredBy = by
        }
    }

    /// Refuses units that the order does not have or of which `problem` says something, all of
    /// them together.
    func check(_ units: [UnitCount], _ problem: (UnitCount) -> ShopError?) throws(ShopError) {
        var problems: [ShopError] = []
        for unit in units {
            if !lines.contains(where: { $0.sku == unit.sku }) {
                problems.append(.notOnOrder(unit, self))
            } else if let problem = problem(unit) {
                problems.append(problem)
            }
        }
        if let error = ShopError.combining(problems) { throw error }
    }
}

// MARK: - Errors

extension ShopError {
    static func notShippable(_ order: Order) -> ShopError {
        let state = order.hasLeft ? "shipped already" : order.status.rawValue
        return ShopError(
            .conflict, "order-not-shippable", "\(order.number) cannot be shipped: it is \(state)",
            why: "only a placed order with units to ship can be shipped",
            try: ["shopctl order show \(order.number)"])
    }

    static func notOnOrder(_ unit: UnitCount, _ order: Order) -> ShopError {
        ShopError(
            .refused, "not-on-order", "\(order.number) has no \(unit.sku)",
            at: "--item \(unit.sku)=\(unit.count)", try: ["shopctl order show \(order.number)"])
    }

    static func overShip(_ unit: UnitCount, _ left: Int64, _ order: Order) -> ShopError {
        ShopError(
            .refused, "over-ship",
            "\(unit.count) of \(unit.sku) cannot be shipped: \(left) of \(order.number) "
                + (left == 1 ? "is" : "are") + " left to ship",
            at: "--item \(unit.sku)=\(unit.count)",
            try: left > 0
                ? ["shopctl order ship \(order.number) --item \(unit.sku)=\(left)"]
                : ["shopctl order show \(order.number)"],
            details: [.init("sku", unit.sku.text), .init("left", String(left))])
    }

    static func notDeliverable(_ order: Order, _ fact: String) -> ShopError {
        ShopError(
            .conflict, "order-not-deliverable",
            "\(order.number) cannot be delivered: \(fact)",
            try: ["shopctl order show \(order.number)"])
    }

    static func noShipment(_ number: Int, _ order: Order) -> ShopError {
        ShopError(
            .notFound, "shipment-not-found", "\(order.number) has no shipment \(number)",
            at: "--shipment \(number)", try: ["shopctl order show \(order.number)"])
    }
}
