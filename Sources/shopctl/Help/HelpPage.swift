import Primitives

/// Help pages, made from the declarations of the commands.
enum HelpPage {
    // MARK: shopctl

    /// What `shopctl` alone prints: what it is, four examples and the nouns in groups.
    static func overview(_ commands: [any Command.Type]) -> String {
        var lines = [
            "shopctl runs the back office of a shop: catalog, orders, payments and users,",
            "kept as JSON files in one directory.",
            "",
            "  shopctl product add MUG-1 --name \"Blue mug\" --price 12.99 --stock 10",
            "  shopctl order create --customer ana@x.example --item MUG-1=2",
            "  shopctl payment capture ORD-1001 --method card",
            "  shopctl report sales --by day",
            "",
        ]
        let nouns = visibleNouns(commands)
        let grouped = NounGroup.all.flatMap(\.nouns)
        let others = NounGroup(title: "OTHER", nouns: nouns.filter { !grouped.contains($0) })
        for group in NounGroup.all + [others] {
            let present = group.nouns.filter(nouns.contains)
            guard !present.isEmpty else { continue }
            lines.append("  " + padded(group.title, to: 9) + present.joined(separator: " "))
        }
        let topics = HelpTopic.allCases.map(\.rawValue).joined(separator: ", ")
        lines += [
            "", "shopctl help <noun> [<verb>] explains one of them.",
            "Topics: \(topics).",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func visibleNouns(_ commands: [any Command.Type]) -> [String] {
        CommandLookup.nextWords(after: "", among: commands.filter { !$0.spec.isHidden })
    }

    // MARK: A noun

    static func noun(_ name: String, among commands: [any Command.Type]) -> String {
        let specs = commands.filter { CommandLookup.begins($0.name, with: name) }
            .map { $0.spec }.filter { !$0.isHidden }
        let width = specs.map(\.name.count).max() ?? 0
        var lines: [String] = []
        if let summary = NounGroup.summary(of: name) { lines += [summary, ""] }
        lines.append("COMMANDS")
        for spec in specs {
            lines.append("  shopctl " + padded(spec.name, to: width) + "  " + spec.summary)
        }
        let examples = specs.compactMap(\.examples.first).prefix(4)
        if !examples.isEmpty {
            lines += ["", "EXAMPLES"]
            lines += examples.map { "  " + $0.command }
        }
        lines += ["", "shopctl help \(name) <verb> explains one of them."]
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: A command

    static func command(_ spec: CommandSpec) -> String {
        var sections: [(title: String, lines: [String])] = []
        sections.append(("", [spec.summary]))
        if !spec.discussion.isEmpty { sections.append(("", lines(of: spec.discussion))) }
        sections.append(("EXAMPLES", exampleLines(spec)))
        sections.append(("USAGE", [spec.usage]))
        if let operand = spec.operand {
            sections.append(("ARGUMENTS", ["\(operand.usage)  \(operand.help)"]))
        }
        sections.append(("FLAGS", optionLines(spec.options)))
        sections.append(("GLOBAL FLAGS", globalLines(spec)))
        if let permission = spec.permission {
            sections.append(("PERMISSION", [permission.text]))
        }
        if !spec.aliases.isEmpty {
            sections.append(("ALIASES", [spec.aliases.joined(separator: ", ")]))
        }
        sections.append(("FIELDS", wrapped(spec.fields.map(\.name))))
        sections.append(("EXIT CODES", exitCodeLines(spec)))
        var text: [String] = []
        for section in sections where !section.lines.isEmpty {
            if !text.isEmpty { text.append("") }
            let indent = section.title.isEmpty ? "" : "  "
            if !section.title.isEmpty { text.append(section.title) }
            text += section.lines.map { $0.isEmpty ? "" : indent + $0 }
        }
        return text.joined(separator: "\n") + "\n"
    }

    private static func lines(of text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func exampleLines(_ spec: CommandSpec) -> [String] {
        spec.examples.flatMap { example in
            example.purpose.isEmpty
                ? [example.command] : [example.command, "    " + example.purpose]
        }
    }

    private static func globalLines(_ spec: CommandSpec) -> [String] {
        let changing = spec.mutates ? "-n, -y, --idempotency-key, " : ""
        return [
            changing + "-C, --format, --json, --fields, -o, -q and more:", "shopctl help flags",
        ]
    }

    private static func exitCodeLines(_ spec: CommandSpec) -> [String] {
        spec.exitCodes.map { note in
            padded(String(note.code.rawValue), to: 5) + padded(note.code.name, to: 14) + note.when
        }
    }

    /// One line for each flag; its choices and what it defaults to below it.
    static func optionLines(_ options: [OptionSpec]) -> [String] {
        let heads = options.map { option in
            (option.short.map { "-\($0), " } ?? "    ") + option.usage
                + (option.isRepeatable ? "..." : "")
        }
        let width = min(heads.map(\.count).max() ?? 0, 30)
        let indent = padded("", to: width + 2)
        return zip(options, heads).flatMap { option, head in
            let remarks = remarks(on: option)
            let isLong = head.count > width
            let help = option.help + (option.isRequired ? " (required)" : "")
            let first =
                isLong ? [head, indent + help] : [padded(head, to: width + 2) + help]
            return first + remarks.map { indent + $0 }
        }
    }

    private static func remarks(on option: OptionSpec) -> [String] {
        var remarks: [String] = []
        if !option.choices.isEmpty {
            remarks.append("one of " + option.choices.joined(separator: ", "))
        }
        if let text = option.defaultText { remarks.append("default: \(text)") }
        return remarks
    }

    private static func wrapped(_ words: [String]) -> [String] {
        var lines: [String] = []
        for word in words {
            let word = word == words.last ? word : word + ","
            if let last = lines.last, last.count + 1 + word.count <= 76 {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }
}

/// How the overview groups the nouns, and one line about each.
struct NounGroup {
    let title: String
    let nouns: [String]

    static var all: [NounGroup] {
        [
            NounGroup(
                title: "SELL",
                nouns: ["product", "stock", "location", "order", "coupon", "tax", "shipping"]),
            NounGroup(title: "MONEY", nouns: ["payment", "balance", "report", "day", "budget"]),
            NounGroup(title: "PEOPLE", nouns: ["user", "customer"]),
            NounGroup(title: "DATA", nouns: ["init", "import", "export", "run", "backup", "site"]),
            NounGroup(
                title: "OPERATE",
                nouns: [
                    "audit", "diff", "why", "undo", "doctor", "monitor", "alarm", "config", "cgi",
                ]),
            NounGroup(title: "LEARN", nouns: ["help", "schema", "completion", "man", "version"]),
        ]
    }

    static func summary(of noun: String) -> String? {
        switch noun {
        case "product": "The catalog: what the shop sells, each SKU with its price"
        case "product price": "Prices over time"
        case "stock": "Units on hand, reserved and available, and every movement of them"
        case "order": "Orders of customers, from draft to completed"
        case "payment": "Money taken and given back"
        case "balance": "Gift cards and store credit"
        case "user": "Accounts, roles and sessions"
        case "day": "What a day came to, sealed"
        case "report": "Figures over a period"
        case "import": "Bring records in from CSV and JSON Lines"
        case "export": "Write records out"
        case "audit": "Who changed what, and when"
        case "location": "The places where units are kept"
        case "shipping": "Ways to send orders, with flat and weight rates"
        case "coupon": "Codes that take something off an order"
        case "tax": "Tax rates"
        case "customer": "The people who ordered"
        case "backup": "Copies of the whole shop"
        case "alarm": "Conditions that are watched"
        case "config": "Defaults of this person"
        default: nil
        }
    }
}
