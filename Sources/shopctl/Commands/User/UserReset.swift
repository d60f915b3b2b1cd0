import Primitives
import ShopCore
import Users

/// `shopctl user reset`.
struct UserReset: ShopCommand {
    static var name: String { "user reset" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Give somebody a temporary password",
            discussion:
                "The person has to change it with `user passwd` within 7 days, and can do nothing\n"
                + "else with it. All their sessions and tokens end, and failed sign-ins are\n"
                + "forgotten.",
            operand: .one("EMAIL", "Whose password").read(by: EmailAddress.init(parsing:)),
            options: PasswordInput.options,
            examples: [.init("shopctl user reset bo@shop.example --password-file temporary.txt")],
            exitCodes: [
                .init(.notFound, "there is no such account"),
                .init(.refused, "the password is too short, too common or was in use before"),
            ],
            mutates: true, permission: .needs(.manageUsers, "user.manage.owner for an owner"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress
    private let password: PasswordInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        password = try PasswordInput(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let secret = try password.read(context, isNew: true)
        let user = try shop.resetPassword(of: email, to: Array(secret.utf8))
        return .mutation(
            "\(user.email) has to choose a password now.",
            next: ["shopctl user passwd \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}
