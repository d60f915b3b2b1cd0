import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order cancel`.
struct OrderCancel: ShopCommand {
    static var name: String { "order cancel" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Cancel an order, or a part of it, and release what was reserved",
            discussion:
                "An order with captured money is cancelled only with --refund, or after its\n"
                + "payments are refunded. --item takes units off an order that have not left yet.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .values("item", "SKU=QTY", "Only so many units of it")
                    .read(by: CountedItem.init(parsing:)),
                .recorded("reason", "TEXT", "Why"),
                .switch("refund", "Give captured money back first"),
            ],
            examples: [
                .init("shopctl order cancel ORD-1001 --reason \"customer asked\" --yes"),
                .init("shopctl order cancel ORD-1001 --item MUG-1=1 --refund --yes"),
            ],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.notFound, "there is no such order"),
                .init(.conflict, "it is shipped, or its money is not refunded"),
                .init(.refused, "an item is not on the order, or not so many are left to ship"),
            ],
            mutates: true, permission: .needs(.cancelOrders, "--refund: payment.refund"),
            confirmation: .yesOrNo, fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let items: [CountedItem]
    private let reason: String?
    private let isRefunding: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        items = try arguments.values("item", CountedItem.init(parsing:))
        reason = arguments.value("reason")
        isRefunding = arguments.has("refund")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        guard items.isEmpty else { return try cancelPart(in: shop, context) }
        let refund = isRefunding ? try shop.orders([number]).first?.paid : nil
        let money = refund.map { $0.isZero ? "" : " and refund \($0)" } ?? ""
        func cancel() throws(ShopError) -> Order {
            try shop.cancelOrder(number, reason: reason, refunding: isRefunding)
        }
        try context.confirm({ _ in "Cancel \(number)\(money)?" }, before: cancel, in: shop)
        let order = try cancel()
        return .mutation(
            "Cancelled \(order.number).", next: ["shopctl order show \(order.number)"],
            ids: [order.number.description], OrderColumns.all, [order])
    }

    private func cancelPart(
        in shop: Shop, _ context: CommandContext
    ) throws(ShopError) -> Report {
        let units = items.map(\.units)
        let before = try shop.orders([number]).first
        let money = isRefunding ? try before?.refundDue(cancelling: units) : nil
        func cancel() throws(ShopError) -> Order {
            try shop.cancelUnits(
                of: number, units, reason: reason, refunding: isRefunding)
        }
        let text =
            units.map { "\($0.count) of \($0.sku)" }.joined(separator: ", ")
            + " of \(number)"
        try context.confirm(
            { _ in
                "Cancel \(text)" + (money.map { $0.isZero ? "" : " and refund \($0)" } ?? "") + "?"
            }, before: cancel, in: shop)
        let order = try cancel()
        let next =
            order.due.isZero
            ? "shopctl order show \(order.number)"
            : "shopctl payment capture \(order.number) --method card"
        return .mutation(
            "Cancelled \(text): the total is \(order.total).", next: [next],
            ids: [order.number.description], OrderColumns.all, [order])
    }
}
