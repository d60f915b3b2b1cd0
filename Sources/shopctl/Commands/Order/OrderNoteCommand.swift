import Orders
import Payments
import Primitives
import ShopCore
import Users

/// `shopctl order note`.
struct OrderNoteCommand: ShopCommand {
    static var name: String { "order note" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Write something down about an order",
            discussion:
                "Notes are kept for good, of orders in any state. Customers do not see them.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .value("text", "TEXT", "The note, on one line", required: true)
                    .read(by: CardNumber.refused(in:))
            ],
            examples: [.init("shopctl order note ORD-1001 --text \"call before delivery\"")],
            exitCodes: [.init(.notFound, "there is no such order")],
            mutates: true, permission: .needs(.editOrders), fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let text: String

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        text = try arguments.required("text")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let order = try shop.annotateOrder(number, note: text)
        return .mutation(
            "Noted on \(order.number).", next: ["shopctl order history \(order.number)"],
            ids: [order.number.description], OrderColumns.all, [order])
    }
}
