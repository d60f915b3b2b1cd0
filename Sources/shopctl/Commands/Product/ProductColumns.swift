import Catalog
import Primitives
import ShopCore

/// The columns of every command that shows products. An import takes the same names back.
enum ProductColumns {
    static let all: [Column<ProductEntry>] = [
        .text("sku", "SKU") { $0.product.sku.text },
        .text("name", mayBeCut: true) { $0.product.name },
        .money("price") { $0.product.price },
        .integer("onHand", shown: .wide) { $0.stock?.onHand },
        .integer("reserved", shown: .wide) { $0.stock?.reserved },
        .integer("available") { $0.stock?.available },
        .text("status") { $0.product.status.rawValue },
        .money("cost", shown: .wide) { $0.product.cost },
        .money("margin", shown: .wide) { $0.product.margin },
        .text("marginPercent", shown: .record) { $0.product.marginPermille.map(percent) },
        .money("salePrice", shown: .wide) { $0.product.sale?.price },
        .time("saleFrom", shown: .record) { $0.product.sale?.from },
        .time("saleTo", shown: .record) { $0.product.sale?.to },
        .money("sellingPrice", shown: .wide) { $0.sellingPrice },
        .text("barcode", shown: .wide) { $0.product.barcode },
        .text("description", shown: .record) { $0.product.details },
        .list("categories", shown: .wide) { $0.product.categories },
        .list("tags") { $0.product.tags },
        .list("images") { $0.product.images },
        .pairs("attributes") { named($0.product.attributes) },
        .text("parent", shown: .wide) { $0.product.parent?.text },
        .pairs("options") { named($0.product.options) },
        .integer("lowStock", shown: .wide) { $0.product.lowStock },
        .bool("tracked", shown: .wide) { $0.product.isTracked },
        .text("taxClass", shown: .wide) { $0.product.taxClass?.text },
        .integer("weightGrams", shown: .wide) { $0.product.weightGrams },
        .bool("backorders", shown: .wide) { $0.product.allowsBackorders ? true : nil },
        .text("kind", shown: .wide) { $0.product.kind.rawValue },
        .time("createdAt", shown: .wide) { $0.product.createdAt },
        .time("updatedAt", shown: .wide) { $0.product.updatedAt },
    ]

    /// `417` as `41.7`.
    private static func percent(_ permille: Int64) -> String {
        let (whole, tenth) = permille.magnitude.quotientAndRemainder(dividingBy: 10)
        return (permille < 0 ? "-" : "") + "\(whole).\(tenth)"
    }

    private static func named(_ pairs: [Product.Pair]) -> [(name: String, value: String)] {
        pairs.map { ($0.name, $0.value) }
    }
}

/// The flags that state what a product is, for `add` and `edit`.
struct ProductFlags: Sendable {
    static var options: [OptionSpec] {
        [
            .value("cost", "PRICE", "What a unit costs the shop"),
            .values("category", "PATH", "Where it belongs, such as 'Home > Kitchen'"),
            .values("tag", "TAG", "A word to find it by"),
            .values("attribute", "NAME=VALUE", "A fact about it").read(
                by: NamedText.init(parsing:)),
            .value("sale-price", "PRICE", "A lower price, from now on or for some days"),
            .value("sale-from", "DAY", "The first day of the sale, or a time")
                .read(by: Period.Moment.init(parsing:)),
            .value("sale-to", "DAY", "The last day of the sale, or the time it ends")
                .read(by: Period.Moment.init(parsing:)),
            .value("barcode", "CODE", "What a scanner reads", acceptsEmpty: true),
            .values("image", "PATH|URL", "A picture of it, the first one first"),
            .value("low-stock", "N", "Units available at which it counts as low")
                .read(by: NamedText.count),
            .value("description", "TEXT", "What customers read", acceptsEmpty: true),
            .value("parent", "SKU", "The product whose variant it is").read(by: SKU.init(parsing:)),
            .values("option", "NAME=VALUE", "What sets the variant apart, such as Size=M")
                .read(by: NamedText.init(parsing:)),
            .value("tax-class", "CLASS", "Which rates tax it, such as reduced-rate")
                .read(by: TaxClass.init(parsing:)),
            .value("weight", "GRAMS", "What a unit weighs, for shipping")
                .read(by: NamedText.count),
            .switch("untracked", "Do not count its units; it is never short"),
            .switch("backorders", "Take orders for more than there is"),
        ]
    }

    private var draft = Product.Draft()
    private let price: String?
    private let cost: String?
    private let salePrice: String?
    private let saleFrom: Period.Moment?
    private let saleTo: Period.Moment?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        draft.name = arguments.value("name")
        price = arguments.value("price")
        cost = arguments.value("cost")
        salePrice = arguments.value("sale-price")
        saleFrom = try arguments.value("sale-from", Period.Moment.init(parsing:))
        saleTo = try arguments.value("sale-to", Period.Moment.init(parsing:))
        draft.barcode = arguments.value("barcode")
        if arguments.has("image") { draft.images = arguments.values("image") }
        if arguments.has("backorders") { draft.allowsBackorders = true }
        draft.details = arguments.value("description")
        if arguments.has("category") { draft.categories = arguments.values("category") }
        if arguments.has("tag") { draft.tags = arguments.values("tag") }
        if arguments.has("attribute") {
            draft.attributes = try arguments.values("attribute", NamedText.init(parsing:))
                .map { Product.Pair($0.name, $0.value) }
        }
        draft.parent = try arguments.value("parent", SKU.init(parsing:))
        if arguments.has("option") {
            draft.options = try arguments.values("option", NamedText.init(parsing:))
                .map { Product.Pair($0.name, $0.value) }
        }
        draft.lowStock = try arguments.value("low-stock", NamedText.count)
        draft.taxClass = try arguments.value("tax-class", TaxClass.init(parsing:))
        draft.weightGrams = try arguments.value("weight", NamedText.count)
        if arguments.has("untracked") { draft.isTracked = false }
    }

    /// The draft, its amounts in the shop's currency.
    func draft(in shop: Shop) throws(ShopError) -> Product.Draft {
        var draft = draft
        draft.price = try shop.money(price, "price")
        draft.cost = try shop.money(cost, "cost")
        draft.salePrice = try shop.money(salePrice, "sale-price")
        draft.saleFrom = saleFrom?.beginning(in: shop.settings.timeZone)
        draft.saleTo = saleTo?.end(in: shop.settings.timeZone)
        return draft
    }
}

/// `NAME=VALUE`, and other small texts of flags.
struct NamedText: Sendable {
    let name: String
    let value: String

    init(parsing text: String) throws(ShopError) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw ShopError(
                .usage, "invalid-pair", "\"\(text)\" is not NAME=VALUE", try: ["Size=M"])
        }
        name = String(text[..<equals])
        value = String(text[text.index(after: equals)...])
    }

    /// A whole number from 0 up.
    static func count(_ text: String) throws(ShopError) -> Int64 {
        guard let count = Int64(text), (0...Quantity.most).contains(count), text.first != "+" else {
            throw ShopError(
                .usage, "invalid-count", "\"\(text)\" is no whole number from 0 to \(Quantity.most)"
            )
        }
        return count
    }

    /// A whole number other than 0, up or down.
    static func difference(_ text: String) throws(ShopError) -> Int64 {
        guard let difference = Int64(text), difference != 0,
            difference.magnitude <= Quantity.most.magnitude
        else {
            throw ShopError(
                .usage, "invalid-difference", "\"\(text)\" is no whole number up or down, not 0",
                try: ["--by -3"])
        }
        return difference
    }
}

extension Shop {
    /// The amount of a flag, in the shop's currency.
    func money(
        _ text: String?, _ flag: String, named name: String? = nil
    ) throws(ShopError) -> Money? {
        guard let text else { return nil }
        do throws(ShopError) {
            return try Money(parsing: text, currency, named: name ?? flag)
        } catch {
            throw error.at("--\(flag)")
        }
    }
}
