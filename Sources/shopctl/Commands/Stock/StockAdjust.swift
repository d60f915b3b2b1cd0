import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl stock adjust`.
struct StockAdjust: ShopCommand {
    static var name: String { "stock adjust" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Correct the units on hand, with a reason",
            operand: .one("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            options: [
                .value("by", "N", "Units more, or fewer with a minus", required: true)
                    .read(by: NamedText.difference),
                .value(
                    "reason", "REASON", "Why", required: true,
                    choices: ["damaged", "lost", "found", "correction", "return"]),
                LocationFlag.option,
                .recorded("note", "TEXT", "More about it"),
            ],
            examples: [.init("shopctl stock adjust MUG-1 --by -3 --reason damaged")],
            exitCodes: [
                .init(.notFound, "there is no such product"),
                .init(.refused, "units promised to orders would be missing"),
            ],
            mutates: true, permission: .needs(.adjustStock),
            fields: StockColumns.levels.headings())
    }

    private let sku: SKU
    private let difference: Int64
    private let reason: String
    private let location: LocationName?
    private let note: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        sku = try arguments.firstOperand(SKU.init(parsing:))
        difference = try arguments.required("by", NamedText.difference)
        reason = try arguments.required("reason")
        location = try LocationFlag.location(arguments)
        note = arguments.value("note")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let level = try shop.adjustStock(
            sku, by: difference, reason: reason, at: location, note: note)
        return .mutation(
            "Adjusted " + StockColumns.sentence(level, at: location),
            next: ["shopctl stock history \(level.sku)"], ids: [level.sku.text],
            StockColumns.levels, [level])
    }
}
