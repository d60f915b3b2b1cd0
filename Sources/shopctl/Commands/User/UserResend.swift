import Primitives
import ShopCore
import Users

/// `shopctl user resend`.
struct UserResend: ShopCommand {
    static var name: String { "user resend" }
    static var spec: CommandSpec { request.spec }
    private static let request = CodeRequest(
        name: name, purpose: .confirm, summary: "Send the code for user confirm again",
        answer: { "Where \($0) waits for a code, one is on its way." })

    private let email: EmailAddress

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        try Self.request.send(to: email, by: shop)
    }
}
