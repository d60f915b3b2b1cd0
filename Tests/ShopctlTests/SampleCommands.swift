import Primitives
import Users

@testable import shopctl

/// A product as small as the framework's tests need it.
struct Sample: Sendable {
    var sku: String
    var name: String
    var price: Int64?
    var onHand: Int64?
    var tags: [String] = []

    static var columns: [Column<Sample>] {
        [
            .text("sku", "SKU") { $0.sku },
            .text("name", mayBeCut: true) { $0.name },
            .money("price") { $0.price.map(dollars) },
            .integer("onHand") { $0.onHand },
            .list("tags") { $0.tags },
            .rows("parts", [.text("part") { $0 }, .integer("length") { Int64($0.count) }]) {
                $0.tags
            },
        ]
    }

    static func dollars(_ cents: Int64) -> Money {
        Money(minorUnits: cents, Currency.named("USD")!)
    }

    static let mug = Sample(sku: "MUG-1", name: "Blue mug", price: 1299, onHand: 4)
    static let cup = Sample(sku: "CUP-2", name: "Cup", price: 500, onHand: 12, tags: ["tea"])
}

struct ListSamples: ShoplessCommand {
    static var name: String { "product list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List products",
            options: [
                .value("status", "STATUS", "Only these", choices: ["active", "archived"]),
                .value("limit", "N", "At most N rows").read(by: ArgumentValues.count),
            ],
            examples: [.init("shopctl product list --status active")],
            fields: Sample.columns.headings())
    }

    private let isEmpty: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        isEmpty = arguments.value("status") == "archived"
    }

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        .list(
            Sample.columns, isEmpty ? [] : [.mug, .cup], whenEmpty: "No products match.")
    }
}

struct ShowSample: ShoplessCommand {
    static var name: String { "product show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show products", operand: .oneOrMore("SKU", "The product"),
            fields: Sample.columns.headings())
    }

    private let skus: [String]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        skus = arguments.operands
    }

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        let found = [Sample.mug, .cup].filter { skus.contains($0.sku) }
        guard found.count == skus.count else {
            throw ShopError(
                .notFound, "unknown-product", "no product with SKU \"\(skus[0])\"",
                try: ["shopctl product show MUG-1"])
        }
        return .records(Sample.columns, found)
    }
}

struct AddSample: ShoplessCommand {
    static var name: String { "product add" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add a product to the catalog",
            discussion: "A product starts active unless --draft is given.",
            operand: .one("SKU", "Its code").read(by: Self.sku),
            options: [
                .value("name", "TEXT", "Name that customers see", required: true),
                .value("price", "PRICE", "Price of one unit", required: true),
                .values("tag", "TAG", "A word to find it by"),
                .value("description", "TEXT", "What it is", acceptsEmpty: true),
                .switch("draft", short: "d", "Keep it out of the shop"),
            ],
            examples: [.init("shopctl product add MUG-1 --name Mug --price 12.99", "a mug")],
            exitCodes: [.init(.conflict, "the SKU exists already")],
            aliases: ["create"], mutates: true, permission: .needs(.writeProducts),
            fields: Sample.columns.headings())
    }

    private let sample: Sample

    @Sendable static func sku(_ text: String) throws(ShopError) -> String {
        guard !text.contains(" ") else {
            throw ShopError(.usage, "invalid-sku", "\"\(text)\" is no SKU: it holds a blank")
        }
        return text
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {
        sample = Sample(
            sku: try arguments.firstOperand(), name: try arguments.required("name"),
            price: 1299, tags: arguments.values("tag"))
    }

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        .mutation(
            "Added \(sample.sku) \"\(sample.name)\".",
            next: ["shopctl stock receive \(sample.sku) --quantity 10"], ids: [sample.sku],
            Sample.columns, [sample])
    }
}

struct ArchiveSample: ShoplessCommand {
    static var name: String { "product archive" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take products out of the shop", operand: .oneOrMore("SKU", "The product"),
            mutates: true, confirmation: .yesOrNo)
    }

    private let skus: [String]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        skus = arguments.operands
    }

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        try context.confirm("Archive \(skus.joined(separator: ", "))?")
        return .mutation("Archived \(skus[0]).", ids: skus, Sample.columns, [.mug])
    }
}

struct AdjustSample: ShoplessCommand {
    static var name: String { "stock adjust" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Correct what is on hand", operand: .one("SKU", "The product"),
            options: [
                .value("by", "N", "How many more or fewer", required: true)
                    .read(by: ArgumentValues.difference),
                .value("reason", "WHY", "Why", choices: ["damaged", "lost", "found"]),
                .value("note", "TEXT", "A remark"),
            ], mutates: true)
    }

    private let by: Int64
    private let note: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        by = try arguments.required("by", ArgumentValues.difference)
        note = arguments.value("note")
    }

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        .text("by \(by), note \(note ?? "none")\n")
    }
}

struct PriceSample: ShoplessCommand {
    static var name: String { "product price set" }
    static var spec: CommandSpec { CommandSpec(name, "Set a price") }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(_ context: CommandContext) throws(ShopError) -> Report { .text("set\n") }
}

struct SalesSample: ShoplessCommand {
    static var name: String { "report sales" }
    static var spec: CommandSpec {
        CommandSpec(name, "Sales by day", fields: Sample.columns.headings(), isReport: true)
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        .document(
            "Sales <by> product", facts: [("from", .text("2026-11-01"))],
            Listing(
                Sample.columns, [.mug, .cup],
                totals: [
                    .absent, .absent, .money(Sample.dollars(1799)), .integer(16), .absent,
                    .absent,
                ]))
    }
}

/// A batch that ends with a code of its own, and a notice.
struct DoctorSample: ShoplessCommand {
    static var name: String { "doctor" }
    static var spec: CommandSpec { CommandSpec(name, "Check everything") }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        Report.text("1 problem\n").noting("Looked at 13 things.").ending(with: .findings)
    }
}

enum SampleCommands {
    static var all: [any Command.Type] {
        [
            AddSample.self, ListSamples.self, ShowSample.self, ArchiveSample.self,
            PriceSample.self, AdjustSample.self, SalesSample.self, DoctorSample.self,
            RunCommand.self, SchemaCommand.self, HelpCommand.self, VersionCommand.self,
        ]
    }
}
