import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl product edit`.
struct ProductEdit: ShopCommand {
    static var name: String { "product edit" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Change what is known of a product",
            discussion: "Orders keep the name and price they were placed with. Repeatable flags\n"
                + "replace all of their values.",
            operand: .one("SKU", "Such as MUG-1").read(by: SKU.init(parsing:)),
            options: [
                .value("name", "TEXT", "Name that customers see"),
                .value("price", "PRICE", "Price of a unit, in the shop's currency"),
            ] + ProductFlags.options + [
                .switch("no-sale", "End its sale, or take back one that has not begun"),
                .switch("tracked", "Count its units from now on"),
                .switch("no-backorders", "Take no orders for more than there is"),
                .value("status", "STATUS", "For sale or not yet", choices: ["active", "draft"]),
            ],
            examples: [.init("shopctl product edit MUG-1 --price 13.49")],
            exitCodes: [
                .init(.notFound, "there is no such product"),
                .init(.refused, "an open order holds it, or it has stock, and counting would end"),
            ],
            mutates: true, permission: .needs(.writeProducts), fields: ProductColumns.all.headings()
        )
    }

    private let sku: SKU
    private let flags: ProductFlags
    private let status: ProductStatus?
    private let isTracked: Bool
    private let endsSale: Bool
    private let endsBackorders: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        sku = try arguments.firstOperand(SKU.init(parsing:))
        flags = try ProductFlags(arguments)
        status = arguments.value("status").flatMap(ProductStatus.init(rawValue:))
        isTracked = arguments.has("tracked")
        let own = Self.spec.options.map(\.name)
        guard own.contains(where: { arguments.has($0) }) else { throw .nothingToEdit(sku) }
        guard !isTracked || !arguments.has("untracked") else { throw .trackedAndUntracked }
        endsSale = arguments.has("no-sale")
        endsBackorders = arguments.has("no-backorders")
        guard !endsBackorders || !arguments.has("backorders") else { throw .backordersOrNot }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var draft = try flags.draft(in: shop)
        draft.status = status
        if isTracked { draft.isTracked = true }
        draft.endsSale = endsSale
        if endsBackorders { draft.allowsBackorders = false }
        let entry = try shop.editProduct(sku, draft)
        let sku = entry.product.sku
        return .mutation(
            "\(sku) is up to date.", next: ["shopctl product show \(sku)"], ids: [sku.text],
            ProductColumns.all, [entry])
    }
}

extension ShopError {
    static func nothingToEdit(_ sku: SKU) -> ShopError {
        ShopError(
            .usage, "nothing-to-edit", "nothing says what to change of \(sku)",
            try: ["shopctl product edit \(sku) --price 12.99", "shopctl product edit --help"])
    }

    static var backordersOrNot: ShopError {
        ShopError(
            .usage, "backorders-or-not", "--backorders and --no-backorders cannot stand together")
    }

    static var trackedAndUntracked: ShopError {
        ShopError(
            .usage, "tracked-and-untracked", "--tracked and --untracked cannot stand together")
    }
}
