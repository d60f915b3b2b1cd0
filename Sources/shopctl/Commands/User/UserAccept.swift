import Primitives
import ShopCore
import Users

/// `shopctl user accept`.
struct UserAccept: ShopCommand {
    static var name: String { "user accept" }
    static var spec: CommandSpec { choice.spec }
    private static let choice = PasswordByCode(
        name: name, purpose: .invite,
        summary: "Accept an invitation: choose a password with the code that was sent",
        sentence: { "\($0.email) is a \($0.role.rawValue) of the shop now." })

    private let given: PasswordByCode.Given

    init(_ arguments: ParsedArguments) throws(ShopError) {
        given = try PasswordByCode.Given(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        try Self.choice.run(given, in: shop, context)
    }
}
