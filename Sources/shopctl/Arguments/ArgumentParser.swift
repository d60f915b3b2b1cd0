import Primitives

/// Reads the words of a command line that follow noun and verb against the flags that exist.
///
/// It never stops at the first problem: everything wrong with the line is in `problems`, and
/// `arguments` holds whatever could be read, so that `--help` and `--json` work all the same.
struct ArgumentParser {
    private(set) var arguments: ParsedArguments
    private(set) var problems: [ShopError] = []
    /// The command's name, for the advice in its problems.
    private let commandName: String
    private var sawUnknownFlag = false

    /// - Parameters:
    ///   - spec: the command, or nil where no command was named.
    ///   - globals: flags that every command takes.
    init(reading words: [String], for spec: CommandSpec?, globals: [OptionSpec]) {
        self.init(reading: words[...], for: spec, options: (spec?.options ?? []) + globals)
    }

    /// - Parameter options: the command's flags, then the global ones.
    init(reading words: ArraySlice<String>, for spec: CommandSpec?, options: [OptionSpec]) {
        commandName = spec?.name ?? ""
        arguments = ParsedArguments(options: options, operand: spec?.operand)
        read(Array(words))
        checkGivenValues()
        if spec != nil { checkWhatIsMissing() }
    }

    /// Takes up what is wrong with the line beyond its single flags.
    mutating func add(_ more: [ShopError]) { problems += more }

    /// One error that shows every problem of the line, or nil when there is none.
    var problem: ShopError? {
        var all = problems
        if let last = all.indices.last, all.allSatisfy(\.suggestions.isEmpty) {
            let command = commandName.isEmpty ? "shopctl" : "shopctl " + commandName
            all[last].suggestions = [command + " --help"]
        }
        return ShopError.combining(all)
    }

    // MARK: Reading

    private mutating func read(_ words: [String]) {
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            switch ArgumentToken(word) {
            case .terminator:
                words[index...].forEach { take(operand: $0) }
                return
            case .word:
                take(operand: word)
            case .long(let name, let value):
                take(long: name, value: value, from: words, at: &index)
            case .letters(let letters, let value):
                take(letters: letters, value: value, from: words, at: &index)
            }
        }
    }

    private mutating func take(operand text: String) {
        guard let operand = arguments.operand,
            operand.isRepeatable || arguments.operands.isEmpty
        else {
            problems.append(.unexpectedOperand(text, operand: arguments.operand))
            return
        }
        guard !text.isEmpty else {
            problems.append(.emptyOperand(operand))
            return
        }
        arguments.append(operand: text)
    }

    private mutating func take(
        long name: String, value: String?, from words: [String], at index: inout Int
    ) {
        guard let option = arguments.options.firstIndex(where: { $0.name == name }) else {
            take(unknown: name, value: value, from: words, at: &index)
            return
        }
        take(option: option, as: "--" + name, value: value, from: words, at: &index)
    }

    private mutating func take(
        letters: [Character], value: String?, from words: [String], at index: inout Int
    ) {
        for (position, letter) in letters.enumerated() {
            let isLast = position == letters.count - 1
            guard let option = arguments.options.firstIndex(where: { $0.short == letter }) else {
                sawUnknownFlag = true
                problems.append(.unknownLetter(letter, in: letters))
                continue
            }
            let spec = arguments.options[option]
            guard isLast || !spec.takesValue else {
                problems.append(.letterNeedsValue(spec, letter: letter, in: letters))
                return
            }
            take(
                option: option, as: "-\(letter)", value: isLast ? value : nil, from: words,
                at: &index)
        }
    }

    private mutating func take(
        option: Int, as written: String, value: String?, from words: [String],
        at index: inout Int
    ) {
        let spec = arguments.options[option]
        guard spec.takesValue else {
            if let value {
                problems.append(.unexpectedValue(value, for: spec, written: written))
            }
            arguments.append("", toOption: option)
            return
        }
        var text = value
        if text == nil, index < words.count, !ArgumentToken.looksLikeFlag(words[index]) {
            text = words[index]
            index += 1
        }
        guard let text else {
            let next = index < words.count ? words[index] : nil
            problems.append(.missingValue(for: spec, written: written, next: next))
            return
        }
        guard !text.isEmpty || spec.acceptsEmpty else {
            problems.append(.emptyValue(for: spec, written: written))
            return
        }
        arguments.append(text, toOption: option)
    }

    /// The word after an unknown flag was most likely meant as its value: it is passed over, so
    /// that one mistake does not show as two.
    private mutating func take(
        unknown name: String, value: String?, from words: [String], at index: inout Int
    ) {
        sawUnknownFlag = true
        let near = Suggestion.nearest(to: name, among: arguments.options.map(\.name))
        problems.append(.unknownFlag("--" + name, near: near.map { "--" + $0 }))
        let meant = arguments.options.first { $0.name == near.first }
        if value == nil, meant?.takesValue ?? true, index < words.count,
            !ArgumentToken.looksLikeFlag(words[index])
        {
            index += 1
        }
    }

    // MARK: Checking

    private mutating func checkGivenValues() {
        for index in arguments.options.indices where !arguments.given[index].isEmpty {
            let option = arguments.options[index]
            let values = arguments.given[index]
            if option.takesValue, !option.isRepeatable, values.count > 1 {
                problems.append(.repeatedFlag(option, values: values))
                continue
            }
            for value in values where option.takesValue {
                if !option.choices.isEmpty, !option.choices.contains(value) {
                    problems.append(.invalidChoice(value, for: option))
                } else if let check = option.check, !value.isEmpty {
                    note(value, at: option.location(of: value), check)
                }
            }
        }
        guard let check = arguments.operand?.check else { return }
        for operand in arguments.operands { note(operand, at: operand, check) }
    }

    private mutating func note(
        _ text: String, at location: String, _ check: OptionSpec.Check
    ) {
        do throws(ShopError) {
            try check(text)
        } catch {
            problems.append(error.at(location))
        }
    }

    /// Nothing is called missing while there is an unknown flag: it may be the one.
    private mutating func checkWhatIsMissing() {
        guard !sawUnknownFlag else { return }
        if let operand = arguments.operand, operand.isRequired, arguments.operands.isEmpty,
            !problems.contains(where: { $0.code == "empty-operand" })
        {
            problems.append(.missingOperand(operand))
        }
        for index in arguments.options.indices
        where arguments.options[index].isRequired && arguments.given[index].isEmpty {
            let option = arguments.options[index]
            let isNamed = problems.contains { $0.message.contains(option.flag + " ") }
            if !isNamed { problems.append(.missingFlag(option)) }
        }
    }
}

extension ShopError {
    static func unknownFlag(_ flag: String, near: [String]) -> ShopError {
        ShopError(.usage, "unknown-flag", "unknown flag \(flag)", try: near)
    }

    static func unknownLetter(_ letter: Character, in letters: [Character]) -> ShopError {
        let bundle = letters.count > 1 ? " in -\(String(letters))" : ""
        return ShopError(.usage, "unknown-flag", "unknown flag -\(letter)\(bundle)")
    }

    static func letterNeedsValue(
        _ option: OptionSpec, letter: Character, in letters: [Character]
    ) -> ShopError {
        ShopError(
            .usage, "missing-value",
            "-\(letter) takes a value, so it cannot stand inside -\(String(letters))",
            try: ["-\(letter) \(option.placeholder ?? "")"])
    }

    static func unexpectedValue(
        _ value: String, for option: OptionSpec, written: String
    ) -> ShopError {
        ShopError(
            .usage, "unexpected-value", "\(written) takes no value, and \"\(value)\" was given",
            try: [written])
    }

    static func missingValue(
        for option: OptionSpec, written: String, next: String?
    ) -> ShopError {
        let placeholder = option.placeholder ?? "VALUE"
        guard let next, written.hasPrefix("--") else {
            return ShopError(
                .usage, "missing-value", "\(written) needs a value",
                try: ["\(written) \(placeholder)"])
        }
        return ShopError(
            .usage, "missing-value", "\(written) needs a value, and \(next) follows it",
            try: ["\(written) \(placeholder)", "\(written)=\(next)   (if that is the value)"])
    }

    static func emptyValue(for option: OptionSpec, written: String) -> ShopError {
        ShopError(
            .usage, "empty-value", "\(written) was given an empty value",
            try: ["\(written) \(option.placeholder ?? "VALUE")"])
    }

    static func emptyOperand(_ operand: OperandSpec) -> ShopError {
        ShopError(.usage, "empty-operand", "an empty <\(operand.name)> was given")
    }

    static func repeatedFlag(_ option: OptionSpec, values: [String]) -> ShopError {
        let given = values.map { "\"\($0)\"" }.joined(separator: " and ")
        return ShopError(
            .usage, "repeated-flag", "\(option.flag) takes one value, and \(given) were given")
    }

    static func invalidChoice(_ value: String, for option: OptionSpec) -> ShopError {
        let near = Suggestion.nearest(to: value, among: option.choices)
        return ShopError(
            .usage, "invalid-choice",
            "\(option.flag) \(value) is not one of \(option.choices.joined(separator: ", "))",
            try: near.map { "\(option.flag) \($0)" })
    }

    static func missingFlag(_ option: OptionSpec) -> ShopError {
        ShopError(.usage, "missing-flag", "\(option.usage) is missing", at: option.flag)
    }

    static func missingOperand(_ operand: OperandSpec?) -> ShopError {
        ShopError(.usage, "missing-operand", "<\(operand?.name ?? "ID")> is missing")
    }

    static func unexpectedOperand(_ text: String, operand: OperandSpec?) -> ShopError {
        guard let operand else {
            return ShopError(
                .usage, "unexpected-operand", "unexpected \"\(text)\": it takes flags only")
        }
        return ShopError(
            .usage, "unexpected-operand",
            "unexpected \"\(text)\": it takes one <\(operand.name)>")
    }
}
