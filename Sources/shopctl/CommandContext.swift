import Primitives
import ShopCore

/// What a running command may use beside the shop: settings, clock, and a way to ask.
struct CommandContext {
    var settings: GlobalSettings
    let environment: Environment
    let console: any Console
    /// Noun and verb, and what stands after them.
    let name: String
    let arguments: ParsedArguments
    /// The command line as it could be typed again; no flag takes a secret.
    let invocation: String
    let commands: [any Command.Type]
    /// Runs another command line in the same shop and prints its result, for `run`.
    let perform: Perform
    typealias Perform = (
        _ line: [String], _ shop: Shop, _ console: any Console
    ) throws(ShopError) -> ExitCode

    var isDryRun: Bool { settings.isDryRun }

    /// A line of a file that the command runs: with a key of its own, such as `night-1/3`, where
    /// the command has one and the line has none.
    func keyed(_ line: [String], number: Int) -> [String] {
        let flag = "--idempotency-key"
        guard let key = settings.idempotencyKey,
            !line.contains(where: { $0 == flag || $0.hasPrefix(flag + "=") })
        else { return line }
        return ["\(flag)=\(key)/\(number)"] + line
    }

    // MARK: Saying

    /// A sentence on standard error at once, unless `--quiet`.
    func notice(_ sentence: String) {
        guard !settings.isQuiet else { return }
        console.writeError(VisibleText.escaped(sentence) + "\n")
    }

    /// A sentence on standard error with `--verbose` only.
    func step(_ sentence: String) {
        guard settings.verbosity > 0 else { return }
        console.writeError(VisibleText.escaped(sentence) + "\n")
    }

    /// An error that does not end the command, in the form the line asks for.
    func show(_ error: ShopError, on console: any Console) {
        let isJSON = settings.format?.isJSON ?? false
        let paint = Paint(isOn: settings.paintsErrors)
        console.writeError(
            isJSON ? ErrorOutput.json(error) : ErrorOutput.text(error, paint: paint))
    }

    // MARK: Asking

    /// Asks for a yes; `--yes` and `--dry-run` answer it.
    ///
    /// - Throws: `cancelled`, exit 2, for anything but a yes.
    func confirm(_ question: String) throws(ShopError) {
        guard try mustAsk() else { return }
        console.writeError(VisibleText.escaped(question) + " [y/N] ")
        guard let answer = answer()?.lowercased(), answer == "y" || answer == "yes" else {
            throw .cancelled
        }
    }

    /// Asks for a yes to what was tried first without being stored, so that nobody is asked for
    /// what is refused anyway, and the question can say what it comes to.
    ///
    /// - Throws: `cancelled`, exit 2, for anything but a yes; what `change` throws.
    func confirm<Result>(
        _ question: (Result) -> String, before change: () throws(ShopError) -> Result,
        in shop: Shop
    ) throws(ShopError) {
        guard try mustAsk() else { return }
        try confirm(question(try shop.rehearsing(change)))
    }

    /// The same, with `id` to be typed, before what cannot be taken back.
    func confirm<Result>(
        _ statement: (Result) -> String, typing id: String,
        before change: () throws(ShopError) -> Result, in shop: Shop
    ) throws(ShopError) {
        guard try mustAsk() else { return }
        try confirm(statement(try shop.rehearsing(change)), typing: id)
    }

    /// Asks for `id` to be typed, before what cannot be taken back.
    func confirm(_ question: String, typing id: String) throws(ShopError) {
        guard try mustAsk() else { return }
        console.writeError(VisibleText.escaped(question + " Type \(id) to go on: "))
        guard answer() == id else { throw .cancelled }
    }

    /// What is typed; where the input ends instead, the line of the question ends too.
    private func answer() -> String? {
        let line = console.readLine()
        if line == nil { console.writeError("\n") }
        return line
    }

    private func mustAsk() throws(ShopError) -> Bool {
        try checkThatAskingIsPossible()
        return !settings.assumesYes && !settings.isDryRun
    }

    /// - Throws: `confirmation-impossible`, exit 64, before any work of a command that asks.
    func checkThatAskingIsPossible() throws(ShopError) {
        guard settings.mayPrompt || settings.assumesYes || settings.isDryRun else {
            throw .confirmationImpossible(invocation)
        }
    }

    // MARK: Reading

    /// The file of `-f FILE|-`.
    func input(_ path: String) throws(ShopError) -> InputFile {
        guard path == "-" else { return try InputFile(path: path) }
        if console.isTerminal(.input) { notice("Reading from the terminal; Ctrl-D ends.") }
        return InputFile(console: console)
    }
}

/// Writes words so that a shell reads them back as they are.
enum ShellWords {
    static func line(_ words: [String]) -> String {
        var line = ""
        for word in words {
            if !line.isEmpty { line += " " }
            line += quoted(word)
        }
        return line
    }

    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "+")...UInt8(ascii: ":")).contains(byte)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "=")
                    || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "%")
            }
        guard !isPlain else { return word }
        return "'"
            + word.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}

extension ShopError {
    static var cancelled: ShopError {
        ShopError(.cancelled, "cancelled", "Cancelled; nothing was changed.")
    }

    static func confirmationImpossible(_ invocation: String) -> ShopError {
        ShopError(
            .usage, "confirmation-impossible",
            "this needs a yes, and there is no terminal to ask on",
            try: ["shopctl \(invocation) --yes"])
    }
}
