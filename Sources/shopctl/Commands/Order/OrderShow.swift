import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order show`.
struct OrderShow: ShopCommand {
    static var name: String { "order show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show orders whole",
            operand: .oneOrMore("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .switch("explain", "Show every step from the lines to the total instead")
            ],
            examples: [
                .init("shopctl order show ORD-1001"),
                .init("shopctl order show ORD-1001 --explain", "where every cent comes from"),
            ],
            exitCodes: [.init(.notFound, "there is no such order, or it is not yours")],
            permission: .needs(.readOwnOrders, "of customers their own"),
            fields: OrderColumns.all.headings())
    }

    private let numbers: [OrderNumber]
    private let explains: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        numbers = try arguments.operands(OrderNumber.init(parsing:))
        explains = arguments.has("explain")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let orders = try shop.orders(numbers)
        guard explains else { return .records(OrderColumns.all, orders) }
        let steps = orders.flatMap { order in
            order.priceSteps().map { PriceColumns.Step(order: order.number, step: $0) }
        }
        return .list(PriceColumns.steps, steps)
    }
}
