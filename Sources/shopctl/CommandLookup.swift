import Primitives

/// Finds the command that a line names, and parts its noun and verb from everything else.
///
/// Global flags may stand before, between and after noun and verb, so this walks the line with
/// the global flags alone until the name is complete. Names are matched whole: no prefixes.
struct CommandLookup {
    enum Found {
        case command(any Command.Type)
        /// No noun at all: `shopctl`, `shopctl --help`.
        case nothing
        /// A noun without its verb: `product`.
        case noun(String)
        /// A word that no command begins or goes on with.
        case unknown(ShopError)
    }

    let found: Found
    /// The line without noun and verb, in order.
    let rest: [String]

    init(_ line: [String], among commands: [any Command.Type], globals: [OptionSpec]) {
        // Those that begin as the words so far.
        var commands = commands
        var name = ""
        var rest: [String] = []
        var stray: (flag: String, word: String?)?
        var index = 0
        var end: Found?
        while index < line.count, end == nil {
            let argument = line[index]
            switch ArgumentToken(argument) {
            case .terminator:
                end = Self.outcome(of: name, among: commands)
                continue
            case .word(let word):
                if let longer = Self.name(name, extendedBy: word, among: commands) {
                    name = longer
                    commands.removeAll { !Self.begins($0.name, with: longer) }
                } else if Self.command(named: name, among: commands) != nil {
                    end = Self.outcome(of: name, among: commands)
                    continue
                } else if let stray {
                    end = .unknown(.misplacedFlag(stray.flag))
                    continue
                } else {
                    end = .unknown(Self.unknown(word, after: name, among: commands))
                    continue
                }
            case .long(let flag, let value):
                let option = globals.first { $0.name == flag }
                if option == nil { stray = stray ?? ("--" + flag, nil) }
                rest.append(argument)
                if let option, option.takesValue, value == nil {
                    Self.moveValue(from: line, at: &index, to: &rest)
                }
            case .letters(let letters, let value):
                let option = globals.first { $0.short == letters.last }
                if option == nil { stray = stray ?? (argument, nil) }
                rest.append(argument)
                if let option, option.takesValue, value == nil {
                    Self.moveValue(from: line, at: &index, to: &rest)
                }
            }
            index += 1
            if stray != nil, Self.command(named: name, among: commands) != nil {
                end = Self.outcome(of: name, among: commands)
            }
        }
        found = end ?? Self.outcome(of: name, among: commands)
        self.rest = rest + line[min(index, line.count)...]
    }

    private static func moveValue(
        from line: [String], at index: inout Int, to rest: inout [String]
    ) {
        guard index + 1 < line.count, !ArgumentToken.looksLikeFlag(line[index + 1]) else { return }
        index += 1
        rest.append(line[index])
    }

    private static func outcome(of name: String, among commands: [any Command.Type]) -> Found {
        if name.isEmpty { return .nothing }
        if let command = command(named: name, among: commands) { return .command(command) }
        return .noun(name)
    }

    static func command(
        named name: String, among commands: [any Command.Type]
    ) -> (any Command.Type)? {
        commands.first { $0.name == name }
    }

    /// The name made longer by `word` or by what `word` is an alias of, if any command has it.
    private static func name(
        _ name: String, extendedBy word: String, among commands: [any Command.Type]
    ) -> String? {
        let longer = name.isEmpty ? word : name + " " + word
        // Names are ASCII: compared as bytes, for every command waits for this.
        if commands.contains(where: { begins($0.name, with: longer) }) { return longer }
        guard !name.isEmpty else { return nil }
        if let verb = commonAlias(word) {
            let aliased = name + " " + verb
            if commands.contains(where: { $0.name == aliased }) { return aliased }
        }
        return commands.first {
            begins($0.name, with: name)
                && !$0.name.utf8.dropFirst(name.utf8.count + 1).contains(UInt8(ascii: " "))
                && $0.spec.aliases.contains(word)
        }?.name
    }

    /// Whether `name` is `words` or goes on with another word after it.
    static func begins(_ name: String, with words: String) -> Bool {
        var rest = name.utf8.makeIterator()
        for byte in words.utf8 {
            guard rest.next() == byte else { return false }
        }
        let next = rest.next()
        return next == nil || next == UInt8(ascii: " ")
    }

    /// The three aliases that every noun has.
    private static func commonAlias(_ word: String) -> String? {
        switch word {
        case "ls": "list"
        case "rm": "remove"
        case "get": "show"
        default: nil
        }
    }

    private static func unknown(
        _ word: String, after name: String, among commands: [any Command.Type]
    ) -> ShopError {
        let candidates = nextWords(after: name, among: commands)
        let prefix = name.isEmpty ? "shopctl" : "shopctl " + name
        let near = Suggestion.nearest(to: word, among: candidates)
        let wanted = name.isEmpty ? word : name + " " + word
        return .unknownCommand(wanted, try: near.map { "\(prefix) \($0)" } + ["\(prefix) --help"])
    }

    /// The words that may follow `name`, each once, in table order.
    static func nextWords(after name: String, among commands: [any Command.Type]) -> [String] {
        var words: [String] = []
        for command in commands {
            guard name.isEmpty || begins(command.name, with: name) else { continue }
            let tail = command.name.dropFirst(name.isEmpty ? 0 : name.count + 1)
            guard let word = tail.split(separator: " ").first.map(String.init) else { continue }
            if !words.contains(word) { words.append(word) }
        }
        return words
    }
}

extension ShopError {
    static func unknownCommand(_ name: String, try suggestions: [String]) -> ShopError {
        ShopError(
            .usage, "unknown-command", "unknown command \"\(name)\"", try: suggestions)
    }

    static func missingVerb(noun: String, verbs: [String]) -> ShopError {
        ShopError(
            .usage, "missing-verb",
            "\(noun) needs a verb: \(verbs.joined(separator: ", "))",
            try: ["shopctl \(noun) --help"])
    }

    static func misplacedFlag(_ flag: String) -> ShopError {
        ShopError(
            .usage, "misplaced-flag", "\(flag) stands before the command it belongs to",
            why: "only global flags may stand before noun and verb",
            try: ["shopctl <noun> <verb> \(flag) …", "shopctl --help"])
    }
}
