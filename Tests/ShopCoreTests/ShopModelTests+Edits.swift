import Catalog
import Orders
import Primitives
import ShopCore
import TestSupport
import Testing

/// Edits and exchanges beside the naive model.
extension ShopModelTests {
    func edit(
        _ model: inout Model, _ shop: Shop, _ skus: [String], _ random: inout SeededRandom,
        _ at: Comment
    ) throws {
        let number = pick(model, &random)
        let order = model.orders[number] ?? .init()
        // Half of the time something that the order has.
        let sku =
            random.chance(1, in: 2)
            ? order.lines.first?.sku ?? skus[0] : random.one(of: skus)
        let wanted = Int(random.number(0...6))
        let refunding = random.chance(1, in: 2)
        let now = model.sums(order.lines)[sku] ?? 0
        var after = order
        if wanted > now {
            after.lines.append((sku, wanted - now, model.items[sku]?.price ?? 0))
        }
        var rest = max(0, now - wanted)
        for index in after.lines.indices.reversed() where after.lines[index].sku == sku {
            let part = min(rest, after.lines[index].count)
            after.lines[index].count -= part
            rest -= part
        }
        after.lines.removeAll { $0.count == 0 }
        after.total = after.lines.reduce(0) { $0 + $1.count * $1.price }
        let paid = order.captured - order.refunded
        let over =
            max(0, paid - max(0, after.total - order.returned))
            - max(0, paid - max(0, order.total - order.returned))
        let item = model.items[sku]
        var expected = "ok"
        if model.orders[number] == nil {
            expected = "order-not-found"
        } else if wanted == now {
            expected = "ok"
        } else if order.status != "placed" {
            expected = "order-not-editable"
        } else if wanted > now, item == nil {
            expected = "product-not-found"
        } else if wanted < order.shipped[sku] ?? 0 {
            expected = "below-shipped"
        } else if after.lines.isEmpty {
            expected = "nothing-left-of-order"
        } else if over > 0, !refunding {
            expected = "order-has-payment"
        } else if let item, wanted > now, item.lacks(wanted - now) {
            expected = "insufficient-stock"
        }
        var edit = Shop.OrderEdit()
        let key = try SKU(parsing: sku)
        if wanted == 0 { edit.removed = [key] }
        if wanted > 0 { edit.items = [.init(sku: key, quantity: try Quantity(Int64(wanted)))] }
        let wish = edit
        let result = try code {
            _ = try shop.editOrder(OrderNumber(Int64(number)), wish, refunding: refunding)
        }
        #expect(result == expected, at)
        guard result == "ok", wanted != now else { return }
        model.items[sku]?.reserved += wanted - now
        after.isChanged = true
        after.refunded += max(0, over)
        after.note()
        if model.left(after).isEmpty, !after.shipped.isEmpty, after.due == 0 {
            after.status = "completed"
        }
        model.orders[number] = after
    }

    func exchange(
        _ model: inout Model, _ shop: Shop, _ skus: [String], _ random: inout SeededRandom,
        _ at: Comment
    ) throws {
        let number = pick(model, &random)
        guard let order = model.orders[number], let line = order.lines.first else { return }
        let count = Int(random.number(1...2))
        let (sku, more) = (random.one(of: skus), Int(random.number(1...3)))
        let outcome = random.one(of: OrderReturn.Outcome.allCases)
        let out = (order.shipped[line.sku] ?? 0) - (order.back[line.sku] ?? 0)
        let all = order.shipped.reduce(0) { $0 + $1.value - (order.back[$1.key] ?? 0) }
        var expected = "ok"
        if let item = model.items[sku] {
            let shelved = outcome == .restock && sku == line.sku ? count : 0
            if all == 0 {
                expected = "order-not-returnable"
            } else if count > out {
                expected = "over-return"
            } else if item.lacks(more - shelved) {
                expected = "insufficient-stock"
            }
        } else {
            expected = "product-not-found"
        }
        let result = try code {
            _ = try shop.exchangeUnits(
                of: OrderNumber(Int64(number)),
                [UnitCount(sku: try SKU(parsing: line.sku), count: Int64(count))], outcome,
                for: [.init(sku: try SKU(parsing: sku), quantity: try Quantity(Int64(more)))],
                reason: nil)
        }
        #expect(result == expected, at)
        guard result == "ok", var order = model.orders[number] else { return }
        let back = order.back[line.sku] ?? 0
        order.returned += order.cost(line.sku, back + count) - order.cost(line.sku, back)
        order.back[line.sku] = back + count
        let price = model.items[sku]?.price ?? 0
        order.lines.append((sku, more, price))
        order.total += more * price
        order.isChanged = true
        order.status = "placed"
        order.note()
        if outcome == .restock { model.items[line.sku]?.onHand += count }
        model.items[sku]?.reserved += more
        model.orders[number] = order
    }

    func invoice(
        _ model: inout Model, _ shop: Shop, _ random: inout SeededRandom, _ at: Comment
    ) throws {
        let number = pick(model, &random)
        var expected = "order-not-found"
        if let order = model.orders[number] {
            let hasEnded = ["cancelled", "expired"].contains(order.status)
            expected = hasEnded && !order.isInvoiced ? "order-not-invoiceable" : "ok"
        }
        var invoiced: Order?
        let result = try code { invoiced = try shop.invoiceOrder(OrderNumber(Int64(number))) }
        #expect(result == expected, at)
        guard let invoiced, var order = model.orders[number] else { return }
        order.isInvoiced = true
        model.orders[number] = order
        let hasEnded = ["cancelled", "expired"].contains(order.status)
        let sum = invoiced.details.invoices.reduce(0) { $0 + $1.total }
        #expect(Int(sum) == (hasEnded ? 0 : order.total - order.returned), at)
    }
}
