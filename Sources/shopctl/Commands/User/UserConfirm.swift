import Primitives
import ShopCore
import Users

/// `shopctl user confirm`.
struct UserConfirm: ShopCommand {
    static var name: String { "user confirm" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Confirm your address with the code that was sent to it",
            discussion:
                "Where shop.json asks for it, an account that somebody made for themselves\n"
                + "can sign in after this.",
            operand: .one("EMAIL", "Your address").read(by: EmailAddress.init(parsing:)),
            options: CodeInput.options,
            examples: [.init("shopctl user confirm ana@x.example")],
            exitCodes: [.init(.auth, "the code is wrong, was used already or is too old")],
            mutates: true, permission: .anybody("whoever has the code"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress
    private let code: CodeInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        code = CodeInput(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let user = try shop.confirmAddress(of: email, code: try code.read(context))
        return .mutation(
            "Confirmed \(user.email).", next: ["shopctl user signin \(user.email)"],
            ids: [user.email.text], UserColumns.all, [user])
    }
}
