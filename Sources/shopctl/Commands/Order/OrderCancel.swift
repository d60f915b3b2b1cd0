import Orders
import Primitives
import ShopCore

/// `shopctl order cancel`.
struct OrderCancel: ShopCommand {
    static var name: String { "order cancel" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Cancel an order and release what it reserved",
            discussion:
                "An order with captured money is cancelled only with --refund, or after its\n"
                + "payments are refunded.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .value("reason", "TEXT", "Why"),
                .switch("refund", "Give captured money back first"),
            ],
            examples: [.init("shopctl order cancel ORD-1001 --reason \"customer asked\" --yes")],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.notFound, "there is no such order"),
                .init(.conflict, "it is shipped, or its money is not refunded"),
            ],
            mutates: true, permission: "owner, manager, clerk; --refund: owner, manager",
            confirmation: .yesOrNo, fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let reason: String?
    private let isRefunding: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        reason = arguments.value("reason")
        isRefunding = arguments.has("refund")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
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
}
