import Payments
import Primitives
import ShopCore
import Testing

extension ShopModelTests {
    /// Every figure of every record is what its entries come to, and what the naive model says.
    func explain(_ model: Model, _ shop: Shop, _ at: Comment) throws {
        for (sku, item) in model.items {
            let found = try shop.explainStock(try SKU(parsing: sku), all: item.onHand % 2 == 0)
            #expect(found.isProven, "\(sku), \(at)")
            #expect(found.figures.map(\.name) == ["onHand", "reserved", "available"])
            let figures = found.figures.map(\.shown)
            #expect(
                figures.map(Int.init) == [item.onHand, item.reserved, item.onHand - item.reserved])
            #expect(found.figures.map(\.sum) == figures, at)
        }
        var payments: Set<String> = []
        for (number, order) in model.orders {
            let found = try shop.explainOrder(OrderNumber(Int64(number)))
            #expect(found.isProven, "ORD-\(number): \(found), \(at)")
            func shown(_ name: String) -> Int {
                Int(found.figures.first { $0.name == name }?.shown ?? 0)
            }
            #expect(shown("total") == order.total && shown("captured") == order.captured, at)
            #expect(shown("refunded") == order.refunded, at)
            if order.status == "placed" { #expect(shown("due") == order.due, at) }
            #expect(found.states.first?.value == order.status, at)
            #expect(found.states.allSatisfy { !$0.because.isEmpty }, at)
            payments.formUnion(
                found.figures.flatMap(\.steps).compactMap(\.of).filter { $0.hasPrefix("PAY-") })
        }
        for payment in payments {
            let found = try shop.explainPayment(try PaymentNumber(parsing: payment))
            #expect(found.isProven && found.figures.allSatisfy { $0.sum == $0.shown }, at)
        }
    }
}
