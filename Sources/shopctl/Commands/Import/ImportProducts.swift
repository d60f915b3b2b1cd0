import Primitives
import ShopCore
import Users

/// `shopctl import products`.
struct ImportProducts: ShopCommand {
    static var name: String { "import products" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add and change products from a file, all of them or none",
            discussion:
                "Reads the project's own CSV (columns sku, name, price, stock and more, in any\n"
                + "order) and JSON Lines, what `product list` prints as jsonl, json or csv, and\n"
                + "WooCommerce's product export. A row that says what the shop has already\n"
                + "changes nothing. Of more than 200 rows --dry-run shows what they come to, not\n"
                + "each difference.",
            options: [
                .value(
                    "file", short: "f", "FILE", "The file, or - for standard input",
                    required: true),
                .value(
                    "source", "KIND", "What wrote the file",
                    choices: ImportSource.allCases.map(\.rawValue), default: "auto"),
                .value("currency", "CODE", "Currency of the file's prices; must be the shop's")
                    .read(by: Currency.init(parsing:)),
                .value(
                    "on-conflict", "ACTION", "For a row whose SKU exists with other content",
                    choices: ImportConflict.allCases.map(\.rawValue), default: "fail"),
            ],
            examples: [
                .init("shopctl import products -f catalog.csv"),
                .init("shopctl import products -f woocommerce.csv --currency USD --dry-run"),
            ],
            exitCodes: [
                .init(.conflict, "a SKU exists with other content"),
                .init(.refused, "the currency is not the shop's"),
                .init(.data, "the file or one of its rows is malformed; nothing is imported"),
                .init(.noInput, "there is no such file"),
            ],
            mutates: true, permission: .needs(.importData), fields: columns.headings())
    }

    static let columns: [Column<ImportSummary>] = [
        .integer("created") { $0.created },
        .integer("updated") { $0.updated },
        .integer("unchanged") { $0.unchanged },
        .integer("skipped") { $0.skipped },
    ]

    private let path: String
    private let source: ImportSource
    private let currency: Currency?
    private let onConflict: ImportConflict

    init(_ arguments: ParsedArguments) throws(ShopError) {
        path = try arguments.required("file")
        source = arguments.value("source").flatMap(ImportSource.init(rawValue:)) ?? .auto
        currency = try arguments.value("currency", Currency.init(parsing:))
        onConflict = arguments.value("on-conflict").flatMap(ImportConflict.init(rawValue:)) ?? .fail
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        if let currency, currency != shop.currency {
            throw ShopError.currencyMismatch(shop.currency, currency).at("--currency")
        }
        let file = try ImportedFile(path, context)
        defer { file.finish() }
        let reader = ProductReader(
            file.name, as: source, in: shop.currency, zone: shop.settings.timeZone,
            read: file.read)
        let summary = try shop.importProducts(reader, onConflict: onConflict)
        var report = Report.mutation(
            "Imported \(reader.name): \(summary.created) created, \(summary.updated) updated, "
                + "\(summary.unchanged) unchanged, \(summary.skipped) skipped.",
            next: ["shopctl product list"],
            ids: ["\(summary.created + summary.updated)"], Self.columns, [summary])
        for skipped in reader.skipped {
            report.notices.append("Skipped line \(skipped.line), \(skipped.id): \(skipped.reason).")
        }
        return report
    }
}
