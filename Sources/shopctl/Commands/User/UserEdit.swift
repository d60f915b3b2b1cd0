import Primitives
import ShopCore
import Users

/// `shopctl user edit`.
struct UserEdit: ShopCommand {
    static var name: String { "user edit" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Change what is known of a person",
            discussion: "An empty text takes a part away: --phone \"\".",
            operand: .optional("EMAIL", "Whose; else your own")
                .read(by: EmailAddress.init(parsing:)),
            options: ProfileOptions.all,
            examples: [
                .init("shopctl user edit --phone \"+43 1 234567\" --locale de-AT"),
                .init("shopctl user edit bo@shop.example --name \"Bo Clerk\""),
            ],
            exitCodes: [.init(.notFound, "there is no such account")],
            mutates: true, permission: .needs(.manageUsers, "everybody their own"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress?
    private let edit: ProfileEdit

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.operands(EmailAddress.init(parsing:)).first
        edit = try ProfileOptions.edit(arguments)
        guard !edit.isEmpty else { throw .nothingToEdit() }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let user = try shop.editUser(email, edit)
        return .mutation(
            "Changed \(user.email).", next: ["shopctl user show \(user.email)"],
            ids: [user.email.text], UserColumns.all, [user])
    }
}

/// The flags for the parts of a profile.
enum ProfileOptions {
    static var all: [OptionSpec] {
        Profile.Part.allCases.map { part in
            OptionSpec.value(part.rawValue, "TEXT", part.meaning, acceptsEmpty: true)
                .read(by: part.check)
        }
    }

    static func edit(_ arguments: ParsedArguments) throws(ShopError) -> ProfileEdit {
        var edit = ProfileEdit()
        for part in Profile.Part.allCases {
            if let text = arguments.value(part.rawValue) { try edit.set(part, to: text) }
        }
        return edit
    }
}

extension ShopError {
    fileprivate static func nothingToEdit() -> ShopError {
        ShopError(
            .usage, "nothing-to-edit", "nothing says what to change",
            try: ["shopctl user edit --name TEXT", "shopctl user edit --help"])
    }
}
