import Primitives
import ShopCore
import Users

/// `shopctl user signout`.
struct UserSignout: ShopCommand {
    static var name: String { "user signout" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "End your session",
            options: [
                .switch("everywhere", "End every session and token of yours, on every machine"),
                .value("user", "EMAIL", "With --everywhere: those of another person")
                    .read(by: EmailAddress.init(parsing:)),
            ],
            examples: [
                .init("shopctl user signout"),
                .init("shopctl user signout --everywhere", "after a machine was lost"),
            ],
            exitCodes: [.init(.auth, "nobody is signed in")], mutates: true,
            permission: .anybody("everybody signed in; --user: user.manage"))
    }

    private let isEverywhere: Bool
    private let other: EmailAddress?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        isEverywhere = arguments.has("everywhere")
        other = try arguments.value("user", EmailAddress.init(parsing:))
        if other != nil, !isEverywhere { throw .userWithoutEverywhere }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        guard let token = shop.request.token else { throw .nobodySignedIn }
        if isEverywhere {
            let count = try shop.signOutEverywhere(other)
            guard other == nil else { return Report.nothing.noting("Ended \(count).") }
        } else {
            try shop.signOut()
        }
        if !context.isDryRun {
            try SessionFile(of: shop.settings.id, context.environment)?.remove(token: token)
        }
        return Report.nothing.noting(isEverywhere ? "Signed out everywhere." : "Signed out.")
    }
}

extension ShopError {
    static var nobodySignedIn: ShopError {
        ShopError(
            .auth, "not-signed-in", "nobody is signed in",
            try: ["shopctl user signin you@shop.example"])
    }

    static var userWithoutEverywhere: ShopError {
        ShopError(
            .usage, "user-without-everywhere", "--user stands with --everywhere only",
            at: "--user", try: ["shopctl user signout --everywhere --user EMAIL"])
    }
}
