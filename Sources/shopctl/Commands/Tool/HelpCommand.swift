import Primitives

/// `shopctl help [<noun> [<verb>] | <topic>]`.
struct HelpCommand: ShoplessCommand {
    static var name: String { "help" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Explain a noun, a command or a topic",
            discussion: "Topics: \(HelpTopic.allCases.map(\.rawValue).joined(separator: ", ")).",
            operand: .any("WORD", "A noun, a noun and its verb, or a topic"),
            options: [.switch("markdown", "Every command as one Markdown page")],
            examples: [
                .init("shopctl help product"),
                .init("shopctl help order create"),
                .init("shopctl help exit-codes"),
            ])
    }

    private let words: [String]
    private let isMarkdown: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        words = arguments.operands
        isMarkdown = arguments.has("markdown")
    }

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        if isMarkdown { return .text(CommandReference.markdown(context.commands)) }
        if words.count == 1, let topic = HelpTopic(rawValue: words[0]) {
            return .text(topic.text)
        }
        let lookup = CommandLookup(words, among: context.commands, globals: [])
        switch lookup.found {
        case .nothing: return .text(HelpPage.overview(context.commands))
        case .noun(let name): return .text(HelpPage.noun(name, among: context.commands))
        case .command(let type): return .text(HelpPage.command(type.spec))
        case .unknown(let error):
            let topics = Suggestion.nearest(
                to: words.joined(separator: " "), among: HelpTopic.allCases.map(\.rawValue))
            var problem = error
            problem.suggestions = topics.map { "shopctl help \($0)" } + error.suggestions
            throw problem
        }
    }
}
