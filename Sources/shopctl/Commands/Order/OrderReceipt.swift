import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order receipt`.
struct OrderReceipt: ShopCommand {
    static var name: String { "order receipt" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Print what was bought and paid",
            discussion:
                "As it stands now; a receipt has no number. `seller` in shop.json stands at its\n"
                + "head.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [.switch("html", "A page to print or mail")],
            examples: [
                .init("shopctl order receipt ORD-1001"),
                .init("shopctl order receipt ORD-1001 --html -o receipt.html"),
            ],
            exitCodes: [.init(.notFound, "there is no such order, or it is not yours")],
            permission: .needs(.readOwnOrders, "of customers their own"),
            fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let isHTML: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        isHTML = arguments.has("html")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let (order, payments) = try shop.orderWithPayments(number)
        let paper = OrderPaper(
            receiptOf: order, payments, seller: shop.settings.seller, in: context.zone(of: shop))
        return .text(isHTML ? paper.html : paper.text)
    }
}
