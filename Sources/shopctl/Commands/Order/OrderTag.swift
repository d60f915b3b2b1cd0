import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order tag`.
struct OrderTag: ShopCommand {
    static var name: String { "order tag" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Give an order words to find it by, or take them away",
            discussion: "`order list --tag` finds them, whatever their case. Customers do not see\n"
                + "them.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .values("add", "TAG", "Such as gift"),
                .values("remove", "TAG", "Nothing happens where the order does not have it"),
            ],
            examples: [.init("shopctl order tag ORD-1001 --add gift --remove late")],
            exitCodes: [.init(.notFound, "there is no such order")],
            mutates: true, permission: .needs(.editOrders), fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let added: [String]
    private let removed: [String]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        added = arguments.values("add")
        removed = arguments.values("remove")
        guard !added.isEmpty || !removed.isEmpty else { throw .noTags(number) }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let order = try shop.annotateOrder(number, adding: added, removing: removed)
        let tags = order.details.tags.joined(separator: ", ")
        return .mutation(
            tags.isEmpty
                ? "\(order.number) has no tags." : "\(order.number) has the tags \(tags).",
            next: ["shopctl order show \(order.number)"], ids: [order.number.description],
            OrderColumns.all, [order])
    }
}

extension ShopError {
    fileprivate static func noTags(_ number: OrderNumber) -> ShopError {
        ShopError(
            .usage, "no-tags", "nothing says which tags \(number) gets or loses",
            try: ["--add gift", "--remove late"])
    }
}
