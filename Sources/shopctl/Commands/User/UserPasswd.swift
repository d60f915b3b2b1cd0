import Primitives
import ShopCore
import Users

/// `shopctl user passwd`.
struct UserPasswd: ShopCommand {
    static var name: String { "user passwd" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Change your password",
            discussion:
                "Takes the old password and a new one, and no session: a temporary password is\n"
                + "changed before it is of any use. Every session and token of yours ends, but\n"
                + "for the session that the command is given in.",
            operand: .optional("EMAIL", "Who you are; else whoever is signed in")
                .read(by: EmailAddress.init(parsing:)),
            options: PasswordInput.optionsForTwo + [CodeInput.behindPassword],
            examples: [
                .init("shopctl user passwd"),
                .init("shopctl user passwd bo@shop.example", "after user reset"),
            ],
            exitCodes: [
                .init(.auth, "the old password is wrong, or was so too often"),
                .init(.refused, "the new password is too short, too common or was in use before"),
            ],
            mutates: true, permission: .anybody("whoever knows the password"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress?
    private let old: PasswordInput
    private let new: PasswordInput
    private let code: CodeInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.operands(EmailAddress.init(parsing:)).first
        old = try PasswordInput(arguments)
        new = try PasswordInput(arguments, file: "new-password-file")
        code = CodeInput(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let email: EmailAddress
        if let given = self.email { email = given } else { email = try shop.whoAmI().user.email }
        let secret = try old.read(context, prompt: "Old password: ")
        let newer = try new.read(context, isNew: true, prompt: "New password: ")
        let given = try code.readIfGiven(context)
        let user = try code.askingIfRequired(given, context) { (code) throws(ShopError) in
            try shop.changePassword(
                of: email, from: Array(secret.utf8), to: Array(newer.utf8), code: code)
        }
        return .mutation(
            "Changed the password of \(user.email).",
            next: ["shopctl user signin \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}
