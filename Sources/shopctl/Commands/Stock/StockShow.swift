import Primitives
import ShopCore
import Users

/// `shopctl stock show`.
struct StockShow: ShopCommand {
    static var name: String { "stock show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show how many units there are",
            operand: .oneOrMore("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            options: [LocationFlag.shown],
            examples: [
                .init("shopctl stock show MUG-1"),
                .init("shopctl stock show MUG-1 --field available", "just the number"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such product"),
                .init(.refused, "its units are not counted"),
            ],
            permission: .needs(.readStock), fields: StockColumns.levels.headings())
    }

    private let skus: [SKU]
    private let place: Shop.StockPlace

    init(_ arguments: ParsedArguments) throws(ShopError) {
        skus = try arguments.operands(SKU.init(parsing:))
        place = try LocationFlag.place(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .records(StockColumns.levels, try shop.stock(skus, in: place))
    }
}
