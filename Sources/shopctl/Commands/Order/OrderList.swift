import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order list`.
struct OrderList: ShopCommand {
    static var name: String { "order list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List orders, newest first",
            discussion: "Customers see their own orders only.",
            options: [
                .value(
                    "status", "STATUS", "Only these",
                    choices: OrderStatus.allCases.map(\.rawValue)),
                .value("customer", "EMAIL", "Only of this customer")
                    .read(by: EmailAddress.init(parsing:)),
                .value("tag", "TAG", "Only with this tag"),
            ] + Period.options + RowSelection.options,
            examples: [
                .init("shopctl order list --status placed"),
                .init("shopctl order list --customer ana@x.example --limit 5"),
                .init("shopctl order list --tag gift --status placed"),
            ],
            permission: .needs(.readOwnOrders, "of customers their own"),
            fields: OrderColumns.all.headings())
    }

    private var filter = Shop.OrderFilter()
    private let period: Period
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        filter.status = arguments.value("status").flatMap(OrderStatus.init(rawValue:))
        filter.customer = try arguments.value("customer", EmailAddress.init(parsing:))
        filter.tag = arguments.value("tag")
        period = try Period(arguments)
        rows = try RowSelection(arguments, among: OrderColumns.all.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var filter = filter
        (filter.from, filter.to) = period.counted(from: context.environment.clock)
            .times(in: context.zone(of: shop))
        let wanted = filter
        return .list(
            rows.listing(OrderColumns.all, whenEmpty: "No orders match.") {
                visit throws(ShopError) in
                try shop.eachOrder(wanted, visit)
            })
    }
}
