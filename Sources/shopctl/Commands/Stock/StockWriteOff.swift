import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl stock write-off`.
struct StockWriteOff: ShopCommand {
    static var name: String { "stock write-off" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take units off the shelf for good",
            operand: .one("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            options: [
                .value("quantity", "N", "How many", required: true)
                    .read(by: Quantity.init(parsing:)),
                .value(
                    "reason", "REASON", "Why", required: true,
                    choices: ["damaged", "lost", "expired", "sample"]),
                LocationFlag.option,
                .recorded("note", "TEXT", "More about it"),
            ],
            examples: [.init("shopctl stock write-off MUG-1 --quantity 2 --reason damaged")],
            exitCodes: [
                .init(.notFound, "there is no such product"),
                .init(.refused, "units promised to orders would be missing"),
            ],
            mutates: true, permission: .needs(.adjustStock),
            fields: StockColumns.levels.headings())
    }

    private let sku: SKU
    private let quantity: Quantity
    private let reason: String
    private let location: LocationName?
    private let note: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        sku = try arguments.firstOperand(SKU.init(parsing:))
        quantity = try arguments.required("quantity", Quantity.init(parsing:))
        reason = try arguments.required("reason")
        location = try LocationFlag.location(arguments)
        note = arguments.value("note")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let level = try shop.writeOffStock(sku, quantity, reason: reason, at: location, note: note)
        return .mutation(
            "Wrote off \(quantity) of " + StockColumns.sentence(level, at: location),
            next: ["shopctl stock history \(level.sku)"], ids: [level.sku.text],
            StockColumns.levels, [level])
    }
}
