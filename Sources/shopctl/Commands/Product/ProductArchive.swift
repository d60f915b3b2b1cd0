import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl product archive`.
struct ProductArchive: ShopCommand {
    static var name: String { "product archive" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take products off sale and keep their history",
            operand: .oneOrMore("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            examples: [.init("shopctl product archive MUG-1 --yes")],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.notFound, "there is no such product"),
            ],
            mutates: true, permission: .needs(.writeProducts), confirmation: .yesOrNo,
            fields: ProductColumns.all.headings())
    }

    private let skus: [SKU]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        skus = try arguments.operands(SKU.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        func archive() throws(ShopError) -> [ProductEntry] { try shop.archiveProducts(skus).items }
        func named(_ products: [ProductEntry]) -> String {
            products.map(\.product.sku.text).joined(separator: ", ")
        }
        try context.confirm({ "Archive \(named($0))?" }, before: archive, in: shop)
        let products = try archive()
        let ids = products.map(\.product.sku.text)
        return .mutation(
            "Archived \(named(products)).", next: ["shopctl product restore \(ids[0])"], ids: ids,
            ProductColumns.all, products)
    }
}
