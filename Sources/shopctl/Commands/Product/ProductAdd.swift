import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl product add`.
struct ProductAdd: ShopCommand {
    static var name: String { "product add" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add a product to the catalog",
            operand: .one("SKU", "Its code: letters, digits, '.', '_' and '-'")
                .read(by: SKU.init(parsing:)),
            options: [
                .value("name", "TEXT", "Name that customers see", required: true),
                .value("price", "PRICE", "Price of a unit, in the shop's currency"),
                .value("stock", "N", "Units on hand now", default: "0").read(by: NamedText.count),
            ] + ProductFlags.options + [
                .switch("variants", "It is a parent: its variants are sold, not itself"),
                .switch("draft", "Keep it out of sale for now"),
                .value("currency", "CODE", "Currency of a shop that is made by this command"),
            ],
            examples: [
                .init("shopctl product add MUG-1 --name \"Blue mug\" --price 12.99 --stock 10"),
                .init(
                    "shopctl product add TEE-M --name Tee --price 20 --parent TEE --option Size=M",
                    "a variant"),
            ],
            exitCodes: [
                .init(.conflict, "there is a product with this SKU"),
                .init(.refused, "the price is in another currency, or negative"),
            ],
            aliases: ["create"], mutates: true, permission: .needs(.writeProducts),
            fields: ProductColumns.all.headings())
    }

    private let sku: SKU
    private let flags: ProductFlags
    private let stock: Int64?
    private let isParent: Bool
    private let isDraft: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        sku = try arguments.firstOperand(SKU.init(parsing:))
        flags = try ProductFlags(arguments)
        stock = try arguments.value("stock", NamedText.count)
        isParent = arguments.has("variants")
        isDraft = arguments.has("draft")
        let isCounted = !isParent && !arguments.has("untracked")
        guard isCounted || stock == nil else { throw .stockNotCounted }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var draft = try flags.draft(in: shop)
        if isParent { draft.kind = .parent }
        if isDraft { draft.status = .draft }
        let entry = try shop.addProduct(sku, draft, stock: stock)
        let product = entry.product
        let price = product.price.map { " at \($0)" } ?? ""
        return .mutation(
            "Added \(product.sku) \"\(product.name)\"\(price).",
            next: ["shopctl stock receive \(product.sku) --quantity 10"], ids: [product.sku.text],
            ProductColumns.all, [entry])
    }
}

extension ShopError {
    static var stockNotCounted: ShopError {
        ShopError(
            .usage, "stock-not-counted",
            "--stock cannot stand with --untracked or --variants: no units are counted")
    }
}
