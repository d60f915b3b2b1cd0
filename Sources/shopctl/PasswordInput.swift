import Glibc
import Primitives

/// Where a password may come from: a hidden prompt, `--password-stdin` or `--password-file`;
/// never a flag's value or an environment variable.
struct PasswordInput: Sendable {
    private enum Source: Sendable {
        case prompt
        case standardInput
        case file(String)
    }

    private let source: Source

    /// The two flags, for the options of a command that takes a password.
    static var options: [OptionSpec] {
        [
            .switch("password-stdin", "Read the password from standard input"),
            .value(
                "password-file", "FILE",
                "Read the password from FILE, which others must not be able to read"),
        ]
    }

    /// The flags of a command that takes an old password and a new one.
    static var optionsForTwo: [OptionSpec] {
        [
            .switch(
                "password-stdin",
                "Read the old password and the new one from standard input, a line each"),
            .value("password-file", "FILE", "Read the old password from FILE"),
            .value("new-password-file", "FILE", "Read the new password from FILE"),
        ]
    }

    /// - Parameters:
    ///   - flag: the one that names a file.
    ///   - input: the switch for standard input; one for something else gives way to a file.
    init(
        _ arguments: ParsedArguments, file flag: String = "password-file",
        orInput input: String = "password-stdin"
    ) throws(ShopError) {
        let file = arguments.value(flag)
        guard input != "password-stdin" || !arguments.has(input) || file == nil else {
            throw .twoPasswords
        }
        if let file {
            source = .file(file)
        } else {
            source = arguments.has(input) ? .standardInput : .prompt
        }
    }

    /// - Parameter isNew: asked for twice at a prompt.
    /// - Throws: exit 64 where nobody can be asked, 2 when the prompt is left, 66 and 77 for files.
    func read(
        _ context: CommandContext, isNew: Bool = false, prompt: String = "Password: "
    ) throws(ShopError) -> String {
        switch source {
        case .prompt: return try Self.ask(context, isNew: isNew, prompt)
        case .standardInput: return context.console.readLine() ?? ""
        case .file(let path): return try Self.firstLine(of: path)
        }
    }

    private static func ask(
        _ context: CommandContext, isNew: Bool, _ prompt: String
    ) throws(ShopError) -> String {
        guard context.settings.mayPrompt else { throw .passwordImpossible }
        let password = try typed(prompt, context)
        guard isNew else { return password }
        let again = try typed("The same again: ", context)
        guard again == password else { throw .passwordsDiffer }
        return password
    }

    static func typed(
        _ prompt: String, _ context: CommandContext
    ) throws(ShopError) -> String {
        switch context.console.readHidden(prompt: prompt) {
        case .line(let line): return line
        case .end: throw .cancelled
        case .interrupted: throw .interrupted
        }
    }

    private static func firstLine(of path: String) throws(ShopError) -> String {
        let bytes = try InputFile(path: path).contents()
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw .passwordFileIsOpen(path)
        }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(decoding: line, as: UTF8.self)
    }
}

extension ShopError {
    static var twoPasswords: ShopError {
        ShopError(
            .usage, "two-passwords",
            "--password-stdin and --password-file cannot stand together")
    }

    static var passwordImpossible: ShopError {
        ShopError(
            .usage, "password-impossible",
            "a password is needed, and there is no terminal to ask on",
            try: ["--password-stdin < FILE", "--password-file FILE"])
    }

    static var passwordsDiffer: ShopError {
        ShopError(.usage, "passwords-differ", "the two passwords are not the same")
    }

    static func passwordFileIsOpen(_ path: String) -> ShopError {
        ShopError(
            .noPermission, "password-file-open", "others can read \(path)",
            at: "--password-file", try: ["chmod 600 \(ShellWords.quoted(path))"])
    }

    static var interrupted: ShopError {
        ShopError(.interrupted, "interrupted", "interrupted; nothing was changed")
    }
}
