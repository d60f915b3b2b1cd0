import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl product restore`.
struct ProductRestore: ShopCommand {
    static var name: String { "product restore" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Put archived products back on sale",
            operand: .oneOrMore("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            examples: [.init("shopctl product restore MUG-1")],
            exitCodes: [.init(.notFound, "there is no such product")],
            mutates: true, permission: .needs(.writeProducts), fields: ProductColumns.all.headings()
        )
    }

    private let skus: [SKU]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        skus = try arguments.operands(SKU.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let products = try shop.restoreProducts(skus).items
        let ids = products.map(\.product.sku.text)
        return .mutation(
            "Restored \(ids.joined(separator: ", ")).", next: ["shopctl product show \(ids[0])"],
            ids: ids, ProductColumns.all, products)
    }
}
