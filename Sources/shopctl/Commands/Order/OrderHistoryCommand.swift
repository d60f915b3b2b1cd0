import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order history`.
struct OrderHistoryCommand: ShopCommand {
    static var name: String { "order history" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show what happened to an order, and who did it",
            discussion:
                "From its creation on: shipments, payments, returns, changes and notes. The\n"
                + "commands themselves are in `audit list --id`.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            examples: [.init("shopctl order history ORD-1001")],
            exitCodes: [.init(.notFound, "there is no such order")],
            permission: .needs(.readOrders), fields: OrderColumns.events.headings())
    }

    private let number: OrderNumber

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(OrderColumns.events, try shop.orderHistory(number))
    }
}
