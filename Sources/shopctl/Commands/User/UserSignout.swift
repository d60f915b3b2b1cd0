import Primitives
import ShopCore
import Users

/// `shopctl user signout`.
struct UserSignout: ShopCommand {
    static var name: String { "user signout" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "End your session",
            examples: [.init("shopctl user signout")],
            exitCodes: [.init(.auth, "nobody is signed in")], mutates: true)
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        guard let token = shop.request.token else { throw .nobodySignedIn }
        try shop.signOut()
        if !context.isDryRun {
            try SessionFile(of: shop.settings.id, context.environment)?.remove(token: token)
        }
        return Report.nothing.noting("Signed out.")
    }
}

extension ShopError {
    static var nobodySignedIn: ShopError {
        ShopError(
            .auth, "not-signed-in", "nobody is signed in",
            try: ["shopctl user signin you@shop.example"])
    }
}
