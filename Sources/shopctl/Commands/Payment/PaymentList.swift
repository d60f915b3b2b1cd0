import Payments
import Primitives
import ShopCore
import Users

/// `shopctl payment list`.
struct PaymentList: ShopCommand {
    static var name: String { "payment list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List payments, newest first",
            options: [
                .value("order", "ORDER", "Only of this order").read(by: OrderNumber.init(parsing:)),
                .value(
                    "method", "METHOD", "Only by this method",
                    choices: PaymentMethod.allCases.map(\.rawValue)),
                .value(
                    "status", "STATUS", "Only these",
                    choices: PaymentStatus.allCases.map(\.rawValue)),
            ] + RowSelection.options,
            examples: [.init("shopctl payment list --order ORD-1001")],
            exitCodes: [.init(.notFound, "there is no such order")],
            permission: .needs(.readPayments), fields: PaymentColumns.all.headings())
    }

    private var filter = Shop.PaymentFilter()
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        filter.order = try arguments.value("order", OrderNumber.init(parsing:))
        filter.method = arguments.value("method").flatMap(PaymentMethod.init(rawValue:))
        filter.status = arguments.value("status").flatMap(PaymentStatus.init(rawValue:))
        rows = try RowSelection(arguments, among: PaymentColumns.all.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let filter = filter
        return .list(
            rows.listing(PaymentColumns.all, whenEmpty: "No payments match.") {
                visit throws(ShopError) in
                try shop.eachPayment(filter, visit)
            })
    }
}
