import Orders
import Primitives
import ShopCore

/// `shopctl order list`.
struct OrderList: ShopCommand {
    static var name: String { "order list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List orders, newest first",
            discussion: "Customers see their own orders only.",
            options: [
                .value(
                    "status", "STATUS", "Only these", choices: OrderStatus.allCases.map(\.rawValue)),
                .value("customer", "EMAIL", "Only of this customer")
                    .read(by: EmailAddress.init(parsing:)),
            ] + Period.options + [
                .value("limit", short: "L", "N", "At most N rows").read(by: ArgumentValues.count)
            ],
            examples: [
                .init("shopctl order list --status placed"),
                .init("shopctl order list --customer ana@x.example --limit 5"),
            ],
            permission: "owner, manager, clerk; customers their own",
            fields: OrderColumns.all.headings())
    }

    private var filter = Shop.OrderFilter()
    private let period: Period
    private let limit: Int?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        filter.status = arguments.value("status").flatMap(OrderStatus.init(rawValue:))
        filter.customer = try arguments.value("customer", EmailAddress.init(parsing:))
        period = try Period(arguments)
        limit = try arguments.value("limit", ArgumentValues.count)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var filter = filter
        (filter.from, filter.to) = period.times(in: context.zone(of: shop))
        let (wanted, limit) = (filter, limit)
        return .list(
            .limited(OrderColumns.all, to: limit, whenEmpty: "No orders match.") {
                visit throws(ShopError) in
                try shop.eachOrder(wanted, visit)
            })
    }
}
