import Formats
import Orders
import Primitives
import TestSupport
import Testing

@Suite struct InvoiceTests {
    private func after(_ steps: String) throws -> Order {
        var order = try OrderSteps.order()
        for step in steps.split(separator: ",") { try OrderSteps.take(String(step), &order) }
        return order
    }

    private func invoice(_ order: inout Order, _ number: Int64 = 1001) throws -> Invoice? {
        try order.invoice(seller: "Mugs Ltd", by: "bo", at: OrderSteps.now) {
            InvoiceNumber(number)
        }
    }

    @Test("the first invoice says all of the order; asked again, there is none")
    func first() throws {
        var order = try after("place")
        let invoice = try #require(try invoice(&order))
        #expect(invoice.lines.map(\.quantity) == [2, 1] && invoice.total == 2_500)
        #expect(invoice.problem == nil && !invoice.isCreditNote)
        #expect(try self.invoice(&order) == nil && order.details.invoices.count == 1)
        #expect(try Order(json: order.json) == order)
    }

    @Test("what came back makes a credit note, an exchange says both of its sides")
    func later() throws {
        var order = try after("place, capture, ship")
        _ = try invoice(&order)
        try OrderSteps.take("return A=1", &order)
        let credit = try #require(try invoice(&order, 1002))
        #expect(credit.isCreditNote && credit.total == -1_000)
        #expect(credit.lines.map(\.quantity) == [-1])
        try OrderSteps.take("exchange B=1 C=2", &order)
        let both = try #require(try invoice(&order, 1003))
        #expect(both.lines.map(\.sku.text) == ["C", "B"])
        #expect(both.lines.map(\.quantity) == [2, -1] && both.total == 500)
    }

    @Test("an invoice that was issued does not change with its order")
    func kept() throws {
        var order = try after("place")
        let issued = try invoice(&order)
        try order.address(billTo: "Elsewhere", shipTo: nil)
        try OrderSteps.take("cancel", &order)
        let credit = try #require(try invoice(&order, 1002))
        #expect(order.details.invoices.first == issued)
        #expect(credit.total == -2_500 && credit.billTo == "Elsewhere")
    }

    private func taxed(_ order: Order) throws -> Order {
        try Order(
            order.number, customer: order.customer,
            lines: order.lines.map { $0.taxed(Money(minorUnits: 333, order.currency)) },
            shipping: Money(minorUnits: 490, order.currency), reference: nil, by: "ana",
            at: OrderSteps.now)
    }

    @Test("a draft is not invoiced, nor what ended before it was")
    func refused() throws {
        for steps in ["", "cancel", "place, cancel", "place, expire"] {
            var order = try after(steps)
            do {
                _ = try invoice(&order)
                Issue.record("\(steps): invoiced")
            } catch { #expect((error as? ShopError)?.code == "order-not-invoiceable") }
        }
    }

    @Test(
        "all documents together say what the customer keeps",
        arguments: 1...30 as ClosedRange<UInt64>)
    func sums(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var order = try OrderSteps.order()
        // Every other time with taxes that do not divide by the units.
        if seed % 2 == 0 { order = try taxed(order) }
        try OrderSteps.take("place", &order)
        var number: Int64 = 1000
        for _ in 0..<80 {
            let skus = ["A", "B", "C"]
            let unit = "\(random.one(of: skus))=\(random.number(1...3))"
            let kind = random.one(of: ["ship", "return", "cancel", "edit", "exchange", "capture"])
            let more = kind == "exchange" ? " \(random.one(of: skus))=1" : ""
            let line = kind == "capture" ? "capture" : "\(kind) \(unit)\(more)"
            var next = order
            do { try OrderSteps.take(line, &next) } catch { continue }
            order = next
            guard random.chance(1, in: 3) else { continue }
            if try invoice(&order, number + 1) != nil { number += 1 }
            let invoices = order.details.invoices
            #expect(invoices.allSatisfy { $0.problem == nil })
            #expect(
                invoices.reduce(0) { $0 + $1.total }
                    == order.total.minorUnits - order.returned.minorUnits, "\(random)")
            for (sku, count) in order.quantities {
                let invoiced = invoices.flatMap(\.lines).filter { $0.sku == sku }
                    .reduce(0) { $0 + $1.quantity }
                #expect(invoiced == count - (order.returnedCounts[sku] ?? 0), "\(random)")
            }
        }
        #expect(order.details.invoices.map(\.number.value) == Array(1001..<(number + 1)))
    }
}
