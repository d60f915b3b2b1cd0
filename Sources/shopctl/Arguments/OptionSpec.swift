import Primitives

/// One flag, declared once: the parser, the help and the generated documentation all read it.
///
///     .value("name", "TEXT", "Name that customers see", required: true)
///     .values("item", "SKU=QTY", "What is ordered").read(by: OrderedItem.init(parsing:))
///     .switch("draft", "Keep it out of the shop for now")
struct OptionSpec: Sendable {
    /// Refuses a value that cannot be right, whatever the shop holds.
    typealias Check = @Sendable (String) throws(ShopError) -> Void

    /// Long name without its dashes: `low-stock`.
    let name: String
    /// The single letter, for the few flags that have one.
    var short: Character?
    /// What stands for the value in help, `SKU=QTY`; nil for a switch, which takes none.
    let placeholder: String?
    /// One line for the help page, without a full stop.
    let help: String
    var isRequired = false
    /// May be given several times; the values keep their order.
    var isRepeatable = false
    /// `--description ""` is a value too, where it empties something.
    var acceptsEmpty = false
    /// The only values allowed, in the order help shows them.
    var choices: [String] = []
    /// What holds when the flag is absent, as help says it.
    var defaultText: String?
    var check: Check?

    var takesValue: Bool { placeholder != nil }
    /// `--low-stock`.
    var flag: String { "--" + name }

    /// `--item SKU=QTY`, `--draft`.
    var usage: String {
        guard let placeholder else { return flag }
        return flag + " " + placeholder
    }

    static func `switch`(
        _ name: String, short: Character? = nil, _ help: String
    ) -> OptionSpec {
        OptionSpec(name: name, short: short, placeholder: nil, help: help)
    }

    static func value(
        _ name: String, short: Character? = nil, _ placeholder: String, _ help: String,
        required: Bool = false, choices: [String] = [], default defaultText: String? = nil,
        acceptsEmpty: Bool = false
    ) -> OptionSpec {
        OptionSpec(
            name: name, short: short, placeholder: placeholder, help: help,
            isRequired: required, acceptsEmpty: acceptsEmpty, choices: choices,
            defaultText: defaultText)
    }

    /// A flag that may be given several times.
    static func values(
        _ name: String, short: Character? = nil, _ placeholder: String, _ help: String,
        required: Bool = false, choices: [String] = []
    ) -> OptionSpec {
        OptionSpec(
            name: name, short: short, placeholder: placeholder, help: help,
            isRequired: required, isRepeatable: true, choices: choices)
    }

    /// The same flag, whose values are tried with `parse` while the line is read, so that a bad
    /// value is reported together with every other problem of the line.
    func read<Value>(
        by parse: @escaping @Sendable (String) throws(ShopError) -> Value
    ) -> OptionSpec {
        var copy = self
        copy.check = { (text: String) throws(ShopError) in _ = try parse(text) }
        return copy
    }
}
