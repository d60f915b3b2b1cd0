import Primitives
import ShopCore
import Users

/// `shopctl user session list`.
struct UserSessionList: ShopCommand {
    static var name: String { "user session list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List sessions and tokens that are good, the newest first",
            operand: .optional("EMAIL", "Whose; else your own")
                .read(by: EmailAddress.init(parsing:)),
            examples: [
                .init("shopctl user session list"),
                .init("shopctl user session list bo@shop.example"),
            ],
            exitCodes: [.init(.notFound, "there is no such account")],
            permission: .needs(.manageUsers, "everybody their own"),
            fields: SessionColumns.all.headings())
    }

    private let email: EmailAddress?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.operands(EmailAddress.init(parsing:)).first
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(
            SessionColumns.all, try shop.sessions(of: email),
            whenEmpty: "There is no session and no token.")
    }
}

/// `shopctl user session revoke`.
struct UserSessionRevoke: ShopCommand {
    static var name: String { "user session revoke" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "End sessions and tokens by their ids",
            operand: .oneOrMore("ID", "As user session list says"),
            examples: [.init("shopctl user session revoke 1f6b09c2")],
            exitCodes: [.init(.notFound, "there is no such session")],
            mutates: true, permission: .needs(.manageUsers, "everybody their own"),
            fields: SessionColumns.all.headings())
    }

    private let ids: [String]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        ids = arguments.operands
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let ended = try shop.revokeSessions(ids)
        return .mutation(
            "Ended \(ended.map(\.id).joined(separator: ", ")).",
            next: ["shopctl user session list"], ids: ended.map(\.id), SessionColumns.all, ended)
    }
}

/// `shopctl user token create`.
struct UserTokenCreate: ShopCommand {
    static var name: String { "user token create" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Make a token for automation, which is shown this once",
            discussion:
                "A script that has it in SHOPCTL_TOKEN acts for you, and may do what the token's\n"
                + "role and yours may both. It ends with its time, with user session revoke, when\n"
                + "your password changes, and with signout --everywhere.",
            options: [
                .value("role", "ROLE", Role.optionHelp, required: true)
                    .read(by: Role.init(parsing:)),
                .value("expires", "DAYS", "How long it is good for, such as 90d", required: true)
                    .read(by: Self.days),
                .value("name", "TEXT", "What it is for"),
            ],
            examples: [
                .init("shopctl user token create --role clerk --expires 90d --name till")
            ],
            exitCodes: [.init(.noPermission, "the role may do what you may not")],
            mutates: true, permission: .anybody("everybody signed in, within their own role"),
            fields: columns.headings())
    }

    /// A token just made, with the text that is not kept.
    struct Made: Sendable {
        let session: Session
        let token: String
    }

    static let columns: [Column<Made>] = [
        .text("token") { $0.token },
        .text("id", "ID") { $0.session.id },
        .text("user") { $0.session.user.text },
        .text("name") { $0.session.grant?.name },
        .text("role") { $0.session.grant?.role.rawValue },
        .time("endsAt") { $0.session.expiresAt },
    ]

    private let role: Role
    private let days: Int64
    private let label: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        role = try arguments.required("role", Role.init(parsing:))
        days = try arguments.required("expires", Self.days)
        label = arguments.value("name")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let (session, token) = try shop.createToken(label, as: role, days: days)
        return .mutation(
            "Made token \(session.id); it is shown this once: \(token)",
            next: ["SHOPCTL_TOKEN=… shopctl user whoami"], ids: [token], Self.columns,
            [Made(session: session, token: token)])
    }

    /// `90d`, 1 to 3650 days.
    @Sendable private static func days(_ text: String) throws(ShopError) -> Int64 {
        guard text.hasSuffix("d"), let days = Int64(text.dropLast()), (1...3_650).contains(days)
        else { throw .noDays(text) }
        return days
    }
}

extension ShopError {
    fileprivate static func noDays(_ text: String) -> ShopError {
        ShopError(
            .usage, "bad-days", "\"\(text)\" is no number of days", why: "1d to 3650d",
            try: ["--expires 90d"])
    }
}
