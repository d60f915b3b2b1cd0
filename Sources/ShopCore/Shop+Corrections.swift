import Catalog
package import Orders
import Payments
package import Primitives
import Storage
import Users

/// What is taken off orders, comes back of them, or was not paid in time.
extension Shop {
    /// Takes back units that had left: onto the shelf, or to be written off.
    ///
    /// No money moves: what the units had cost is `overpaid` until it is refunded.
    ///
    /// - Throws: `order-not-found` (3), `order-not-returnable` (5), `not-on-order`,
    ///   `over-return` (6).
    package func returnUnits(
        of number: OrderNumber, _ units: [UnitCount], _ outcome: OrderReturn.Outcome,
        reason: String?
    ) throws(ShopError) -> Order {
        try change(.shipOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            let entry = try order.takeBack(
                units, outcome, reason: reason, earlier: earlierRestocks(of: order, in: work),
                by: work.by, at: work.at)
            try shelve(entry, of: before, in: work)
            try countReductions(from: before, to: order, in: work)
            work.save(order, was: before)
            return order
        }
    }

    /// Moves the stock of units that came back.
    func shelve(
        _ entry: OrderReturn, of order: Order, in work: Work
    ) throws(ShopError) {
        let cause = work.cause(reason: entry.reason, order: order)
        for line in entry.lines {
            let (sku, units) = (line.sku, try Quantity(line.count))
            try moveStock(sku, in: work) { (level) throws(ShopError) in
                try level.takeBack(units, cause)
            }
            guard entry.outcome == .writeOff else { continue }
            try moveStock(sku, in: work) { (level) throws(ShopError) in
                try level.writeOff(units, isReturned: true, cause)
            }
        }
    }

    /// Units that refunds put back on the shelf before orders kept account of what came back.
    func earlierRestocks(of order: Order, in work: Work) throws(ShopError) -> [SKU: Int64] {
        guard !order.refunded.isZero else { return [:] }
        var counts: [SKU: Int64] = [:]
        for entry in try work.transaction.payments(of: order.number).flatMap(\.entries) {
            for back in entry.restocked { counts[back.sku, default: 0] += back.count }
        }
        for line in order.returns.filter(\.isOfRefund).flatMap(\.lines) {
            counts[line.sku, default: 0] -= line.count
        }
        return counts
    }

    /// Takes units that have not left off an order, and releases them.
    ///
    /// - Parameter refunding: give back first what is captured for them; without it, captured
    ///   money refuses.
    /// - Throws: `order-not-found` (3), `order-has-payment`, `order-not-cancellable` (5),
    ///   `not-on-order`, `over-cancel`, `nothing-left-of-order` (6).
    package func cancelUnits(
        of number: OrderNumber, _ units: [UnitCount], reason: String?, refunding: Bool
    ) throws(ShopError) -> Order {
        try change(.cancelOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            let back = try order.refundDue(cancelling: units)
            if refunding, !back.isZero {
                try work.access.require(.refundPayments)
                try refund(
                    back, of: &order, reason: reason ?? "part of the order cancelled",
                    restocked: [], in: work)
            }
            let change = try order.cancel(units, reason: reason, by: work.by, at: work.at)
            for line in change.lines {
                let (sku, units) = (line.sku, try Quantity(-line.count))
                try moveStock(sku, in: work) { (level) throws(ShopError) in
                    try level.release(units, work.cause(reason: reason, order: before))
                }
            }
            try countReductions(from: before, to: order, in: work)
            work.save(order, was: before)
            return order
        }
    }

    /// Ends orders that were placed before a moment and not paid since, and gives back what they
    /// had reserved.
    ///
    /// - Parameter seconds: how old they are; nil takes the shop's own limit.
    /// - Throws: `no-time-limit` (64) where there is neither.
    package func expireOrders(olderThan seconds: Int64?) throws(ShopError) -> RecordList<Order> {
        try change(.cancelOrders) { (work) throws(ShopError) in
            guard let seconds = seconds ?? settings.reservationSeconds else { throw .noTimeLimit }
            let limit = work.at.adding(seconds: -seconds)
            return RecordList(try expire(placedBefore: limit, in: work) { _ in true })
        }
    }

    /// Ends the orders past the shop's time limit that hold one of the SKUs.
    ///
    /// - Parameter number: the order that wants them, which is not to end by that.
    /// - Returns: whether there were any.
    func expireOverdue(
        holding skus: [SKU], for wanting: Order, in work: Work
    ) throws(ShopError) -> Bool {
        guard let seconds = settings.reservationSeconds else { return false }
        let limit = work.at.adding(seconds: -seconds)
        let expired = try expire(placedBefore: limit, in: work) { order in
            order.number != wanting.number && order.location == wanting.location
                && order.lines.contains { skus.contains($0.sku) }
        }
        for order in expired {
            note("\(order.number) has expired: it was not paid in time.")
        }
        return !expired.isEmpty
    }

    private func expire(
        placedBefore limit: Timestamp, in work: Work, _ isMeant: (Order) -> Bool
    ) throws(ShopError) -> [Order] {
        let due = try placedOrders(in: work.transaction) { order in
            order.isOverdue(since: limit) && isMeant(order)
        }.reversed()
        var expired: [Order] = []
        for before in due {
            var order = before
            let held = order.unshipped
            try order.expire(at: work.at)
            for (sku, count) in held {
                let units = try Quantity(count)
                try moveStock(sku, in: work) { (level) throws(ShopError) in
                    try level.expire(units, work.cause(order: before))
                }
            }
            try countReductions(from: before, to: order, in: work)
            work.save(order, was: before)
            expired.append(order)
        }
        return expired
    }

    /// Counts on the day what was taken off an order, or came back, since `before`.
    func countReductions(
        from before: Order, to order: Order, in work: Work
    ) throws(ShopError) {
        let back =
            order.refundedOfReduced.minorUnits - before.refundedOfReduced.minorUnits
        let hasEnded = before.endedAt == nil && order.endedAt != nil && order.placedAt != nil
        let changes = order.changes.dropFirst(before.changes.count)
        let returns = order.returns.dropFirst(before.returns.count)
        if hasEnded { try returnCoupon(of: order, in: work) }
        guard back != 0 || hasEnded || !changes.isEmpty || !returns.isEmpty else { return }
        try addToDay(in: work) { sums in
            for entry in returns { sums.returned += entry.amount }
            for change in changes { sums.add(OrderFigures.Change(change)) }
            if hasEnded {
                sums.cancelledOrders += 1
                sums.cancelled += order.total.minorUnits
            }
            sums.refundedOfCancelled += back
        }
    }
}

extension ShopError {
    static var noTimeLimit: ShopError {
        ShopError(
            .usage, "no-time-limit", "this shop has no time limit for reservations",
            why: "reservationMinutes in shop.json sets one", try: ["--older-than 3d"])
    }
}
