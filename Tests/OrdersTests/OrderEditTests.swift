import Orders
import Primitives
import TestSupport
import Testing

@Suite struct OrderEditTests {
    private func after(_ steps: String) throws -> Order {
        var order = try OrderSteps.order()
        for step in steps.split(separator: ",") { try OrderSteps.take(String(step), &order) }
        return order
    }

    private func refusal(_ order: Order, _ step: String) throws -> ShopError? {
        var order = order
        do { try OrderSteps.take(step, &order) } catch let error as ShopError { return error }
        return nil
    }

    @Test("a draft is edited freely and keeps no account of it")
    func draft() throws {
        let order = try after("edit A=1 C=4")
        #expect(order.quantities.map(\.sku.text) == ["A", "B", "C"])
        #expect(order.quantities.map(\.count) == [1, 1, 4])
        #expect(order.total.minorUnits == 3_500 && order.changes.isEmpty)
    }

    @Test("an edit of a placed order says by whom what was changed, and what it comes to")
    func placed() throws {
        let order = try after("place, capture, edit A=3 B=0 C=1")
        let change = try #require(order.changes.last)
        #expect(change.kind == .edit && change.by == "bo" && change.amount == 1_000)
        #expect(change.lines.map(\.sku.text) == ["A", "C", "B"])
        #expect(change.lines.map(\.count) == [1, 1, -1])
        #expect(order.due.minorUnits == 1_000 && order.payment == .partiallyCaptured)
    }

    @Test("what left before keeps its price, however much is put on and taken off")
    func pricesOfWhatLeft() throws {
        var order = try OrderSteps.order([("A", 2, 700)])
        for step in ["place", "ship A=1", "edit A=4", "edit A=3", "return A=1"] {
            try OrderSteps.take(step, &order)
        }
        #expect(order.lines.map(\.quantity) == [2, 1])
        #expect(order.lines.map(\.unitPrice.minorUnits) == [700, 1_000])
        #expect(order.returned.minorUnits == 700)
    }

    @Test("an even exchange moves no money, whatever was refunded out of kindness before")
    func evenExchange() throws {
        let before = try after("place, capture, ship, refund 300")
        var order = before
        try OrderSteps.take("exchange B=1 C=1", &order)
        #expect(order.due.isZero && order.overpaid.isZero && order.status == .placed)
        #expect(order.completedAt == nil && order.unshipped.map(\.count) == [1])
        #expect(order.changes.last?.kind == .exchange && order.returns.count == 1)
        try OrderSteps.take("ship", &order)
        #expect(order.status == .completed)
    }

    @Test("money beyond the new total refuses an edit, and the refusal says how much")
    func hasPayment() throws {
        let error = try refusal(after("place, capture"), "edit A=1")
        #expect(error?.code == "order-has-payment" && error?.details.first?.value == "10.00")
        #expect(try refusal(after("place, capture, refund 1000"), "edit A=1") == nil)
        // What is overpaid already by a return is not asked for again.
        #expect(try refusal(after("place, capture, ship A=2, return A=1"), "edit B=3") == nil)
    }

    @Test("a placed order stays with its customer; a draft may still be for somebody else")
    func customer() throws {
        let bo = try EmailAddress(parsing: "bo@x.example")
        var order = try after("")
        try order.rename(customer: bo, reference: "WEB-1")
        #expect(order.customer == bo && order.reference == "WEB-1")
        var placed = try after("place")
        #expect(throws: ShopError.self) { try placed.rename(customer: bo, reference: nil) }
        try placed.rename(customer: placed.customer, reference: "")
        #expect(placed.reference == nil)
    }

    /// What the documentation of `noteCredit` says, after random steps of all kinds.
    @Test(
        "owed less kindness is paid plus due less overpaid",
        arguments: 1...40 as ClosedRange<UInt64>)
    func ledger(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var order = try after("place")
        var taken = 0
        for step in 0..<120 {
            let before = order
            let skus = ["A", "B", "C"]
            let unit = "\(random.one(of: skus))=\(random.number(1...3))"
            let kinds = ["ship", "return", "cancel", "edit", "exchange", "capture", "refund"]
            let kind = random.one(of: kinds)
            let line =
                switch kind {
                case "capture", "refund": "\(kind) \(random.number(1...1_500))"
                case "exchange": "exchange \(unit) \(random.one(of: skus))=\(random.number(1...2))"
                default: "\(kind) \(unit)"
                }
            if try refusal(order, line) != nil { continue }
            try OrderSteps.take(line, &order)
            taken += 1
            let at: Comment = "\(random), step \(step): \(line)"
            let owed = order.total.minorUnits - order.returned.minorUnits
            let kindness = order.refunded.minorUnits - order.credited.minorUnits
            let (due, over) = (order.due.minorUnits, order.overpaid.minorUnits)
            #expect(owed - kindness == order.paid.minorUnits + due - over, at)
            #expect(due == 0 || over == 0, at)
            #expect(0...order.refunded.minorUnits ~= order.credited.minorUnits, at)
            #expect(order.credits.starts(with: before.credits), at)
            if ["refund", "return", "cancel"].contains(kind) {
                #expect(order.due <= before.due, at)
            }
            let raised = owed - (before.total.minorUnits - before.returned.minorUnits)
            if raised > 0 {
                let rise = max(0, raised - before.overpaid.minorUnits)
                #expect(due - before.due.minorUnits == rise, at)
            }
            // Whoever settles what is said to be due or overpaid is even.
            var settled = order
            if due > 0 { try OrderSteps.take("capture", &settled) }
            if over > 0 { try OrderSteps.take("refund \(over)", &settled) }
            #expect(settled.due.isZero && settled.overpaid.isZero, at)
        }
        #expect(taken > 20)
    }
}
