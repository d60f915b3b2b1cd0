import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl stock receive`.
struct StockReceive: ShopCommand {
    static var name: String { "stock receive" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Record goods that arrived",
            discussion: "A product whose units were not counted is counted from then on.",
            operand: .one("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            options: [
                .value("quantity", "N", "How many units", required: true)
                    .read(by: Quantity.init(parsing:)),
                LocationFlag.option,
                .recorded("note", "TEXT", "Delivery note, supplier"),
            ],
            examples: [.init("shopctl stock receive MUG-1 --quantity 24 --note \"delivery 7\"")],
            exitCodes: [.init(.notFound, "there is no such product")],
            mutates: true, permission: .needs(.receiveStock),
            fields: StockColumns.levels.headings())
    }

    private let sku: SKU
    private let quantity: Quantity
    private let location: LocationName?
    private let note: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        sku = try arguments.firstOperand(SKU.init(parsing:))
        quantity = try arguments.required("quantity", Quantity.init(parsing:))
        location = try LocationFlag.location(arguments)
        note = arguments.value("note")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let level = try shop.receiveStock(sku, quantity, at: location, note: note)
        return .mutation(
            "Received \(quantity) of " + StockColumns.sentence(level, at: location),
            next: ["shopctl stock history \(level.sku)"], ids: [level.sku.text],
            StockColumns.levels, [level])
    }
}
