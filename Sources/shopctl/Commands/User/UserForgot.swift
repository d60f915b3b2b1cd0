import Primitives
import ShopCore
import Users

/// `shopctl user forgot`.
struct UserForgot: ShopCommand {
    static var name: String { "user forgot" }
    static var spec: CommandSpec { request.spec }
    private static let request = CodeRequest(
        name: name, purpose: .recover, summary: "Send a code to choose another password with",
        discussion:
            "It says the same whether or not there is such an account. The code is put into\n"
            + "outbox/ of the data directory, for a program of the shop's to deliver, and is\n"
            + "good for an hour.",
        answer: { "Where \($0) has an account, a code is on its way." })

    private let email: EmailAddress

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        try Self.request.send(to: email, by: shop)
    }
}
