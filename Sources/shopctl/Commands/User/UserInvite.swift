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
                .value("role", "ROLE", Role.optionHelp, required: true)
                    .read(by: Role.init(parsing:)),
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
