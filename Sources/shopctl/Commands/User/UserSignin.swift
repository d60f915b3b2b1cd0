import Primitives
import ShopCore
import Users

/// `shopctl user signin`.
struct UserSignin: ShopCommand {
    static var name: String { "user signin" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Sign in; later commands act for this person",
            discussion:
                "The session is kept in a file that only you can read. It is renewed by use,\n"
                + "and ends after 30 days, after 14 without use, or with signout; shop.json may\n"
                + "say otherwise. After five wrong passwords each further one doubles the time\n"
                + "in which the address takes none, up to 15 minutes. Where a second factor is\n"
                + "on, a code of the authenticator app or a recovery code is asked for too.",
            operand: .one("EMAIL", "Who you are").read(by: EmailAddress.init(parsing:)),
            options: PasswordInput.options + [CodeInput.behindPassword],
            examples: [
                .init("shopctl user signin you@shop.example"),
                .init("shopctl user signin you@shop.example --password-stdin < secret.txt"),
            ],
            exitCodes: [
                .init(.auth, "the address or the password is wrong, or was so too often"),
                .init(.auth, "the password is temporary: passwd comes first"),
                .init(.auth, "a code is needed, or the one given is wrong or was used"),
            ],
            mutates: true, permission: .anybody("whoever knows the password"),
            fields: SignedIn.columns.headings())
    }

    private let email: EmailAddress
    private let password: PasswordInput
    private let code: CodeInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        password = try PasswordInput(arguments)
        code = CodeInput(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let secret = try password.read(context)
        // Before the shop begins a session that could not be kept here.
        guard let file = SessionFile(of: shop.settings.id, context.environment) else {
            throw .noStateDirectory
        }
        let given = try code.readIfGiven(context)
        let signin = try code.askingIfRequired(given, context) { (code) throws(ShopError) in
            try shop.signIn(email, password: Array(secret.utf8), code: code)
        }
        let user = signin.user
        if !context.isDryRun { try file.add(.init(user.email, signin.session, signin.tokens)) }
        return .mutation(
            "Signed in as \(user.email), \(user.role.rawValue).",
            next: ["shopctl product list"], ids: [user.email.text], SignedIn.columns,
            [SignedIn(user: user, session: signin.session)])
    }
}

extension ShopError {
    static var noStateDirectory: ShopError {
        ShopError(
            .config, "no-state-directory", "there is nowhere to keep your session",
            why: "neither XDG_STATE_HOME nor HOME is set",
            try: ["XDG_STATE_HOME=DIR shopctl user signin you@shop.example"])
    }
}
