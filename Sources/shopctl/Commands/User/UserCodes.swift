import Primitives
import ShopCore
import Users

/// A command by which anybody has a code sent to an address, where one is of use there. It says
/// the same whether or not it is.
struct CodeRequest: Sendable {
    let name: String
    let purpose: OneTimeCode.Purpose
    let summary: String
    var discussion = ""
    let answer: @Sendable (EmailAddress) -> String

    var spec: CommandSpec {
        CommandSpec(
            name, summary, discussion: discussion,
            operand: .one("EMAIL", "Your address").read(by: EmailAddress.init(parsing:)),
            examples: [.init("shopctl \(name) ana@x.example")],
            exitCodes: [.init(.refused, "one was sent a moment ago, or five within the hour")],
            mutates: true, permission: .anybody("anybody"))
    }

    func send(to email: EmailAddress, by shop: Shop) throws(ShopError) -> Report {
        try shop.sendCode(to: email, purpose)
        return Report.nothing.noting(answer(email))
    }
}

/// A command that takes a code and the password which whoever has it chooses.
struct PasswordByCode: Sendable {
    let name: String
    let purpose: OneTimeCode.Purpose
    let summary: String
    var discussion = ""
    let sentence: @Sendable (User) -> String

    var spec: CommandSpec {
        CommandSpec(
            name, summary, discussion: discussion,
            operand: .one("EMAIL", "Your address").read(by: EmailAddress.init(parsing:)),
            options: CodeInput.options + [
                .value("password-file", "FILE", "Read the new password from FILE")
            ],
            examples: [.init("shopctl \(name) ana@x.example")],
            exitCodes: [
                .init(.auth, "the code is wrong, was used already or is too old"),
                .init(.refused, "the password is too short, too common or was in use before"),
            ],
            mutates: true, permission: .anybody("whoever has the code"),
            fields: UserColumns.all.headings())
    }

    /// What a line of the command says.
    struct Given: Sendable {
        let email: EmailAddress
        let code: CodeInput
        let password: PasswordInput

        init(_ arguments: ParsedArguments) throws(ShopError) {
            email = try arguments.firstOperand(EmailAddress.init(parsing:))
            code = CodeInput(arguments)
            password = try PasswordInput(arguments, orInput: CodeInput.standardInput)
        }
    }

    func run(
        _ given: Given, in shop: Shop, _ context: CommandContext
    ) throws(ShopError) -> Report {
        let code = try given.code.read(context)
        let secret = try given.password.read(context, isNew: true, prompt: "New password: ")
        let user = try shop.choosePassword(
            of: given.email, by: purpose, code: code, to: Array(secret.utf8))
        return .mutation(
            sentence(user), next: ["shopctl user signin \(user.email)"], ids: [user.email.text],
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

    /// At the terminal.
    init() { readsInput = false }

    /// For commands that take a password first.
    static let behindPassword = OptionSpec.switch(
        standardInput, "Read the code from standard input, behind the password if that is there too"
    )

    /// The code where the line says where it is; else nobody is asked.
    func readIfGiven(_ context: CommandContext) throws(ShopError) -> [UInt8]? {
        readsInput ? try read(context) : nil
    }

    /// Does `body` with the code that was given, and asks for one at the terminal if it turns out
    /// that the person has a second factor.
    func askingIfRequired<Result>(
        _ given: [UInt8]?, _ context: CommandContext,
        _ body: (_ code: [UInt8]?) throws(ShopError) -> Result
    ) throws(ShopError) -> Result {
        do throws(ShopError) {
            return try body(given)
        } catch  where error.code == "second-factor-required" && context.settings.mayPrompt {
            return try body(try read(context))
        }
    }

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
