import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order expire`.
struct OrderExpire: ShopCommand {
    static var name: String { "order expire" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "End orders that nobody paid in time, and release what they reserved",
            discussion: "Placed orders of which nothing is paid and nothing has left. Without\n"
                + "--older-than the limit is reservationMinutes of shop.json; past that limit,\n"
                + "orders expire by themselves as soon as somebody else wants their units.",
            options: [
                .value("older-than", "AGE", "Placed longer ago than this: 90m, 12h, 3d")
                    .read(by: Age.init(parsing:))
            ],
            examples: [.init("shopctl order expire --older-than 3d --yes", "every night")],
            exitCodes: [.init(.cancelled, "the answer was no")],
            mutates: true, permission: .needs(.cancelOrders), confirmation: .yesOrNo,
            fields: OrderColumns.all.headings())
    }

    private let age: Age?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        age = try arguments.value("older-than", Age.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        func expire() throws(ShopError) -> [Order] {
            try shop.expireOrders(olderThan: age?.seconds).items
        }
        try context.confirm({ "Expire \($0.count) orders?" }, before: expire, in: shop)
        let orders = try expire()
        return .mutation(
            "Expired \(orders.count) orders.", next: ["shopctl order list --status expired"],
            ids: orders.map(\.number.description), OrderColumns.all, orders)
    }
}
