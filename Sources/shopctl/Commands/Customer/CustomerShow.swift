import Primitives
import ShopCore
import Users

/// `shopctl customer show`.
struct CustomerShow: ShopCommand {
    static var name: String { "customer show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show customers with their orders",
            operand: .oneOrMore("EMAIL", "Such as ana@x.example")
                .read(by: EmailAddress.init(parsing:)),
            examples: [.init("shopctl customer show ana@x.example")],
            exitCodes: [.init(.notFound, "nobody of that address ordered or has an account")],
            permission: .needs(.readOrders), fields: CustomerRow.withOrders.headings())
    }

    private let emails: [EmailAddress]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        emails = try arguments.operands(EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var rows: [CustomerRow] = []
        for email in emails {
            let (customer, orders) = try shop.customer(email)
            rows.append(CustomerRow(customer: customer, currency: shop.currency, orders: orders))
        }
        return .records(CustomerRow.withOrders, rows)
    }
}
