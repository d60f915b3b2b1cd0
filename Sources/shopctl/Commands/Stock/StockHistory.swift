import Primitives
import ShopCore
import Users

/// `shopctl stock history`.
struct StockHistory: ShopCommand {
    static var name: String { "stock history" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show every movement of a product's stock, newest first",
            operand: .one("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            options: [
                .value("limit", short: "L", "N", "At most N rows").read(by: ArgumentValues.count)
            ],
            examples: [.init("shopctl stock history MUG-1 --limit 20")],
            exitCodes: [.init(.notFound, "there is no such product")],
            permission: .needs(.readStock), fields: StockColumns.movements.headings())
    }

    private let sku: SKU
    private let limit: Int?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        sku = try arguments.firstOperand(SKU.init(parsing:))
        limit = try arguments.value("limit", ArgumentValues.count)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(
            StockColumns.movements, try shop.stockHistory(sku, limit: limit),
            whenEmpty: "No movements of \(sku) yet.")
    }
}
