import Primitives

/// `shopctl schema <noun>`: what the JSON of a noun holds.
struct SchemaCommand: ShoplessCommand {
    static var name: String { "schema" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Describe the JSON members and CSV columns of a noun",
            operand: .one("NOUN", "product, stock, order, payment, user or audit"),
            examples: [
                .init("shopctl schema order"),
                .init("shopctl schema product --json"),
            ],
            fields: columns.headings())
    }

    private let noun: String

    init(_ arguments: ParsedArguments) throws(ShopError) {
        noun = try arguments.firstOperand()
    }

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        let documented = context.commands.filter {
            $0.name.hasSuffix(" show") || $0.name.hasSuffix(" list")
        }
        let nouns = CommandLookup.nextWords(after: "", among: documented)
        let type =
            documented.first { $0.name == noun + " show" }
            ?? documented.first { $0.name == noun + " list" }
        guard let type else { throw .unknownNoun(noun, nouns: nouns) }
        return .list(Self.columns, Self.members(of: type.spec.fields, prefix: ""))
    }

    /// One JSON member: its dotted name and the form of its value.
    struct Member: Sendable {
        let name: String
        let value: String
    }

    static var columns: [Column<Member>] {
        [.text("member") { $0.name }, .text("value") { $0.value }]
    }

    private static func members(of headings: [ColumnHeading], prefix: String) -> [Member] {
        headings.flatMap { heading in
            [Member(name: prefix + heading.name, value: heading.kind.description)]
                + members(of: heading.inner, prefix: prefix + heading.name + "[].")
        }
    }
}

extension ColumnHeading.Kind {
    /// How the value looks in JSON.
    var description: String {
        switch self {
        case .text: "string"
        case .integer: "integer"
        case .money: "{\"amount\":\"12.99\",\"currency\":\"USD\"}"
        case .figure: "integer, or {\"amount\":\"12.99\",\"currency\":\"USD\"}"
        case .time: "string, RFC 3339 UTC: 2026-11-23T18:31:07.123Z"
        case .day: "string: 2026-11-23"
        case .bool: "true or false"
        case .list: "array of strings"
        case .pairs: "object of strings"
        case .rows: "array of objects"
        }
    }
}

extension ShopError {
    static func unknownNoun(_ noun: String, nouns: [String]) -> ShopError {
        ShopError(
            .usage, "unknown-noun", "no schema for \"\(noun)\"",
            why: nouns.isEmpty ? nil : "there is one for \(nouns.joined(separator: ", "))",
            try: Suggestion.nearest(to: noun, among: nouns).map { "shopctl schema \($0)" })
    }
}
