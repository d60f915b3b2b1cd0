import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl product bulk-edit`.
struct ProductBulkEdit: ShopCommand {
    static var name: String { "product bulk-edit" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Change every product that a filter finds, all or none",
            discussion:
                "The first flags say which products, as for product list; the others what is to\n"
                + "change. Each difference is shown before asking; --dry-run shows them, and\n"
                + "changes nothing.",
            options: ProductFilterFlags.options + BulkEditFlags.options,
            examples: [
                .init("shopctl product bulk-edit --category Home --price-by +5% --dry-run"),
                .init(
                    "shopctl product bulk-edit --tag summer --sale-by -20% --sale-to 2027-08-31",
                    "a sale for some weeks"),
                .init("shopctl product bulk-edit --search mug --add-tag gift --yes"),
            ],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.refused, "a product cannot be changed so; none is"),
            ],
            mutates: true, permission: .needs(.writeProducts), confirmation: .yesOrNo,
            fields: columns.headings())
    }

    private static let columns: [Column<ProductChange>] = [
        .text("sku", "SKU") { $0.sku.text },
        .text("member") { $0.member },
        .text("before") { $0.before },
        .text("after") { $0.after },
    ]

    private let filter: Shop.ProductFilter
    private let flags: BulkEditFlags

    init(_ arguments: ParsedArguments) throws(ShopError) {
        filter = try ProductFilterFlags.filter(arguments)
        flags = try BulkEditFlags(arguments)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let wanted = try flags.edit(in: shop)
        func edit() throws(ShopError) -> [ProductChange] {
            try shop.editProducts(filter, wanted).items
        }
        var isShown = false
        func show(_ changes: [ProductChange]) {
            isShown = true
            for change in changes {
                let (before, after) = (change.before ?? "nothing", change.after ?? "nothing")
                context.notice("\(change.sku) \(change.member): \(before) → \(after)")
            }
        }
        try context.confirm(
            { changes in
                show(changes)
                return "Change \(Self.skus(of: changes).count) products?"
            }, before: edit, in: shop)
        let changes = try edit()
        // A dry run shows what would be different of every record.
        if !isShown, !context.isDryRun { show(changes) }
        let skus = Self.skus(of: changes)
        return .mutation(
            "Changed \(skus.count) products.", next: ["shopctl product list"], ids: skus,
            Self.columns, changes)
    }

    /// Each once; a product's changes stand together.
    private static func skus(of changes: [ProductChange]) -> [String] {
        var skus: [String] = []
        for change in changes where skus.last != change.sku.text { skus.append(change.sku.text) }
        return skus
    }
}

/// The flags that say what is to change of many products.
struct BulkEditFlags: Sendable {
    static var options: [OptionSpec] {
        [
            .value("price-by", "[+-]N|N%", "Raise or lower the price").read(by: StepText.init),
            .value("cost-by", "[+-]N|N%", "Raise or lower the cost").read(by: StepText.init),
            .value("sale-by", "-N|-N%", "Put on sale at so much below the price")
                .read(by: StepText.init),
            .value("sale-from", "DAY", "The first day of the sale, or a time")
                .read(by: Period.Moment.init(parsing:)),
            .value("sale-to", "DAY", "The last day of the sale, or the time it ends")
                .read(by: Period.Moment.init(parsing:)),
            .switch("no-sale", "End sales, or take back those that have not begun"),
            .values("add-tag", "TAG", "Add a tag"),
            .values("remove-tag", "TAG", "Take a tag away"),
            .values("add-category", "PATH", "Add a category"),
            .values("remove-category", "PATH", "Take a category and those below it away"),
            .value("set-status", "STATUS", "For sale or not yet", choices: ["active", "draft"]),
            .value("set-low-stock", "N", "Units available at which it counts as low")
                .read(by: NamedText.count),
            .value("set-tax-class", "CLASS", "Which rates tax it")
                .read(by: TaxClass.init(parsing:)),
            .switch("backorders", "Take orders for more than there is"),
            .switch("no-backorders", "Take no orders for more than there is"),
        ]
    }

    private let steps: (price: StepText?, cost: StepText?, sale: StepText?)
    private let days: (from: Period.Moment?, to: Period.Moment?)
    private var edit = BulkEdit()

    init(_ arguments: ParsedArguments) throws(ShopError) {
        guard Self.options.contains(where: { arguments.has($0.name) }) else {
            throw .nothingToChange
        }
        steps.price = try arguments.value("price-by", StepText.init)
        steps.cost = try arguments.value("cost-by", StepText.init)
        steps.sale = try arguments.value("sale-by", StepText.init)
        days.from = try arguments.value("sale-from", Period.Moment.init(parsing:))
        days.to = try arguments.value("sale-to", Period.Moment.init(parsing:))
        edit.draft.endsSale = arguments.has("no-sale")
        edit.addedTags = arguments.values("add-tag")
        edit.removedTags = arguments.values("remove-tag")
        edit.addedCategories = arguments.values("add-category")
        edit.removedCategories = arguments.values("remove-category")
        edit.draft.status = arguments.value("set-status").flatMap(ProductStatus.init(rawValue:))
        edit.draft.lowStock = try arguments.value("set-low-stock", NamedText.count)
        edit.draft.taxClass = try arguments.value("set-tax-class", TaxClass.init(parsing:))
        guard !arguments.has("backorders") || !arguments.has("no-backorders") else {
            throw .backordersOrNot
        }
        if arguments.has("backorders") { edit.draft.allowsBackorders = true }
        if arguments.has("no-backorders") { edit.draft.allowsBackorders = false }
    }

    /// The edit, its amounts in the shop's currency and its days in the shop's zone.
    func edit(in shop: Shop) throws(ShopError) -> BulkEdit {
        var edit = edit
        edit.price = try steps.price?.step(in: shop, "price-by")
        edit.cost = try steps.cost?.step(in: shop, "cost-by")
        edit.sale = try steps.sale?.step(in: shop, "sale-by")
        edit.draft.saleFrom = days.from?.beginning(in: shop.settings.timeZone)
        edit.draft.saleTo = days.to?.end(in: shop.settings.timeZone)
        return edit
    }
}

/// `+5%`, `-0.50` or `2`: a share of an amount, or an amount.
struct StepText: Sendable {
    private let amount: String
    /// In hundredths of a percent, where it is a share.
    private let hundredths: Int64?

    init(_ text: String) throws(ShopError) {
        amount = text.hasPrefix("+") ? String(text.dropFirst()) : text
        guard amount.hasSuffix("%") else {
            hundredths = nil
            guard !amount.hasPrefix("+"), !amount.isEmpty else { throw .invalidStep(text) }
            return
        }
        let isNegative = amount.hasPrefix("-")
        let parts = amount.dropLast().drop { $0 == "-" }
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? String(parts[1]) : "0"
        let digits = [String(parts.first ?? ""), decimals]
        guard
            digits.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            decimals.utf8.count <= 2, let whole = Int64(digits[0]), whole <= 100_000,
            let part = Int64(decimals.utf8.count == 1 ? decimals + "0" : decimals)
        else { throw .invalidStep(text) }
        hundredths = (whole * 100 + part) * (isNegative ? -1 : 1)
    }

    func step(in shop: Shop, _ flag: String) throws(ShopError) -> BulkEdit.Step? {
        if let hundredths { return .percent(hundredths) }
        return try shop.money(amount, flag).map(BulkEdit.Step.amount)
    }
}

extension ShopError {
    static var nothingToChange: ShopError {
        ShopError(
            .usage, "nothing-to-change", "nothing says what to change of the products",
            try: ["--price-by +5%", "--add-tag TAG", "shopctl product bulk-edit --help"])
    }

    static func invalidStep(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-step", "\"\(text)\" is neither an amount nor a share",
            try: ["+5%", "-12.5%", "-0.50"])
    }
}
