/// What one argument of the command line looks like, before it is known which flags exist.
enum ArgumentToken: Equatable {
    /// `--name` or `--name=value`.
    case long(String, value: String?)
    /// `-y`, `-nq`, `-o=FILE`.
    case letters([Character], value: String?)
    /// An operand, a noun, a verb, a lone `-`, or a number such as `-3`.
    case word(String)
    /// `--`: everything after it is a word.
    case terminator

    init(_ argument: String) {
        guard argument.utf8.first == UInt8(ascii: "-"), argument.utf8.count > 1 else {
            self = .word(argument)
            return
        }
        guard argument != "--" else {
            self = .terminator
            return
        }
        let dashes = argument.hasPrefix("--") ? 2 : 1
        let body = argument.utf8.dropFirst(dashes)
        let name = body.prefix { $0 != UInt8(ascii: "=") }
        // `-3`, `-.5` and "- a note" are values, never flags.
        guard let first = name.first, Self.isLetter(first),
            name.allSatisfy({ Self.isLetter($0) || (dashes == 2 && Self.joinsWords($0)) })
        else {
            self = .word(argument)
            return
        }
        let text = String(Substring(name))
        let value =
            name.endIndex == body.endIndex
            ? nil : String(Substring(body[name.endIndex...].dropFirst()))
        self = dashes == 2 ? .long(text, value: value) : .letters(Array(text), value: value)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// Digits, hyphens and underscores may follow the first letter of a long name.
    private static func joinsWords(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// Whether an argument can only be meant as a flag, and so is no flag's value.
    static func looksLikeFlag(_ argument: String) -> Bool {
        if case .word = ArgumentToken(argument) { return false }
        return true
    }
}
