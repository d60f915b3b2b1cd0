import Catalog
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
            options: [
                .value(
                    "status", "STATUS", "Only these",
                    choices: ["active", "draft", "archived", "all"]),
                .value("category", "PATH", "Only this category and those below it"),
                .value("tag", "TAG", "Only with this tag"),
                .value("parent", "SKU", "Only variants of this product")
                    .read(by: SKU.init(parsing:)),
                .value("barcode", "CODE", "Only with this barcode"),
                .value(
                    "search", "WORDS", "Only where name, SKU, barcode or tags have all these words"
                ),
            ] + RowSelection.options,
            examples: [
                .init("shopctl product list --search mug"),
                .init(
                    "shopctl product list --format jsonl | shopctl import products -f -",
                    "changes nothing"),
            ],
            permission: .needs(.readProducts), fields: ProductColumns.all.headings())
    }

    private var filter = Shop.ProductFilter()
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        let status = arguments.value("status")
        filter.status = status.flatMap(ProductStatus.init(rawValue:))
        filter.includesArchived = status == "all"
        filter.category = arguments.value("category")
        filter.tag = arguments.value("tag")
        filter.parent = try arguments.value("parent", SKU.init(parsing:))
        filter.barcode = arguments.value("barcode")
        filter.search = arguments.value("search")
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
