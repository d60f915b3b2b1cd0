import Orders
import Primitives
import ShopCore
import Users

/// A customer as lists show them, with the orders that `customer show` names.
struct CustomerRow: Sendable {
    let customer: Customer
    let currency: Currency
    var orders: [Order] = []

    /// The columns of lists.
    static let all: [Column<CustomerRow>] = [
        .text("email", "E-MAIL") { $0.customer.email.text },
        .text("name", mayBeCut: true) { $0.customer.account?.name },
        .bool("guest") { $0.customer.isGuest },
        .integer("orders") { $0.customer.orders },
        .money("spent") { Money(minorUnits: $0.customer.spent, $0.currency) },
        .money("balance") { Money(minorUnits: $0.customer.balance, $0.currency) },
        .time("lastOrderAt") { $0.customer.lastOrderAt },
    ]

    static let withOrders = all + [.rows("history", history) { $0.orders }]

    private static let history: [Column<Order>] = [
        .text("number") { $0.number.description },
        .text("status") { $0.status.rawValue },
        .text("payment") { $0.payment.rawValue },
        .text("fulfillment") { $0.fulfillment.rawValue },
        .money("total") { $0.total },
        .money("due") { $0.due },
        .time("createdAt") { $0.createdAt },
    ]
}
