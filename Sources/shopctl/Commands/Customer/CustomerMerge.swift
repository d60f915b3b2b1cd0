import Orders
import Primitives
import ShopCore
import Users

/// `shopctl customer merge`.
struct CustomerMerge: ShopCommand {
    static var name: String { "customer merge" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Put the orders of a guest into an account",
            discussion:
                "All of them at once; their numbers stay as they are. Who has the account sees\n"
                + "them from then on, so be sure that both are the same person.",
            operand: .one("EMAIL", "The guest's, such as ana.soto@x.example")
                .read(by: EmailAddress.init(parsing:)),
            options: [
                .value("into", "EMAIL", "The account's", required: true)
                    .read(by: EmailAddress.init(parsing:))
            ],
            examples: [
                .init("shopctl customer merge ana.soto@x.example --into ana@x.example --yes")
            ],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.notFound, "the guest has no orders, or there is no such account"),
                .init(.conflict, "the guest has an account"),
            ],
            mutates: true, permission: .needs(.manageUsers), confirmation: .yesOrNo,
            fields: OrderColumns.all.headings())
    }

    private let guest: EmailAddress
    private let account: EmailAddress

    init(_ arguments: ParsedArguments) throws(ShopError) {
        guest = try arguments.firstOperand(EmailAddress.init(parsing:))
        account = try arguments.required("into", EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        func merge() throws(ShopError) -> [Order] {
            try shop.mergeCustomer(guest, into: account).items
        }
        try context.confirm(
            { "Give \(account) the \($0.count) orders of \(guest)?" }, before: merge, in: shop)
        let orders = try merge()
        return .mutation(
            "\(account) has \(orders.count) orders more.",
            next: ["shopctl customer show \(account)"], ids: orders.map(\.number.description),
            OrderColumns.all, orders)
    }
}
