import Orders
import Primitives
import ShopCore

/// `shopctl order ship`.
struct OrderShip: ShopCommand {
    static var name: String { "order ship" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Ship everything of an order that has not left yet",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .value("carrier", "NAME", "Who carries it"),
                .value("tracking", "CODE", "The carrier's code"),
            ],
            examples: [.init("shopctl order ship ORD-1001 --carrier DHL --tracking 00340434")],
            exitCodes: [
                .init(.notFound, "there is no such order"),
                .init(.conflict, "it is not placed, or shipped already"),
            ],
            mutates: true, permission: "owner, manager, clerk", fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let carrier: String?
    private let tracking: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        carrier = arguments.value("carrier")
        tracking = arguments.value("tracking")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let order = try shop.shipOrder(number, carrier: carrier, tracking: tracking)
        let next =
            order.due.isZero
            ? "shopctl order show \(order.number)"
            : "shopctl payment capture \(order.number) --method card"
        return .mutation(
            "Shipped \(order.number): \(order.units) units.", next: [next],
            ids: [order.number.description], OrderColumns.all, [order])
    }
}
