import Primitives
import ShopCore
import Users

/// `shopctl user disable`.
struct UserDisable: ShopCommand {
    static var name: String { "user disable" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Keep somebody from signing in; what they did stays",
            operand: .one("EMAIL", "Who").read(by: EmailAddress.init(parsing:)),
            examples: [.init("shopctl user disable bo@shop.example")],
            exitCodes: [
                .init(.notFound, "there is no such account"),
                .init(.refused, "nobody would be left to own the shop"),
            ],
            mutates: true, permission: .needs(.manageUsers, "user.manage.owner for an owner"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let user = try shop.disableUser(email)
        return .mutation(
            "\(user.email) cannot sign in any more.",
            next: ["shopctl user enable \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}

/// `shopctl user enable`.
struct UserEnable: ShopCommand {
    static var name: String { "user enable" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Let somebody sign in again, at once",
            discussion: "Failed sign-ins are forgotten too, whether or not they were disabled.",
            operand: .one("EMAIL", "Who").read(by: EmailAddress.init(parsing:)),
            examples: [.init("shopctl user enable bo@shop.example")],
            exitCodes: [.init(.notFound, "there is no such account")],
            mutates: true, permission: .needs(.manageUsers, "user.manage.owner for an owner"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let user = try shop.enableUser(email)
        return .mutation(
            "\(user.email) can sign in.", next: ["shopctl user show \(user.email)"],
            ids: [user.email.text], UserColumns.all, [user])
    }
}
