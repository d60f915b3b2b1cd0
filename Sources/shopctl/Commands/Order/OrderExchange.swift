import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order exchange`.
struct OrderExchange: ShopCommand {
    static var name: String { "order exchange" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take units back and send others in their place",
            discussion:
                "A return and new items in one step: the new ones are reserved, to be shipped as\n"
                + "any others. No money moves: the answer names the difference that is due or to\n"
                + "be refunded.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .values("item", "SKU=QTY", "What comes back", required: true)
                    .read(by: CountedItem.init(parsing:)),
                .values("for", "SKU=QTY[@PRICE]", "What is sent instead", required: true)
                    .read(by: OrderedItem.init(parsing:)),
            ] + OrderReturn.Outcome.options + [.recorded("reason", "TEXT", "Why")],
            examples: [
                .init("shopctl order exchange ORD-1001 --item TEE-S=1 --for TEE-M=1 --restock"),
                .init(
                    "shopctl order exchange ORD-1001 --item CUP-2=1 --for CUP-2=1 --write-off "
                        + "--reason broken", "the same again"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such order or product"),
                .init(.conflict, "nothing of it is out"),
                .init(.refused, "stock is short, or not so many are out"),
            ],
            mutates: true, permission: .needs(.editOrders), fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let items: [CountedItem]
    private let replacements: [OrderedItem]
    private let outcome: OrderReturn.Outcome
    private let reason: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        items = try arguments.values("item", CountedItem.init(parsing:))
        replacements = try arguments.values("for", OrderedItem.init(parsing:))
        outcome = try OrderReturn.Outcome(arguments)
        reason = arguments.value("reason")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let order = try shop.exchangeUnits(
            of: number, items.map(\.units), outcome, for: try shop.requests(replacements, "for"),
            reason: reason)
        let next =
            order.due.isZero && order.overpaid.isZero
            ? "shopctl order ship \(order.number)" : order.nextForMoney
        return .mutation(
            "Exchanged on \(order.number): the total is \(order.total)\(order.settlement).",
            next: [next], ids: [order.number.description], OrderColumns.all, [order])
    }
}
