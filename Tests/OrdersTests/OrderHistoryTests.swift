import Orders
import Primitives
import Testing

/// Orders that are told of and not made here.
@Suite struct OrderHistoryTests {
    static let time = Timestamp(millisecondsSinceEpoch: 1_790_000_000_000)

    func money(_ units: Int64) throws -> Money {
        Money(minorUnits: units, try .init(parsing: "EUR"))
    }

    func history(_ status: OrderStatus, _ prices: [Int64]) throws -> OrderHistory {
        var history = OrderHistory(customer: try .init(parsing: "a@x.example"), status: status)
        for (index, price) in prices.enumerated() {
            history.lines.append(
                try LineItem(
                    try SKU(parsing: "S-\(index)"), named: "Thing", try Quantity(1),
                    at: try money(price)))
        }
        if status != .draft { history.placedAt = Self.time }
        return history
    }

    func order(_ history: OrderHistory) throws -> Order {
        try Order(OrderNumber(7), history, by: "me", at: Self.time)
    }

    func code(_ history: OrderHistory) -> String? {
        do {
            _ = try order(history)
            return nil
        } catch { return (error as? ShopError)?.code }
    }

    @Test("tax of the order is spread over its lines to the last cent")
    func tax() throws {
        var history = try history(.placed, [100, 100, 100])
        history.tax = try money(100)
        let order = try order(history)
        #expect(order.lines.map(\.tax.minorUnits) == [34, 33, 33])
        #expect(order.total == (try money(400)))
    }

    @Test("a completed order is shipped whole, a placed one not at all")
    func shipments() throws {
        let done = try order(try history(.completed, [100, 50]))
        #expect(done.fulfillment == .shipped && done.unshipped.isEmpty)
        let open = try order(try history(.placed, [100, 50]))
        #expect(open.fulfillment == .unfulfilled && open.unshipped.count == 2)
    }

    @Test("what could not have happened is refused")
    func impossible() throws {
        var wrong = try history(.placed, [100])
        wrong.total = try money(101)
        #expect(code(wrong) == "total-mismatch")
        var unplaced = try history(.completed, [100])
        unplaced.placedAt = nil
        #expect(code(unplaced) == "impossible-history")
        var over = try history(.completed, [100])
        over.captured = try money(101)
        #expect(code(over) == "impossible-history")
        var kept = try history(.cancelled, [100])
        kept.captured = try money(100)
        #expect(code(kept) == "impossible-history")
        kept.refunded = try money(100)
        #expect(code(kept) == nil)
        var shipped = try history(.placed, [100])
        shipped.shipments = [
            Shipment(
                number: 1, at: Self.time, by: "me", carrier: nil, tracking: nil,
                lines: [.init(sku: try SKU(parsing: "S-0"), count: 2)])
        ]
        #expect(code(shipped) == "impossible-history")
        var draft = try history(.draft, [100])
        draft.captured = try money(1)
        #expect(code(draft) == "impossible-history")
    }
}
