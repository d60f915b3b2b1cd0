import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order place`.
struct OrderPlace: ShopCommand {
    static var name: String { "order place" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Make a draft binding and reserve its units",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            examples: [.init("shopctl order place ORD-1001")],
            exitCodes: [
                .init(.notFound, "there is no such order"),
                .init(.conflict, "it is no draft"),
                .init(.refused, "stock is short"),
            ],
            mutates: true, permission: .needs(.createOrders), fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let order = try shop.placeOrder(number)
        return .mutation(
            "Placed \(order.number): \(Words.units(order.units)), \(order.total).",
            next: ["shopctl payment capture \(order.number) --method card"],
            ids: [order.number.description], OrderColumns.all, [order])
    }
}
