import Primitives
import ShopCore
import Users

/// `shopctl user confirm`.
struct UserConfirm: ShopCommand {
    static var name: String { "user confirm" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Confirm your address with the code that was sent to it",
            discussion:
                "Where shop.json asks for it, an account that somebody made for themselves\n"
                + "can sign in after this.",
            operand: .one("EMAIL", "Your address").read(by: EmailAddress.init(parsing:)),
            options: CodeInput.options,
            examples: [.init("shopctl user confirm ana@x.example")],
            exitCodes: [.init(.auth, "the code is wrong, was used already or is too old")],
            mutates: true, permission: .anybody("whoever has the code"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress
    private let code: CodeInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        code = CodeInput(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let user = try shop.confirmAddress(of: email, code: try code.read(context))
        return .mutation(
            "Confirmed \(user.email).", next: ["shopctl user signin \(user.email)"],
            ids: [user.email.text], UserColumns.all, [user])
    }
}

/// `shopctl user resend`.
struct UserResend: ShopCommand {
    static var name: String { "user resend" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Send the code for user confirm again",
            operand: .one("EMAIL", "Your address").read(by: EmailAddress.init(parsing:)),
            examples: [.init("shopctl user resend ana@x.example")],
            exitCodes: [.init(.refused, "one was sent a moment ago, or five within the hour")],
            mutates: true, permission: .anybody("anybody"))
    }

    private let email: EmailAddress

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        try shop.sendCode(to: email, .confirm)
        return Report.nothing.noting("Where \(email) waits for a code, one is on its way.")
    }
}

/// `shopctl user forgot`.
struct UserForgot: ShopCommand {
    static var name: String { "user forgot" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Send a code to choose another password with",
            discussion:
                "It says the same whether or not there is such an account. The code is put into\n"
                + "outbox/ of the data directory, for a program of the shop's to deliver, and is\n"
                + "good for an hour.",
            operand: .one("EMAIL", "Your address").read(by: EmailAddress.init(parsing:)),
            examples: [.init("shopctl user forgot ana@x.example")],
            exitCodes: [.init(.refused, "one was sent a moment ago, or five within the hour")],
            mutates: true, permission: .anybody("anybody"))
    }

    private let email: EmailAddress

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        try shop.sendCode(to: email, .recover)
        return Report.nothing.noting("Where \(email) has an account, a code is on its way.")
    }
}

/// `shopctl user recover`.
struct UserRecover: ShopCommand {
    static var name: String { "user recover" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Choose another password with the code of user forgot",
            discussion: "Every session and token of yours ends.",
            operand: .one("EMAIL", "Your address").read(by: EmailAddress.init(parsing:)),
            options: CodeInput.options + [
                .value("password-file", "FILE", "Read the new password from FILE")
            ],
            examples: [.init("shopctl user recover ana@x.example")],
            exitCodes: [
                .init(.auth, "the code is wrong, was used already or is too old"),
                .init(.refused, "the password is too short, too common or was in use before"),
            ],
            mutates: true, permission: .anybody("whoever has the code"),
            fields: UserColumns.all.headings())
    }

    private let email: EmailAddress
    private let code: CodeInput
    private let password: PasswordInput

    init(_ arguments: ParsedArguments) throws(ShopError) {
        email = try arguments.firstOperand(EmailAddress.init(parsing:))
        code = CodeInput(arguments)
        password = try PasswordInput(
            arguments, file: "password-file", orInput: CodeInput.standardInput)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let code = try code.read(context)
        let secret = try password.read(context, isNew: true, prompt: "New password: ")
        let user = try shop.choosePassword(
            of: email, by: .recover, code: code, to: Array(secret.utf8))
        return .mutation(
            "Changed the password of \(user.email).",
            next: ["shopctl user signin \(user.email)"], ids: [user.email.text],
            UserColumns.all, [user])
    }
}

/// Where a code may come from: a prompt or standard input, for the same reasons as a password.
struct CodeInput {
    static let standardInput = "code-stdin"
    private let readsInput: Bool

    static var options: [OptionSpec] {
        [
            .switch(
                standardInput,
                "Read the code from standard input, and behind it the password if one is needed")
        ]
    }

    init(_ arguments: ParsedArguments) { readsInput = arguments.has(Self.standardInput) }

    /// Blanks that people put between digits are left out.
    func read(_ context: CommandContext) throws(ShopError) -> [UInt8] {
        let line: String
        if readsInput {
            line = context.console.readLine() ?? ""
        } else {
            guard context.settings.mayPrompt else { throw .codeImpossible }
            line = try PasswordInput.typed("Code: ", context)
        }
        return line.utf8.filter { $0 != UInt8(ascii: " ") }
    }
}

extension ShopError {
    static var codeImpossible: ShopError {
        ShopError(
            .usage, "code-impossible", "a code is needed, and there is no terminal to ask on",
            try: ["--code-stdin < FILE"])
    }
}
