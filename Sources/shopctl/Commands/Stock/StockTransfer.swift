import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl stock transfer`.
struct StockTransfer: ShopCommand {
    static var name: String { "stock transfer" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Move units from one place to another",
            operand: .one("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            options: [
                .value("quantity", "N", "How many", required: true)
                    .read(by: Quantity.init(parsing:)),
                .value("from", "NAME", "The place they leave", default: "main")
                    .read(by: LocationName.parse),
                .value("to", "NAME", "The place they go to", default: "main")
                    .read(by: LocationName.parse),
                .recorded("note", "TEXT", "More about it"),
            ],
            examples: [.init("shopctl stock transfer MUG-1 --quantity 5 --to warehouse")],
            exitCodes: [
                .init(.notFound, "there is no such product or location"),
                .init(.refused, "units promised to orders would be missing"),
            ],
            mutates: true, permission: .needs(.adjustStock),
            fields: StockColumns.levels.headings())
    }

    private let sku: SKU
    private let quantity: Quantity
    private let from: LocationName?
    private let to: LocationName?
    private let note: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        sku = try arguments.firstOperand(SKU.init(parsing:))
        quantity = try arguments.required("quantity", Quantity.init(parsing:))
        from = try arguments.value("from", LocationName.parse) ?? nil
        to = try arguments.value("to", LocationName.parse) ?? nil
        note = arguments.value("note")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let level = try shop.transferStock(sku, quantity, from: from, to: to, note: note)
        return .mutation(
            "Moved \(quantity) of " + StockColumns.sentence(level, at: to),
            next: ["shopctl stock list --location \(to.name)"], ids: [level.sku.text],
            StockColumns.levels, [level])
    }
}
