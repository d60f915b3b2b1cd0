import Primitives
import ShopCore
import Users

/// `shopctl user signup`.
struct UserSignup: ShopCommand {
    static var name: String { "user signup" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Make an account",
            discussion:
                "The first account of a shop is its owner's. From then on anybody may sign\n"
                + "up as a customer, and owners and managers make the other accounts.",
            operand: .one("EMAIL", "Who it is for").read(by: EmailAddress.init(parsing:)),
            options: ProfileOptions.all + [
                .value(
                    "role", "ROLE", Role.optionHelp,
                    default: "owner for the first account, else customer"
                ).read(by: Role.init(parsing:)),
                .switch("temporary", "The password is good for choosing another one only"),
            ] + PasswordInput.options,
            examples: [
                .init("shopctl user signup you@shop.example"),
                .init(
                    "shopctl user signup bo@shop.example --role clerk --temporary"
                        + " --password-file bo.txt"),
            ],
            exitCodes: [
                .init(.conflict, "there is an account with this address"),
                .init(.refused, "the password is too short or too common"),
                .init(.noPermission, "the role may not be given by you"),
            ],
            mutates: true,
            permission: .anybody(
                "anybody as a customer; other roles: user.manage, user.manage.owner"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress
    private let profile: ProfileEdit
    private let role: Role?
    private let isTemporary: Bool
    private let password: PasswordInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        profile = try ProfileOptions.edit(arguments)
        role = try arguments.value("role", Role.init(parsing:))
        isTemporary = arguments.has("temporary")
        password = try PasswordInput(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let secret = try password.read(context, isNew: true)
        var request = Shop.SignupRequest(email: email, password: Array(secret.utf8))
        request.profile = profile
        request.role = role
        request.isTemporary = isTemporary
        let user = try shop.signUp(request)
        return .mutation(
            "Signed up \(user.email) as \(user.role.rawValue).",
            next: ["shopctl user signin \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}
