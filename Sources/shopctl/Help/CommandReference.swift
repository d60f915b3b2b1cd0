import Primitives
import Users

/// docs/commands.md, generated from the declarations of the commands.
enum CommandReference {
    static func markdown(_ commands: [any Command.Type]) -> String {
        let specs = commands.map { $0.spec }.filter { !$0.isHidden }
        var lines = [
            "# Commands",
            "",
            "Generated from the declarations in Sources/shopctl/Commands by",
            "`shopctl help --markdown`; do not edit by hand.",
            "",
            "| command | what it does |",
            "| --- | --- |",
        ]
        lines += specs.map { "| [\($0.name)](#\(anchor($0.name))) | \($0.summary) |" }
        lines += ["", "## Global flags", ""]
        lines += optionTable(GlobalOptions.all)
        for spec in specs { lines += section(spec) }
        lines += roles
        return lines.joined(separator: "\n") + "\n"
    }

    /// The table of who may do what, at the end of the page.
    private static var roles: [String] {
        let names = Role.allCases.map(\.rawValue)
        return [
            "", "## Roles", "",
            "What each role may do; `user can` says it of whoever is signed in.", "",
            "| action | what it is | \(names.joined(separator: " | ")) |",
            "| --- | --- |" + names.map { _ in " --- |" }.joined(),
        ]
            + Action.allCases.map { action in
                "| `\(action.rawValue)` | \(action.phrase) |"
                    + Role.allCases.map { $0.allows(action) ? " yes |" : " |" }.joined()
            }
    }

    private static func anchor(_ name: String) -> String {
        "shopctl-" + name.split(separator: " ").joined(separator: "-")
    }

    private static func section(_ spec: CommandSpec) -> [String] {
        var lines = ["", "## shopctl \(spec.name)", "", spec.summary + ".", ""]
        if !spec.discussion.isEmpty { lines += [spec.discussion, ""] }
        lines += ["```", spec.usage, "```"]
        if let operand = spec.operand {
            lines += ["", "`\(operand.usage)`: \(operand.help)"]
        }
        if !spec.options.isEmpty { lines += [""] + optionTable(spec.options) }
        if !spec.aliases.isEmpty {
            lines += ["", "Aliases: " + spec.aliases.map { "`\($0)`" }.joined(separator: ", ")]
        }
        if let permission = spec.permission { lines += ["", "Permission: \(permission.text)"] }
        if !spec.fields.isEmpty {
            let names = spec.fields.map { "`\($0.name)`" }.joined(separator: ", ")
            lines += ["", "Fields: \(names)"]
        }
        if !spec.exitCodes.isEmpty {
            lines += ["", "| exit | when |", "| --- | --- |"]
            lines += spec.exitCodes.map { "| \($0.code.rawValue) \($0.code.name) | \($0.when) |" }
        }
        if !spec.examples.isEmpty {
            lines += ["", "```sh"]
            for example in spec.examples {
                if !example.purpose.isEmpty { lines.append("# " + example.purpose) }
                lines.append(example.command)
            }
            lines.append("```")
        }
        return lines
    }

    private static func optionTable(_ options: [OptionSpec]) -> [String] {
        ["| flag | what it does |", "| --- | --- |"]
            + options.map { option in
                let short = option.short.map { "`-\($0)`, " } ?? ""
                var help = option.help
                if option.isRequired { help += "; required" }
                if option.isRepeatable { help += "; may be given several times" }
                if !option.choices.isEmpty {
                    help += "; one of " + option.choices.map { "`\($0)`" }.joined(separator: ", ")
                }
                if let text = option.defaultText { help += "; default: \(text)" }
                return "| \(short)`\(option.usage)` | \(help) |"
            }
    }
}
