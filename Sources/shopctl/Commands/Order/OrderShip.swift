import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order ship`.
struct OrderShip: ShopCommand {
    static var name: String { "order ship" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Ship an order, or a part of it",
            discussion: "Everything that has not left yet, or the items named; several shipments\n"
                + "may be needed to ship all of an order.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .values("item", "SKU=QTY", "What leaves; everything without")
                    .read(by: CountedItem.init(parsing:)),
                .value("carrier", "NAME", "Who carries it"),
                .value("tracking", "CODE", "The carrier's code"),
            ],
            examples: [
                .init("shopctl order ship ORD-1001 --carrier DHL --tracking 00340434"),
                .init("shopctl order ship ORD-1001 --item MUG-1=1", "the rest later"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such order"),
                .init(.conflict, "it is not placed, or shipped already"),
                .init(.refused, "an item is not on the order, or not so many are left to ship"),
            ],
            mutates: true, permission: .needs(.shipOrders), fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let items: [CountedItem]
    private let carrier: String?
    private let tracking: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        items = try arguments.values("item", CountedItem.init(parsing:))
        carrier = arguments.value("carrier")
        tracking = arguments.value("tracking")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let order = try shop.shipOrder(
            number, items.map(\.units), carrier: carrier, tracking: tracking)
        let left = order.unshipped.reduce(0) { $0 + $1.count }
        let shipped = order.shipments.last?.lines.reduce(0) { $0 + $1.count } ?? 0
        let next =
            if left > 0 {
                "shopctl order ship \(order.number)"
            } else if order.due.isZero {
                "shopctl order deliver \(order.number)"
            } else {
                "shopctl payment capture \(order.number) --method card"
            }
        return .mutation(
            "Shipped \(order.number): \(Words.units(shipped))"
                + (left > 0 ? ", \(left) left to ship." : "."), next: [next],
            ids: [order.number.description], OrderColumns.all, [order])
    }
}
