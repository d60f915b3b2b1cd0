import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order deliver`.
struct OrderDeliver: ShopCommand {
    static var name: String { "order deliver" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Note that the customer has what was shipped",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .value("shipment", "N", "Only this one; all that are on their way without")
                    .read(by: Quantity.init(parsing:))
            ],
            examples: [.init("shopctl order deliver ORD-1001 --shipment 2")],
            exitCodes: [
                .init(.notFound, "there is no such order or shipment"),
                .init(.conflict, "nothing of it is on its way"),
            ],
            mutates: true, permission: .needs(.shipOrders), fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let shipment: Int?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        shipment = try arguments.value("shipment", Quantity.init(parsing:)).map { Int($0.count) }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let order = try shop.deliverOrder(number, shipment: shipment)
        return .mutation(
            "Delivered \(order.number): it is \(order.fulfillment.rawValue).",
            next: ["shopctl order show \(order.number)"], ids: [order.number.description],
            OrderColumns.all, [order])
    }
}
