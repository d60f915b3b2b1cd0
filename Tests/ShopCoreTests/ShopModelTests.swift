import Catalog
import Foundation
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// Random use cases beside a naive model of a shop: dictionaries, and no storage at all.
@Suite struct ShopModelTests {
    static var tiny: Thresholds {
        var tiny = Thresholds()
        tiny.foldBytes = 8_000
        tiny.foldLines = 12
        tiny.smallBase = 20_000
        tiny.largestRun = 60_000
        tiny.segmentBytes = 16_000
        tiny.journalBytes = 120_000
        return tiny
    }

    struct Model {
        struct Item {
            var onHand = 0, reserved = 0, price = 0
            var backorders = false

            /// Whether so many cannot be promised.
            func lacks(_ count: Int) -> Bool { !backorders && onHand - reserved < count }

            /// What losing so many units comes to.
            func loss(_ count: Int) -> String {
                if count <= 0 { return "ok" }
                if backorders { return count > onHand ? "stock-below-zero" : "ok" }
                return count > onHand - reserved ? "stock-below-reserved" : "ok"
            }
        }
        struct Placed {
            var lines: [(sku: String, count: Int, price: Int)] = []
            var total = 0, captured = 0, refunded = 0
            var status = "placed"
            /// Units that have left, by SKU, and how many shipments are on their way.
            var shipped: [String: Int] = [:]
            var undelivered = 0
            var back: [String: Int] = [:]
            /// What the units that came back had cost.
            var returned = 0
            /// Whether anything was put on it or taken off it.
            var isChanged = false
            var isInvoiced = false
            /// Refunds so far that gave back what was cancelled or returned.
            var credited = 0

            /// What is still to be captured.
            var due: Int { max(0, total - returned - captured + credited) }

            mutating func note() {
                let kept = ["cancelled", "expired"].contains(status) ? 0 : total - returned
                guard returned > 0 || isChanged else { return }
                credited = max(credited, min(refunded, captured - max(0, kept)))
            }

            /// What the first units of a SKU cost.
            func cost(_ sku: String, _ count: Int) -> Int {
                var (left, sum) = (count, 0)
                for line in lines where line.sku == sku {
                    sum += min(left, line.count) * line.price
                    left -= min(left, line.count)
                }
                return sum
            }
        }

        func left(_ order: Placed) -> [String: Int] {
            sums(order.lines).reduce(into: [:]) {
                let left = $1.value - (order.shipped[$1.key] ?? 0)
                if left > 0 { $0[$1.key] = left }
            }
        }

        var items: [String: Item] = [:]
        var orders: [Int: Placed] = [:]

        func sums(_ lines: [(sku: String, count: Int, price: Int)]) -> [String: Int] {
            lines.reduce(into: [:]) { $0[$1.sku, default: 0] += $1.count }
        }
    }

    func code(_ body: () throws -> Void) throws -> String {
        do {
            try body()
            return "ok"
        } catch let error as ShopError {
            return error.code
        }
    }

    @Test(
        "random use cases do what a naive model does, and keep I1 to I6",
        arguments: 1...4 as ClosedRange<UInt64>)
    func model(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var random = SeededRandom(seed: seed)
        let store = Shop.store(at: directory.file("shop"), thresholds: Self.tiny)
        let usd = try Currency(parsing: "USD")
        try Shop.create(
            in: store, currency: usd, timeZone: .utc, clock: .ticking(), random: .seeded(1))
        let shop = try Shop(
            store, clock: .ticking(), random: .seeded(2), request: .init(command: "test"))
        var model = Model()
        let skus = (0..<8).map { "SKU-\($0)" }
        let steps = 750
        for step in 0..<steps {
            let at: Comment = "\(random), step \(step)"
            let sku = random.one(of: skus)
            let key = try SKU(parsing: sku)
            shop.request = .init(command: "step \(step)")
            switch random.number(0...22) {
            case 0:
                var draft = Product.Draft()
                draft.name = "Thing"
                let price = Int(random.number(0...5_000))
                draft.price = Money(minorUnits: Int64(price), usd)
                let stock = Int(random.number(0...20))
                let result = try code { _ = try shop.addProduct(key, draft, stock: Int64(stock)) }
                #expect(result == (model.items[sku] == nil ? "ok" : "product-exists"), at)
                if result == "ok" { model.items[sku] = .init(onHand: stock, price: price) }
            case 1:
                let count = Int(random.number(1...25))
                let result = try code {
                    _ = try shop.receiveStock(key, try Quantity(Int64(count)), note: nil)
                }
                #expect(result == (model.items[sku] == nil ? "product-not-found" : "ok"), at)
                model.items[sku]?.onHand += count
            case 2:
                let change = Int(random.number(-6...6))
                let item = model.items[sku]
                let expected = item?.loss(-change)
                let result = try code {
                    _ = try shop.adjustStock(key, by: Int64(change), reason: "found", note: nil)
                }
                #expect(result == expected ?? "product-not-found", at)
                if result == "ok" { model.items[sku]?.onHand += change }
            case 3, 4, 5, 15, 16, 17:
                try create(&model, shop, skus, &random, at)
            case 21:
                try allowBackorders(&model, shop, sku, &random, at)
            case 10:
                try takeBack(&model, shop, &random, at)
            case 11:
                try cancelPart(&model, shop, &random, at)
            case 12:
                try expire(&model, shop, &random, at)
            case 13:
                try count(&model, shop, sku, &random, at)
            case 14, 18, 19:
                try edit(&model, shop, skus, &random, at)
            case 20:
                try exchange(&model, shop, skus, &random, at)
            case 22:
                try invoice(&model, shop, &random, at)
            case 9:
                try deliver(&model, shop, &random, at)
            case 6:
                try ship(&model, shop, &random, at)
            case 7:
                try cancel(&model, shop, &random, at)
            case 8:
                try capture(&model, shop, usd, &random, at)
            default:
                try refund(&model, shop, usd, &random, at)
            }
            if random.chance(1, in: 2) { shop.maintain() }
            #expect(try shop.violations() == [], at)
            if step % 20 == 0 || step == steps - 1 { try compare(model, shop, at) }
            if step % 50 == 0 || step == steps - 1 { try explain(model, shop, at) }
        }
        #expect(model.orders.count > 50)
    }

    private func create(
        _ model: inout Model, _ shop: Shop, _ skus: [String], _ random: inout SeededRandom,
        _ at: Comment
    ) throws {
        let lines = (0..<Int(random.number(1...3))).map { _ in
            let sku = random.one(of: skus)
            return (
                sku: sku, count: Int(random.number(1...4)), price: model.items[sku]?.price ?? 0
            )
        }
        let request = Shop.OrderRequest(
            customer: try EmailAddress(parsing: "c\(random.number(0...3))@x.example"),
            items: try lines.map {
                .init(sku: try SKU(parsing: $0.sku), quantity: try Quantity(Int64($0.count)))
            })
        var expected = "ok"
        let current = model
        if lines.contains(where: { current.items[$0.sku] == nil }) {
            expected = "product-not-found"
        } else if model.sums(lines).contains(where: { sku, count in
            current.items[sku]?.lacks(count) ?? true
        }) {
            expected = "insufficient-stock"
        }
        // A dry run says the same and does nothing.
        shop.request.isDryRun = true
        #expect(try code { _ = try shop.createOrder(request) } == expected, at)
        shop.request.isDryRun = false
        shop.request.idempotencyKey = try IdempotencyKey(
            parsing: "key-\(random.number(0...9_999_999))")
        var number: OrderNumber?
        #expect(try code { number = try shop.createOrder(request).number } == expected, at)
        guard let number else { return }
        #expect(Int(number.value) == 1001 + model.orders.count, at)
        // A retry with the same key returns the same order and does nothing (I7).
        #expect(try shop.createOrder(request).number == number, at)
        _ = shop.takeNotices()
        for line in lines { model.items[line.sku]?.reserved += line.count }
        model.orders[Int(number.value)] = .init(
            lines: lines,
            total: lines.reduce(0) { $0 + (current.items[$1.sku]?.price ?? 0) * $1.count })
    }

    func pick(_ model: Model, _ random: inout SeededRandom) -> Int {
        1001 + Int(random.number(0...Int64(max(0, model.orders.count))))
    }

    private func ship(
        _ model: inout Model, _ shop: Shop, _ random: inout SeededRandom, _ at: Comment
    ) throws {
        let number = pick(model, &random)
        let order = model.orders[number]
        // Half of the time all that is left, else so many of one item, too many at times.
        var wanted: [UnitCount] = []
        if let line = order?.lines.first, random.chance(1, in: 2) {
            let count = random.number(1...Int64(line.count + 1))
            wanted = [UnitCount(sku: try SKU(parsing: line.sku), count: count)]
        }
        let left = order.map(model.left) ?? [:]
        var expected = order == nil ? "order-not-found" : "ok"
        if let order, order.status != "placed" || left.isEmpty {
            expected = "order-not-shippable"
        } else if wanted.contains(where: { Int($0.count) > left[$0.sku.text] ?? 0 }) {
            expected = "over-ship"
        } else if wanted.map({ ($0.sku.text, Int($0.count)) }).nonEmpty(
            else: left.map { ($0.key, $0.value) }
        )
        .contains(where: { $1 > model.items[$0]?.onHand ?? 0 }) {
            expected = "on-backorder"
        }
        let result = try code {
            _ = try shop.shipOrder(
                OrderNumber(Int64(number)), wanted, carrier: nil, tracking: nil)
        }
        #expect(result == expected, at)
        guard result == "ok", var order else { return }
        let units =
            wanted.isEmpty ? left : [wanted[0].sku.text: Int(wanted[0].count)]
        for (sku, count) in units {
            model.items[sku]?.reserved -= count
            model.items[sku]?.onHand -= count
            order.shipped[sku, default: 0] += count
        }
        order.undelivered += 1
        if model.left(order).isEmpty, order.due == 0 { order.status = "completed" }
        model.orders[number] = order
    }

    private func deliver(
        _ model: inout Model, _ shop: Shop, _ random: inout SeededRandom, _ at: Comment
    ) throws {
        let number = pick(model, &random)
        let expected = model.orders[number].map {
            $0.undelivered > 0 ? "ok" : "order-not-deliverable"
        }
        let result = try code {
            _ = try shop.deliverOrder(OrderNumber(Int64(number)), shipment: nil)
        }
        #expect(result == expected ?? "order-not-found", at)
        if result == "ok" { model.orders[number]?.undelivered = 0 }
    }

    private func cancel(
        _ model: inout Model, _ shop: Shop, _ random: inout SeededRandom, _ at: Comment
    ) throws {
        let number = pick(model, &random)
        let refunding = random.chance(1, in: 2)
        var expected = "order-not-found"
        if let order = model.orders[number] {
            if order.status == "cancelled" {
                expected = "ok"
            } else if order.status == "completed" || order.status == "expired"
                || !order.shipped.isEmpty
            {
                expected = "order-not-cancellable"
            } else if order.captured > order.refunded, !refunding {
                expected = "order-has-payment"
            } else {
                expected = "ok"
            }
        }
        let result = try code {
            _ = try shop.cancelOrder(OrderNumber(Int64(number)), reason: nil, refunding: refunding)
        }
        #expect(result == expected, at)
        guard result == "ok", let order = model.orders[number], order.status == "placed" else {
            return
        }
        for line in order.lines { model.items[line.sku]?.reserved -= line.count }
        model.orders[number]?.status = "cancelled"
        model.orders[number]?.refunded = order.captured
    }

    private func capture(
        _ model: inout Model, _ shop: Shop, _ usd: Currency, _ random: inout SeededRandom,
        _ at: Comment
    ) throws {
        let number = pick(model, &random)
        var expected = "order-not-found"
        var amount: Int?
        if let order = model.orders[number] {
            let due = order.due
            amount =
                random.chance(1, in: 2) ? nil : Int(random.number(1...Int64(max(1, due + due / 4))))
            if order.status == "cancelled" || order.status == "expired" {
                expected = amount == nil ? "amount-not-positive" : "order-not-payable"
            } else if due == 0 {
                expected = "over-capture"
            } else {
                expected = amount ?? due > due ? "over-capture" : "ok"
            }
        }
        let money = amount.map { Money(minorUnits: Int64($0), usd) }
        let result = try code {
            _ = try shop.capturePayment(
                for: OrderNumber(Int64(number)), .cash, money, reference: nil)
        }
        // A cancelled order is refused for what it is, whatever else is wrong with the amount.
        let isCancelled = ["cancelled", "expired"].contains(model.orders[number]?.status)
        #expect(result == expected || isCancelled && result != "ok", at)
        guard result == "ok", var order = model.orders[number] else { return }
        order.captured += amount ?? order.due
        if model.left(order).isEmpty, order.due == 0 { order.status = "completed" }
        model.orders[number] = order
    }

    private func refund(
        _ model: inout Model, _ shop: Shop, _ usd: Currency, _ random: inout SeededRandom,
        _ at: Comment
    ) throws {
        let number = pick(model, &random)
        var expected = "order-not-found"
        var amount: Int?
        var restocked: [PaymentEntry.Restock] = []
        if let order = model.orders[number] {
            let left = order.captured - order.refunded
            amount =
                random.chance(1, in: 3)
                ? nil : Int(random.number(1...Int64(max(1, left + left / 4))))
            expected =
                amount.map { $0 <= left ? "ok" : "over-refund" }
                ?? (left > 0 ? "ok" : "over-refund")
            if random.chance(1, in: 3), let line = order.lines.first {
                let out = (order.shipped[line.sku] ?? 0) - (order.back[line.sku] ?? 0)
                restocked = [.init(sku: try SKU(parsing: line.sku), count: 1)]
                if out < 1, expected == "ok" || left > 0 || amount != nil {
                    expected = "over-restock"
                }
            }
        }
        let money = amount.map { Money(minorUnits: Int64($0), usd) }
        let result = try code {
            _ = try shop.refundPayment(
                .order(OrderNumber(Int64(number))), money, reason: nil, restocked: restocked)
        }
        #expect(result == expected, at)
        guard result == "ok", var order = model.orders[number] else { return }
        order.refunded += amount ?? order.captured - order.refunded
        for item in restocked {
            model.items[item.sku.text]?.onHand += Int(item.count)
            let back = order.back[item.sku.text] ?? 0
            order.returned +=
                order.cost(item.sku.text, back + 1) - order.cost(item.sku.text, back)
            order.back[item.sku.text] = back + Int(item.count)
        }
        order.note()
        if !restocked.isEmpty, order.status == "placed", model.left(order).isEmpty, order.due == 0 {
            order.status = "completed"
        }
        model.orders[number] = order
    }
}
