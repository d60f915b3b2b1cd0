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
            examples: [.init("shopctl order show ORD-1001")],
            exitCodes: [.init(.notFound, "there is no such order, or it is not yours")],
            permission: .needs(.readOwnOrders, "of customers their own"),
            fields: OrderColumns.all.headings())
    }

    private let numbers: [OrderNumber]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        numbers = try arguments.operands(OrderNumber.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .records(OrderColumns.all, try shop.orders(numbers))
    }
}
