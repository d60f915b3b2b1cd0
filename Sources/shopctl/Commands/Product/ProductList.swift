import Catalog
import Primitives
import ShopCore

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
                .value("search", "WORDS", "Only where name, SKU or tags have all these words"),
                .value("limit", short: "L", "N", "At most N rows").read(by: ArgumentValues.count),
            ],
            examples: [
                .init("shopctl product list --search mug"),
                .init(
                    "shopctl product list --format jsonl | shopctl import products -f -",
                    "changes nothing"),
            ],
            permission: "everybody signed in", fields: ProductColumns.all.headings())
    }

    private var filter = Shop.ProductFilter()
    private let limit: Int?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        let status = arguments.value("status")
        filter.status = status.flatMap(ProductStatus.init(rawValue:))
        filter.includesArchived = status == "all"
        filter.category = arguments.value("category")
        filter.tag = arguments.value("tag")
        filter.search = arguments.value("search")
        limit = try arguments.value("limit", ArgumentValues.count)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let (filter, limit) = (filter, limit)
        return .list(
            .limited(ProductColumns.all, to: limit, whenEmpty: "No products match.") {
                visit throws(ShopError) in
                try shop.eachProduct(filter, visit)
            })
    }
}

extension Listing {
    /// Rows that are read while they are printed, the first `limit` of them.
    ///
    /// - Parameter each: calls back for row after row until it is told to stop.
    static func limited<Row>(
        _ columns: [Column<Row>], to limit: Int?, whenEmpty: String?,
        each: @escaping (_ visit: (Row) throws(ShopError) -> Bool) throws(ShopError) -> Void
    ) -> Listing {
        Listing(columns, emptyNotice: whenEmpty) { visit throws(ShopError) in
            var count = 0
            if limit == 0 { return }
            try each { row throws(ShopError) in
                try visit(row)
                count += 1
                return limit.map { count < $0 } ?? true
            }
        }
    }
}
