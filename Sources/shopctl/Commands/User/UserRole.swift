import Primitives
import ShopCore
import Users

/// `shopctl user role`.
struct UserRole: ShopCommand {
    static var name: String { "user role" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Give somebody another role",
            operand: .one("EMAIL", "Who").read(by: EmailAddress.init(parsing:)),
            options: [
                .value("to", "ROLE", Role.optionHelp, required: true)
                    .read(by: Role.init(parsing:))
            ],
            examples: [.init("shopctl user role bo@shop.example --to manager")],
            exitCodes: [
                .init(.notFound, "there is no such account"),
                .init(.refused, "nobody would be left to own the shop"),
            ],
            mutates: true, permission: .needs(.manageUsers, "user.manage.owner for an owner"),
            confirmation: .yesOrNo, fields: UserColumns.all.headings())
    }

    private let email: EmailAddress
    private let role: Role

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        role = try arguments.required("to", Role.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let change = { () throws(ShopError) in try shop.setRole(role, of: email) }
        try context.confirm(
            { user in "Make \(user.email) a \(user.role.rawValue)?" }, before: change, in: shop)
        let user = try change()
        return .mutation(
            "\(user.email) is a \(user.role.rawValue) now.",
            next: ["shopctl user show \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}
