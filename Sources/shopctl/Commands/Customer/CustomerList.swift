import Primitives
import ShopCore
import Users

/// `shopctl customer list`.
struct CustomerList: ShopCommand {
    static var name: String { "customer list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List who buys, with orders, spend and balance",
            discussion:
                "Customers with an account, and guests who are known by their orders. A balance\n"
                + "below zero is what the customer owes, above zero what is to be refunded.",
            options: [
                .switch("guests", "Only those without an account"),
                .switch("owing", "Only those who owe something"),
            ] + RowSelection.options,
            examples: [
                .init("shopctl customer list --sort=-spent --limit 10"),
                .init("shopctl customer list --owing"),
            ],
            permission: .needs(.readOrders), fields: CustomerRow.all.headings())
    }

    private let onlyGuests: Bool
    private let onlyOwing: Bool
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        onlyGuests = arguments.has("guests")
        onlyOwing = arguments.has("owing")
        rows = try RowSelection(arguments, among: CustomerRow.all.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(
            rows.listing(CustomerRow.all, whenEmpty: "No customers match.") {
                visit throws(ShopError) in
                for customer in try shop.customers() {
                    if onlyGuests, !customer.isGuest { continue }
                    if onlyOwing, customer.balance >= 0 { continue }
                    guard try visit(CustomerRow(customer: customer, currency: shop.currency))
                    else { return }
                }
            })
    }
}
