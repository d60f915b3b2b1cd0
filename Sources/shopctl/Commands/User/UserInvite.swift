import Primitives
import ShopCore
import Users

/// `shopctl user invite`.
struct UserInvite: ShopCommand {
    static var name: String { "user invite" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Make an account for somebody who chooses the password by a code",
            discussion:
                "The code is put into outbox/ of the data directory, for a program of the shop's\n"
                + "to deliver, and is good for 7 days. An invitation not accepted yet can\n"
                + "be repeated, with another role too.",
            operand: .one("EMAIL", "Who").read(by: EmailAddress.init(parsing:)),
            options: [
                .value(
                    "role", "ROLE", "What they may do", required: true,
                    choices: Role.allCases.map(\.rawValue)),
                .value("name", "TEXT", "The person's name"),
            ],
            examples: [.init("shopctl user invite bo@shop.example --role clerk")],
            exitCodes: [
                .init(.conflict, "there is an account with this address"),
                .init(.refused, "a code was sent a moment ago, or five within the hour"),
            ],
            mutates: true, permission: .needs(.manageUsers, "user.manage.owner for an owner"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress
    private let role: Role
    private let fullName: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        role = try arguments.required("role", Role.init(parsing:))
        fullName = arguments.value("name")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let user = try shop.inviteUser(email, name: fullName, as: role)
        return .mutation(
            "Invited \(user.email) as \(user.role.rawValue).",
            next: ["shopctl user show \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}

/// `shopctl user accept`.
struct UserAccept: ShopCommand {
    static var name: String { "user accept" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Accept an invitation: choose a password with the code that was sent",
            operand: .one("EMAIL", "Your address").read(by: EmailAddress.init(parsing:)),
            options: CodeInput.options + [
                .value("password-file", "FILE", "Read the password from FILE")
            ],
            examples: [.init("shopctl user accept bo@shop.example")],
            exitCodes: [
                .init(.auth, "the code is wrong, was used already or is too old"),
                .init(.refused, "the password is too short or too common"),
            ],
            mutates: true, permission: .anybody("whoever has the code"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress
    private let code: CodeInput
    private let password: PasswordInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        code = CodeInput(arguments)
        password = try PasswordInput(arguments, orInput: CodeInput.standardInput)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let code = try code.read(context)
        let secret = try password.read(context, isNew: true, prompt: "New password: ")
        let user = try shop.choosePassword(
            of: email, by: .invite, code: code, to: Array(secret.utf8))
        return .mutation(
            "\(user.email) is a \(user.role.rawValue) of the shop now.",
            next: ["shopctl user signin \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}
