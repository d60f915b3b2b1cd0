import Primitives
import ShopCore
import Users

/// `shopctl user delete`.
struct UserDelete: ShopCommand {
    static var name: String { "user delete" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take an account away, or with --erase a person out of the records",
            discussion:
                "Sessions, tokens and codes go with the account; orders stay, under the address.\n"
                + "With --erase a pseudonym takes the place of the address wherever it stands, be\n"
                + "there an account or not, and postal addresses, names and notes on the person's\n"
                + "orders go. What was sold and paid, when, and for how much, stays. The journal\n"
                + "and older files hold what was before: see docs/security.md.",
            operand: .one("EMAIL", "Who").read(by: EmailAddress.init(parsing:)),
            options: [.switch("erase", "Take the person out of orders and all other records too")],
            examples: [
                .init("shopctl user delete bo@shop.example"),
                .init("shopctl user delete ana@x.example --erase", "who asked to be forgotten"),
            ],
            exitCodes: [
                .init(.cancelled, "the address was not typed"),
                .init(.notFound, "there is no such account, or with --erase no such person"),
                .init(.conflict, "with --erase: the person has open orders"),
                .init(.refused, "nobody would be left to own the shop"),
            ],
            mutates: true, permission: .needs(.manageUsers, "user.manage.owner for an owner"),
            confirmation: .typedID, fields: columns.headings())
    }

    static let columns: [Column<Shop.Deletion>] = [
        .text("email", "E-MAIL") { $0.email.text },
        .text("pseudonym") { $0.pseudonym?.text },
        .integer("records") { $0.pseudonym == nil ? nil : $0.records },
    ]

    private let email: EmailAddress
    private let erases: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        erases = arguments.has("erase")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let delete = { () throws(ShopError) in
            erases ? try shop.erasePerson(email) : try shop.deleteUser(email)
        }
        try context.confirm(
            {
                $0.pseudonym == nil
                    ? "This deletes the account \(email) for good."
                    : "This takes \(email) out of \($0.records) records for good."
            },
            typing: email.text, before: delete, in: shop)
        let deletion = try delete()
        return .mutation(
            deletion.pseudonym.map {
                "\(email) is \($0) in \(deletion.records) records from now on."
            } ?? "Deleted \(email).",
            next: ["shopctl audit list --id \(email)"], ids: [email.text], Self.columns, [deletion])
    }
}
