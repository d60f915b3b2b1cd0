import Primitives
import ShopCore
import Users

/// `shopctl user recover`.
struct UserRecover: ShopCommand {
    static var name: String { "user recover" }
    static var spec: CommandSpec { choice.spec }
    private static let choice = PasswordByCode(
        name: name, purpose: .recover,
        summary: "Choose another password with the code of user forgot",
        discussion: "Every session and token of yours ends.",
        sentence: { "Changed the password of \($0.email)." })

    private let given: PasswordByCode.Given

    init(_ arguments: ParsedArguments) throws(ShopError) {
        given = try PasswordByCode.Given(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        try Self.choice.run(given, in: shop, context)
    }
}
