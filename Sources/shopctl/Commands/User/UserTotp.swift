import Primitives
import ShopCore
import Users

/// What the commands around the second factor are told: whose, the password, and a code of the app.
private struct FactorInput: Sendable {
    let email: EmailAddress?
    let password: PasswordInput
    let code: CodeInput

    static let operand = OperandSpec.optional("EMAIL", "Whose; else your own")
        .read(by: EmailAddress.init(parsing:))

    init(_ arguments: ParsedArguments, takesCode: Bool = true) throws(ShopError) {
        email = try arguments.operands(EmailAddress.init(parsing:)).first
        password = try PasswordInput(arguments)
        code = takesCode ? CodeInput(arguments) : CodeInput()
    }

    func email(in shop: Shop) throws(ShopError) -> EmailAddress {
        if let email { return email }
        return try shop.whoAmI().user.email
    }
}

/// `shopctl user totp enroll`.
struct UserTotpEnroll: ShopCommand {
    static var name: String { "user totp enroll" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Begin with an authenticator app as a second factor",
            discussion:
                "Takes the password, and shows what the app scans. It is asked for at sign-in\n"
                + "once user totp confirm has a code of the app.",
            operand: FactorInput.operand, options: PasswordInput.options,
            examples: [.init("shopctl user totp enroll you@shop.example")],
            exitCodes: [
                .init(.auth, "the password is wrong, or was so too often"),
                .init(.conflict, "there is a second factor already"),
            ],
            mutates: true, permission: .anybody("whoever knows the password"),
            fields: columns.headings())
    }

    /// An app to be enrolled, with what is shown this once.
    struct Enrolled: Sendable {
        let user: User
        let uri: String
    }

    static let columns: [Column<Enrolled>] = [
        .text("uri") { $0.uri },
        .text("email", "E-MAIL") { $0.user.email.text },
        .text("secret") { $0.user.secondFactor?.secretText },
    ]

    private let input: FactorInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        input = try FactorInput(arguments, takesCode: false)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let email = try input.email(in: shop)
        let secret = try input.password.read(context)
        let (user, uri) = try shop.enrollSecondFactor(of: email, password: Array(secret.utf8))
        var report = Report.mutation(
            "Scan this with an authenticator app, or type \(user.secondFactor?.secretText ?? ""): "
                + uri,
            next: ["shopctl user totp confirm \(user.email)"], ids: [uri], Self.columns,
            [Enrolled(user: user, uri: uri)])
        report.drawing = TerminalQRCode.lines(of: uri, width: context.console.width)
        return report
    }
}

/// `shopctl user totp confirm`.
struct UserTotpConfirm: ShopCommand {
    static var name: String { "user totp confirm" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Turn the second factor on, by a code of the app",
            discussion:
                "Prints ten recovery codes, this once. Each is good once in place of a code of\n"
                + "the app, for the day it is lost.",
            operand: FactorInput.operand,
            options: PasswordInput.options + [CodeInput.behindPassword],
            examples: [.init("shopctl user totp confirm you@shop.example")],
            exitCodes: [
                .init(.auth, "the password or the code is wrong, or was so too often"),
                .init(.conflict, "it is on already"),
                .init(.refused, "user totp enroll comes first"),
            ],
            mutates: true, permission: .anybody("whoever knows the password"),
            fields: columns.headings())
    }

    static let columns: [Column<String>] = [.text("recoveryCode") { $0 }]

    private let input: FactorInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        input = try FactorInput(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let email = try input.email(in: shop)
        let secret = try input.password.read(context)
        let code = try input.code.read(context)
        let (user, codes) = try shop.activateSecondFactor(
            of: email, password: Array(secret.utf8), code: code)
        var report = Report.mutation(
            "\(user.email) signs in with a code beside the password now. Keep these recovery codes;"
                + " each is good once.",
            next: ["shopctl user signin \(user.email)"], ids: codes, Self.columns, codes)
        report.drawing = codes
        return report
    }
}

/// `shopctl user totp remove`.
struct UserTotpRemove: ShopCommand {
    static var name: String { "user totp remove" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take a second factor away",
            discussion:
                "Your own takes the password and a code. That of somebody else, who lost the app\n"
                + "and the recovery codes, takes your session, and ends theirs.",
            operand: FactorInput.operand,
            options: PasswordInput.options + [CodeInput.behindPassword],
            examples: [
                .init("shopctl user totp remove you@shop.example"),
                .init("shopctl user totp remove bo@shop.example", "by whoever manages users"),
            ],
            exitCodes: [
                .init(.auth, "the password or the code is wrong, or was so too often"),
                .init(.notFound, "there is no such account"),
            ],
            mutates: true,
            permission: .anybody("whoever knows the password; that of others: user.manage"),
            fields: UserColumns.all.headings())
    }

    private let input: FactorInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        input = try FactorInput(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let email = try input.email(in: shop)
        let user: User
        if shop.request.token != nil, try shop.whoAmI().user.email != email {
            user = try shop.removeSecondFactor(of: email)
        } else {
            let secret = try input.password.read(context)
            user = try shop.removeSecondFactor(
                of: email, password: Array(secret.utf8), code: try input.code.read(context))
        }
        return .mutation(
            "\(user.email) signs in with the password alone.",
            next: ["shopctl user totp enroll \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}
