import Primitives

/// Everything the tool knows about one command before it runs: the parser, the help pages and
/// docs/commands.md read this declaration and nothing else.
struct CommandSpec: Sendable {
    /// Noun and verb as typed: `product add`.
    let name: String
    /// One line, starting with a verb, without a full stop.
    let summary: String
    /// Paragraphs for the help page, wrapped by hand below 80 columns.
    var discussion: String { shown.discussion() }
    var operand: OperandSpec?
    var options: [OptionSpec] = []
    var examples: [Example] { shown.examples() }
    /// The exit codes a script should expect beyond 0, 1 and 64.
    var exitCodes: [ExitCodeNote] { shown.exitCodes() }
    /// Other words for the verb, beside the common `ls`, `rm` and `get`.
    var aliases: [String] = []
    /// Whether it changes the shop: prints as a mutation, and `--dry-run` means something.
    var mutates = false
    /// Who may run it; every command that works on the shop says so.
    var permission: Permission?
    var confirmation = Confirmation.none
    /// The columns of its result: the names for `--fields`, and what `schema` documents.
    var fields: [ColumnHeading] { shown.fields() }
    /// Whether the result is a report, which has the forms `md` and `html` too.
    var isReport = false
    /// Whether it gives out what others should not read: its file is for its owner only, and
    /// may be a directory of several.
    var isExport = false
    /// Left out of overviews.
    var isHidden = false
    /// What only help shows is made only for who asks for help.
    private let shown: Shown

    private struct Shown: Sendable {
        let discussion: @Sendable () -> String
        let examples: @Sendable () -> [Example]
        let exitCodes: @Sendable () -> [ExitCodeNote]
        let fields: @Sendable () -> [ColumnHeading]
    }

    /// What is asked before a command that is hard to take back does its work.
    enum Confirmation: Sendable {
        case none
        /// y or N.
        case yesOrNo
        /// The id has to be typed.
        case typedID
    }

    struct Example: Sendable {
        let command: String
        /// What it is good for; empty where the command says it all.
        let purpose: String

        init(_ command: String, _ purpose: String = "") {
            self.command = command
            self.purpose = purpose
        }
    }

    struct ExitCodeNote: Sendable {
        let code: ExitCode
        /// When this command ends with it.
        let when: String

        init(_ code: ExitCode, _ when: String) {
            self.code = code
            self.when = when
        }
    }

    init(
        _ name: String, _ summary: String,
        discussion: @autoclosure @escaping @Sendable () -> String = "",
        operand: OperandSpec? = nil, options: [OptionSpec] = [],
        examples: @autoclosure @escaping @Sendable () -> [Example] = [],
        exitCodes: @autoclosure @escaping @Sendable () -> [ExitCodeNote] = [],
        aliases: [String] = [], mutates: Bool = false,
        permission: Permission? = nil, confirmation: Confirmation = .none,
        fields: @autoclosure @escaping @Sendable () -> [ColumnHeading] = [],
        isReport: Bool = false, isExport: Bool = false, isHidden: Bool = false
    ) {
        self.name = name
        self.summary = summary
        self.operand = operand
        self.options = options
        self.aliases = aliases
        self.mutates = mutates
        self.permission = permission
        self.confirmation = confirmation
        self.isReport = isReport
        self.isExport = isExport
        self.isHidden = isHidden
        shown = Shown(
            discussion: discussion, examples: examples, exitCodes: exitCodes, fields: fields)
    }

    /// `["product", "add"]`.
    var path: [String] { name.split(separator: " ").map(String.init) }

    /// `shopctl product add <SKU> --name TEXT --price PRICE [flags]`.
    var usage: String {
        var parts = ["shopctl", name]
        if let operand { parts.append(operand.usage) }
        parts += options.filter(\.isRequired).map {
            $0.isRepeatable ? $0.usage + "..." : $0.usage
        }
        if options.contains(where: { !$0.isRequired }) { parts.append("[flags]") }
        return parts.joined(separator: " ")
    }
}

/// The ids a command works on; a command has at most one kind of them.
struct OperandSpec: Sendable {
    /// What stands for it in help: `SKU`.
    let name: String
    let help: String
    var isRequired: Bool
    var isRepeatable: Bool
    var check: OptionSpec.Check?

    static func one(_ name: String, _ help: String) -> OperandSpec {
        OperandSpec(name: name, help: help, isRequired: true, isRepeatable: false)
    }

    static func optional(_ name: String, _ help: String) -> OperandSpec {
        OperandSpec(name: name, help: help, isRequired: false, isRepeatable: false)
    }

    static func oneOrMore(_ name: String, _ help: String) -> OperandSpec {
        OperandSpec(name: name, help: help, isRequired: true, isRepeatable: true)
    }

    static func any(_ name: String, _ help: String) -> OperandSpec {
        OperandSpec(name: name, help: help, isRequired: false, isRepeatable: true)
    }

    /// The same operand, tried with `parse` while the line is read.
    func read<Value>(
        by parse: @escaping @Sendable (String) throws(ShopError) -> Value
    ) -> OperandSpec {
        var copy = self
        copy.check = { (text: String) throws(ShopError) in _ = try parse(text) }
        return copy
    }

    /// `<SKU>`, `<SKU>...`, `[<SKU>...]`.
    var usage: String {
        let word = "<\(name)>" + (isRepeatable ? "..." : "")
        return isRequired ? word : "[\(word)]"
    }
}
