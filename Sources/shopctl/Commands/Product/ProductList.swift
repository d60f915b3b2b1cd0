import Primitives
import ShopCore
import Users

/// `shopctl product list`.
struct ProductList: ShopCommand {
    static var name: String { "product list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List products of the catalog",
            discussion: "Archived products are left out unless --status asks for them.",
            options: ProductFilterFlags.options + RowSelection.options,
            examples: [
                .init("shopctl product list --search mug"),
                .init(
                    "shopctl product list --format jsonl | shopctl import products -f -",
                    "changes nothing"),
            ],
            permission: .needs(.readProducts), fields: ProductColumns.all.headings())
    }

    private let filter: Shop.ProductFilter
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        filter = try ProductFilterFlags.filter(arguments)
        rows = try RowSelection(arguments, among: ProductColumns.all.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let filter = filter
        return .list(
            rows.listing(ProductColumns.all, whenEmpty: "No products match.") {
                visit throws(ShopError) in
                try shop.eachProduct(filter, visit)
            })
    }
}
