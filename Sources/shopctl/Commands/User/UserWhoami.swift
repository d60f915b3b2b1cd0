import Primitives
import ShopCore
import Users

/// `shopctl user whoami`.
struct UserWhoami: ShopCommand {
    static var name: String { "user whoami" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show who is signed in",
            examples: [.init("shopctl user whoami"), .init("shopctl user whoami --field role")],
            exitCodes: [.init(.auth, "nobody is signed in, or the session has ended")],
            permission: .anybody("everybody signed in"), fields: SignedIn.columns.headings())
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let (user, session) = try shop.whoAmI()
        return .records(SignedIn.columns, [SignedIn(user: user, session: session)])
    }
}
