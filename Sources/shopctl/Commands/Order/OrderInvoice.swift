import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order invoice`.
struct OrderInvoice: ShopCommand {
    static var name: String { "order invoice" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Issue the invoice of an order, or print it again",
            discussion:
                "An invoice gets the next number of one series without gaps, once, and is\n"
                + "kept as it was issued. Asked again, the same is printed. After something\n"
                + "was changed or came back, the difference is issued: a further invoice, or\n"
                + "below zero a credit note. `seller` in shop.json stands at its head.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [.switch("html", "A page to print or mail")],
            examples: [
                .init("shopctl order invoice ORD-1001"),
                .init("shopctl order invoice ORD-1001 --html -o invoice.html"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such order"),
                .init(.conflict, "it was never placed, or ended before it was invoiced"),
            ],
            mutates: true, permission: .needs(.editOrders), fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let isHTML: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        isHTML = arguments.has("html")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let order = try shop.invoiceOrder(number)
        guard !(context.settings.format?.isJSON ?? false), let last = order.details.invoices.last
        else { return .records(OrderColumns.all, [order]) }
        let paper = OrderPaper(last, of: order, in: context.zone(of: shop))
        return .text(isHTML ? paper.html : paper.text)
    }
}
