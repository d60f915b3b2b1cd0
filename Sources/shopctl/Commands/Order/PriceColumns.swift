import Orders
import Primitives

/// The columns of what an order's price is made of.
enum PriceColumns {
    static let discounts: [Column<(OrderDiscount, Currency)>] = [
        .text("kind") { $0.0.kind.rawValue },
        .text("name") { $0.0.name },
        .text("percent") { $0.0.percent?.text },
        .integer("units") { $0.0.units },
        .money("amount") { Money(minorUnits: $0.0.amount, $0.1) },
    ]

    static let taxes: [Column<(OrderTax, Currency)>] = [
        .text("name") { $0.0.name },
        .text("rate") { $0.0.rate.text },
        .text("taxClass") { $0.0.taxClass?.text },
        .bool("compound") { $0.0.isCompound ? true : nil },
        .money("amount") { Money(minorUnits: $0.0.amount, $0.1) },
    ]

    static let shares: [Column<(PriceShare, Currency)>] = [
        .integer("of") { Int64($0.0.of) },
        .money("amount") { Money(minorUnits: $0.0.amount, $0.1) },
    ]

    /// A step of an order's price, with the order that it is of.
    struct Step: Sendable {
        let order: OrderNumber
        let step: PriceStep
    }

    static let steps: [Column<Step>] = [
        .text("order") { $0.order.description },
        .text("step") { $0.step.what },
        .text("on") { $0.step.on },
        .text("how") { $0.step.how },
        .text("exact") { $0.step.exact },
        .money("amount") { $0.step.amount },
    ]
}
