import Primitives
import ShopCore
import Users

/// `shopctl user show`.
struct UserShow: ShopCommand {
    static var name: String { "user show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show accounts",
            operand: .oneOrMore("EMAIL", "Such as ana@x.example")
                .read(by: EmailAddress.init(parsing:)),
            examples: [.init("shopctl user show ana@x.example")],
            exitCodes: [.init(.notFound, "there is no such account")],
            permission: .needs(.manageUsers, "everybody their own"),
            fields: UserColumns.all.headings())
    }

    private let emails: [EmailAddress]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        emails = try arguments.operands(EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .records(UserColumns.all, try shop.users(emails))
    }
}
