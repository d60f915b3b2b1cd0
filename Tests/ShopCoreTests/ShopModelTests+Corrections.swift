import Catalog
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// Returns, cancelling by line and expiry beside the naive model, and the comparison with it.
extension ShopModelTests {
    func takeBack(
        _ model: inout Model, _ shop: Shop, _ random: inout SeededRandom, _ at: Comment
    ) throws {
        let number = pick(model, &random)
        guard let order = model.orders[number], let line = order.lines.first else { return }
        let count = Int(random.number(1...3))
        let out = (order.shipped[line.sku] ?? 0) - (order.back[line.sku] ?? 0)
        let all = order.shipped.reduce(0) { $0 + $1.value - (order.back[$1.key] ?? 0) }
        let expected = all == 0 ? "order-not-returnable" : count > out ? "over-return" : "ok"
        let outcome = random.one(of: OrderReturn.Outcome.allCases)
        let result = try code {
            _ = try shop.returnUnits(
                of: OrderNumber(Int64(number)),
                [UnitCount(sku: try SKU(parsing: line.sku), count: Int64(count))], outcome,
                reason: nil)
        }
        #expect(result == expected, at)
        guard result == "ok", var order = model.orders[number] else { return }
        let back = order.back[line.sku] ?? 0
        order.returned += order.cost(line.sku, back + count) - order.cost(line.sku, back)
        order.back[line.sku] = back + count
        order.note()
        if outcome == .restock { model.items[line.sku]?.onHand += count }
        if order.status == "placed", model.left(order).isEmpty, order.due == 0 {
            order.status = "completed"
        }
        model.orders[number] = order
    }

    func cancelPart(
        _ model: inout Model, _ shop: Shop, _ random: inout SeededRandom, _ at: Comment
    ) throws {
        let number = pick(model, &random)
        guard let order = model.orders[number], let last = order.lines.last else { return }
        let (sku, count) = (last.sku, Int(random.number(1...3)))
        let refunding = random.chance(1, in: 2)
        var after = order
        var rest = count
        for index in after.lines.indices.reversed() where after.lines[index].sku == sku {
            let part = min(rest, after.lines[index].count)
            after.lines[index].count -= part
            after.total -= part * after.lines[index].price
            rest -= part
        }
        after.lines.removeAll { $0.count == 0 }
        after.isChanged = true
        let over = max(0, after.captured - after.refunded - max(0, after.total - after.returned))
        let left = model.left(order)
        var expected = "ok"
        if order.status != "placed" || left.isEmpty {
            expected = "order-not-cancellable"
        } else if count > left[sku] ?? 0 {
            expected = "over-cancel"
        } else if after.lines.isEmpty {
            expected = "nothing-left-of-order"
        } else if over > 0, !refunding {
            expected = "order-has-payment"
        }
        let result = try code {
            _ = try shop.cancelUnits(
                of: OrderNumber(Int64(number)),
                [UnitCount(sku: try SKU(parsing: sku), count: Int64(count))], reason: nil,
                refunding: refunding)
        }
        #expect(result == expected, at)
        guard result == "ok" else { return }
        model.items[sku]?.reserved -= count
        after.refunded += over
        after.note()
        if model.left(after).isEmpty, after.due == 0 { after.status = "completed" }
        model.orders[number] = after
    }

    /// Counts or writes off units of one SKU.
    func count(
        _ model: inout Model, _ shop: Shop, _ sku: String, _ random: inout SeededRandom,
        _ at: Comment
    ) throws {
        let key = try SKU(parsing: sku)
        let isCount = random.chance(1, in: 2)
        let units = Int(random.number(1...(isCount ? 40 : 4)))
        var expected = "product-not-found"
        if let item = model.items[sku] {
            expected = item.loss(isCount ? item.onHand - units : units)
        }
        let result = try code {
            if isCount {
                let found = try shop.countStock([(key, Int64(units))], note: nil).items
                #expect(found.map(\.onHand) == [Int64(model.items[sku]?.onHand ?? -1)], at)
            } else {
                _ = try shop.writeOffStock(
                    key, Quantity(Int64(units)), reason: "lost", note: nil)
            }
        }
        #expect(result == expected, at)
        guard result == "ok" else { return }
        if isCount { model.items[sku]?.onHand = units } else { model.items[sku]?.onHand -= units }
    }

    /// Allows backorders of one SKU, or no longer.
    func allowBackorders(
        _ model: inout Model, _ shop: Shop, _ sku: String, _ random: inout SeededRandom,
        _ at: Comment
    ) throws {
        let allows = random.chance(2, in: 3)
        var expected = "product-not-found"
        if let item = model.items[sku] {
            let waits = item.reserved > item.onHand
            expected = item.backorders && waits && !allows ? "product-on-backorder" : "ok"
        }
        var draft = Product.Draft()
        draft.allowsBackorders = allows
        let key = try SKU(parsing: sku)
        #expect(try code { _ = try shop.editProduct(key, draft) } == expected, at)
        if expected == "ok" { model.items[sku]?.backorders = allows }
        _ = shop.takeNotices()
    }

    /// Everything that may expire does, since the clock ticks by the second.
    func expire(
        _ model: inout Model, _ shop: Shop, _ random: inout SeededRandom, _ at: Comment
    ) throws {
        guard random.chance(1, in: 8) else { return }
        let expired = try shop.expireOrders(olderThan: 0).items.map { Int($0.number.value) }
        var expected: [Int] = []
        for (number, order) in model.orders
        where order.status == "placed" && order.shipped.isEmpty && order.captured == order.refunded
        {
            for line in order.lines { model.items[line.sku]?.reserved -= line.count }
            model.orders[number]?.status = "expired"
            expected.append(number)
        }
        #expect(expired == expected.sorted(), at)
    }

    func compare(_ model: Model, _ shop: Shop, _ at: Comment) throws {
        #expect(
            try shop.salesByDayFromRecords(from: nil, to: nil)
                == shop.salesByDay(from: nil, to: nil), at)
        for (sku, item) in model.items {
            let level = try shop.stock([try SKU(parsing: sku)])[0]
            #expect(level.onHand == item.onHand && level.reserved == item.reserved, at)
        }
        // Orders wait for as many units as are missing, SKU by SKU.
        let missing = model.items.compactMapValues { item in
            item.reserved > item.onHand ? item.reserved - item.onHand : nil
        }
        let waiting = try shop.backorders().reduce(into: [:]) {
            $0[$1.sku.text, default: 0] += Int($1.waiting)
        }
        #expect(waiting == missing, at)
        var seen: [Int] = []
        var net: Int64 = 0
        try shop.eachOrder(Shop.OrderFilter()) { (order) throws(ShopError) in
            seen.append(Int(order.number.value))
            let expected = model.orders[Int(order.number.value)]
            #expect(order.status.rawValue == expected?.status, at)
            let isOpen = expected.map { ["placed", "completed"].contains($0.status) } ?? false
            #expect(Int(order.due.minorUnits) == (isOpen ? expected?.due : 0), at)
            #expect(Int(order.returned.minorUnits) == expected?.returned, at)
            let left = expected.map { $0.status == "placed" ? model.left($0) : [:] }
            #expect(
                order.unshipped.reduce(into: [:]) { $0[$1.sku.text] = Int($1.count) } == left, at)
            #expect(Int(order.total.minorUnits) == expected?.total, at)
            #expect(Int(order.captured.minorUnits) == expected?.captured, at)
            #expect(Int(order.refunded.minorUnits) == expected?.refunded, at)
            net += isOpen ? order.paid.minorUnits + order.due.minorUnits : 0
            net -= isOpen ? order.overpaid.minorUnits : 0
            return true
        }
        // What the shop has earned is what it was paid, with what is still to come and go.
        #expect(net == (try shop.salesByDay(from: nil, to: nil).reduce(0) { $0 + $1.sums.net }), at)
        #expect(seen == model.orders.keys.sorted(by: >), at)
    }
}

extension Array {
    /// These, or others where there are none.
    func nonEmpty(else others: [Element]) -> [Element] { isEmpty ? others : self }
}
