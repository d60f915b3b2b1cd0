import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order return`.
struct OrderReturnCommand: ShopCommand {
    static var name: String { "order return" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take back units that had left",
            discussion: "Says of each unit what becomes of it: back on the shelf, or written off.\n"
                + "No money moves: the answer names the refund that is due.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .values("item", "SKU=QTY", "What came back", required: true)
                    .read(by: CountedItem.init(parsing:))
            ] + OrderReturn.Outcome.options + [
                .recorded("reason", "TEXT", "Why")
            ],
            examples: [
                .init("shopctl order return ORD-1001 --item MUG-1=1 --restock"),
                .init("shopctl order return ORD-1001 --item CUP-2=1 --write-off --reason broken"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such order"),
                .init(.conflict, "nothing of it is out"),
                .init(.refused, "an item is not on the order, or not so many are out"),
            ],
            mutates: true, permission: .needs(.shipOrders), fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let items: [CountedItem]
    private let outcome: OrderReturn.Outcome
    private let reason: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        items = try arguments.values("item", CountedItem.init(parsing:))
        outcome = try OrderReturn.Outcome(arguments)
        reason = arguments.value("reason")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let order = try shop.returnUnits(
            of: number, items.map(\.units), outcome, reason: reason)
        let units = order.returns.last?.lines.reduce(0) { $0 + $1.count } ?? 0
        let next =
            order.overpaid.isZero
            ? "shopctl order show \(order.number)"
            : "shopctl payment refund \(order.number) --amount \(order.overpaid.decimalText)"
        return .mutation(
            "Took back \(Words.units(units)) of \(order.number)"
                + (order.overpaid.isZero ? "." : "; \(order.overpaid) are to be refunded."),
            next: [next], ids: [order.number.description], OrderColumns.all, [order])
    }
}

/// `--restock` or `--write-off`, one of the two.
extension OrderReturn.Outcome {
    static let options: [OptionSpec] = [
        .switch("restock", "It goes back on the shelf"),
        .switch("write-off", "It cannot be sold again"),
    ]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        guard arguments.has("restock") != arguments.has("write-off") else {
            throw .restockOrWriteOff
        }
        self = arguments.has("restock") ? .restock : .writeOff
    }
}

extension ShopError {
    static var restockOrWriteOff: ShopError {
        ShopError(
            .usage, "restock-or-write-off",
            "say what becomes of it: --restock or --write-off, one of the two",
            try: ["--restock", "--write-off"])
    }
}
