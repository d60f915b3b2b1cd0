import Catalog
import Primitives
import ShopCore

/// The flags that say which products are meant, for lists and for edits of many.
enum ProductFilterFlags {
    static var options: [OptionSpec] {
        [
            .value(
                "status", "STATUS", "Only these", choices: ["active", "draft", "archived", "all"]),
            .value("category", "PATH", "Only this category and those below it"),
            .value("tag", "TAG", "Only with this tag"),
            .value("parent", "SKU", "Only variants of this product").read(by: SKU.init(parsing:)),
            .value("barcode", "CODE", "Only with this barcode"),
            .value(
                "search", "WORDS", "Only where name, SKU, barcode or tags have all these words"),
        ]
    }

    static func filter(_ arguments: ParsedArguments) throws(ShopError) -> Shop.ProductFilter {
        var filter = Shop.ProductFilter()
        let status = arguments.value("status")
        filter.status = status.flatMap(ProductStatus.init(rawValue:))
        filter.includesArchived = status == "all"
        filter.category = arguments.value("category")
        filter.tag = arguments.value("tag")
        filter.parent = try arguments.value("parent", SKU.init(parsing:))
        filter.barcode = arguments.value("barcode")
        filter.search = arguments.value("search")
        return filter
    }
}
