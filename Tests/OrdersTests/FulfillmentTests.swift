import Formats
import Orders
import Primitives
import TestSupport
import Testing

/// Shipments in parts, and their delivery.
@Suite struct FulfillmentTests {
    func order(_ steps: String, _ items: [(String, Int64, Int64)]? = nil) throws -> Order {
        var order = try items.map { try OrderSteps.order($0) } ?? OrderSteps.order()
        for step in steps.split(separator: ",") { try OrderSteps.take(String(step), &order) }
        return order
    }

    func refusal(_ body: () throws -> Void) -> ShopError? {
        do { try body() } catch { return error as? ShopError }
        return nil
    }

    @Test("an item named twice, over two lines of the order, is added up before it is checked")
    func oneSKUTwice() throws {
        var order = try order("place", [("A", 1, 100), ("a", 2, 90), ("B", 1, 5)])
        let error = refusal { try OrderSteps.take("ship A=2 a=2", &order) }
        #expect(error?.code == "over-ship")
        #expect(error?.message == "4 of A cannot be shipped: 3 of ORD-1001 are left to ship")
        try OrderSteps.take("ship A=1 a=1", &order)
        #expect(order.shipments[0].lines == [UnitCount(sku: try SKU(parsing: "A"), count: 2)])
        #expect(order.unshipped.map(\.count) == [1, 1])
    }

    @Test("every item that cannot be shipped is named, and nothing leaves")
    func allProblems() throws {
        var order = try order("place, ship A=1")
        let before = order
        let error = refusal { try OrderSteps.take("ship A=2 C=1 B=1", &order) }
        #expect(error?.code == "over-ship" && error?.others.map(\.code) == ["not-on-order"])
        #expect(error?.suggestions == ["shopctl order ship ORD-1001 --item A=1"])
        #expect(order == before)
        let many = [UnitCount(sku: try SKU(parsing: "A"), count: .max)]
        #expect(
            refusal {
                _ = try order.ship(
                    many + many, carrier: nil, tracking: nil, by: "bo", at: OrderSteps.now)
            }?.code == "too-many-units")
    }

    @Test("a delivery says when and by whom, once")
    func deliveries() throws {
        var order = try order("place, ship A=1, ship, deliver 2")
        #expect(order.shipments.map(\.deliveredBy) == [nil, "bo"])
        #expect(order.fulfillment == .shipped)
        let error = refusal { try OrderSteps.take("deliver 2", &order) }
        #expect(error?.code == "order-not-deliverable" && error?.kind == .conflict)
        #expect(refusal { try OrderSteps.take("deliver 3", &order) }?.code == "shipment-not-found")
        try OrderSteps.take("deliver", &order)
        #expect(order.shipments.map(\.isDelivered) == [true, true])
        #expect(order.fulfillment == .delivered)
        #expect(try Order(json: order.json) == order)
    }

    @Test("random parts of an order add up to all of it", arguments: 1...5 as ClosedRange<UInt64>)
    func parts(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let wanted = (0..<random.number(1...4)).map { _ in
                (random.one(of: ["A", "B", "C"]), random.number(1...5), random.number(0...9))
            }
            var order = try order("place", wanted)
            while !order.unshipped.isEmpty {
                let left = random.one(of: order.unshipped.map(\.sku.text))
                try? OrderSteps.take("ship \(left)=\(random.number(1...3))", &order)
                #expect(order.unitProblems() == [], "\(random)")
                let partly: OrderFulfillment =
                    order.shipments.isEmpty ? .unfulfilled : .partiallyShipped
                let expected = order.unshipped.isEmpty ? .shipped : partly
                #expect(order.fulfillment == expected, "\(random)")
            }
            var sums: [String: Int64] = [:]
            for (sku, count, _) in wanted { sums[sku, default: 0] += count }
            for (sku, count) in order.shippedCounts { #expect(sums[sku.text] == count) }
            #expect(order.shippedCounts.count == sums.count, "\(random)")
        }
    }
}
