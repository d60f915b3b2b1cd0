import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl product prices`.
struct ProductPrices: ShopCommand {
    static var name: String { "product prices" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show what a product cost and when, today's price first",
            operand: .one("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            examples: [.init("shopctl product prices MUG-1")],
            exitCodes: [.init(.notFound, "there is no such product")],
            permission: .needs(.readStock), fields: columns.headings())
    }

    private static let columns: [Column<Shop.PricePeriod>] = [
        .time("from") { $0.from },
        .time("to") { $0.to },
        .money("price") { $0.price },
        .money("salePrice", "SALE") { $0.sale?.price },
        .time("saleFrom", shown: .wide) { $0.sale?.from },
        .time("saleTo", shown: .wide) { $0.sale?.to },
        .money("cost") { $0.cost },
        .text("endedBy") { $0.by },
    ]

    private let sku: SKU

    init(_ arguments: ParsedArguments) throws(ShopError) {
        sku = try arguments.firstOperand(SKU.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(Self.columns, try shop.prices(of: sku))
    }
}
