import Primitives
import ShopCore
import Users

/// `shopctl product show`.
struct ProductShow: ShopCommand {
    static var name: String { "product show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show products whole",
            operand: .oneOrMore("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            examples: [.init("shopctl product show MUG-1 CUP-2")],
            exitCodes: [.init(.notFound, "there is no such product")],
            permission: .needs(.readProducts), fields: ProductColumns.all.headings())
    }

    private let skus: [SKU]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        skus = try arguments.operands(SKU.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .records(ProductColumns.all, try shop.products(skus))
    }
}
