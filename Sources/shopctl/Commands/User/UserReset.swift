import Primitives
import ShopCore
import Users

/// `shopctl user reset`.
struct UserReset: ShopCommand {
    static var name: String { "user reset" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Give somebody a temporary password, or a code to choose another one by",
            discussion:
                "A temporary password has to be changed with `user passwd` within 7 days, and is\n"
                + "good for nothing else. With --code the old password is of no use any more, and\n"
                + "a code for `user recover` is sent as by `user forgot`. Either way all sessions\n"
                + "and tokens end, and failed sign-ins are forgotten.",
            operand: .one("EMAIL", "Whose password").read(by: EmailAddress.init(parsing:)),
            options: [.switch("code", "Send a code in place of setting a password")]
                + PasswordInput.options,
            examples: [
                .init("shopctl user reset bo@shop.example --password-file temporary.txt"),
                .init("shopctl user reset bo@shop.example --code"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such account"),
                .init(.refused, "the password is too short, too common or was in use before"),
            ],
            mutates: true, permission: .needs(.manageUsers, "user.manage.owner for an owner"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress
    /// nil: a code is sent instead.
    private let password: PasswordInput?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        let isByCode = arguments.has("code")
        let isGiven = arguments.has("password-stdin") || arguments.value("password-file") != nil
        guard !isByCode || !isGiven else { throw .codeOrPassword }
        password = isByCode ? nil : try PasswordInput(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        guard let password else {
            let user = try shop.requireReset(of: email)
            return .mutation(
                "\(user.email) has to choose a password by the code that was sent.",
                next: ["shopctl user recover \(user.email)"], ids: [user.email.text],
                UserColumns.all, [user])
        }
        let secret = try password.read(context, isNew: true)
        let user = try shop.resetPassword(of: email, to: Array(secret.utf8))
        return .mutation(
            "\(user.email) has to choose a password now.",
            next: ["shopctl user passwd \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}

extension ShopError {
    fileprivate static var codeOrPassword: ShopError {
        ShopError(
            .usage, "code-or-password", "--code and a password cannot stand together", at: "--code",
            why: "the person chooses the password by the code")
    }
}
