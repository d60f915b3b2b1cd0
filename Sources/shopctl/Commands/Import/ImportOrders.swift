import Primitives
import ShopCore
import Users

/// `shopctl import orders`.
struct ImportOrders: ShopCommand {
    static var name: String { "import orders" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take in a history of orders from a file, all of them or none",
            discussion:
                "Reads CSV with a row for each line item (columns reference, customer, status,\n"
                + "placedAt, captured, refunded, method, sku, name, quantity, unitPrice,\n"
                + "shipping, tax, total, in any order), and JSON Lines as `order list` and\n"
                + "`export orders` print them. Orders get the shop's next numbers in the\n"
                + "file's order. Placed ones reserve their units; units on hand are not\n"
                + "touched. An order that the shop has already, with the same content, changes\n"
                + "nothing. Of more than 200 --dry-run shows what they come to, not each\n"
                + "difference.",
            options: [
                .value(
                    "file", short: "f", "FILE", "The file, or - for standard input",
                    required: true),
                .value("currency", "CODE", "Currency of the file's amounts; must be the shop's")
                    .read(by: Currency.init(parsing:)),
                .value(
                    "on-conflict", "ACTION",
                    "For a reference that the shop has, with other content",
                    choices: ["fail", "skip"], default: "fail"),
                .value(
                    "on-missing", "ACTION", "For a SKU that the catalog does not have",
                    choices: OrderImportOptions.MissingProduct.allCases.map(\.rawValue),
                    default: "fail"),
                .value(
                    "correct-sealed", "REASON",
                    "Take in what is dated into closed days too, and say why in the audit trail"),
            ],
            examples: [
                .init("shopctl import orders -f history.csv --dry-run"),
                .init("shopctl import orders -f history.csv --on-missing create"),
            ],
            exitCodes: [
                .init(.conflict, "an order exists with other content"),
                .init(.refused, "the currency is not the shop's, or a day is sealed"),
                .init(.data, "the file or one of its orders cannot be; nothing is imported"),
                .init(.noInput, "there is no such file"),
            ],
            mutates: true, permission: .needs(.importData),
            fields: ImportProducts.columns.headings())
    }

    private let path: String
    private let currency: Currency?
    private var options = OrderImportOptions()

    init(_ arguments: ParsedArguments) throws(ShopError) {
        path = try arguments.required("file")
        currency = try arguments.value("currency", Currency.init(parsing:))
        if let word = arguments.value("on-conflict").flatMap(ImportConflict.init(rawValue:)) {
            options.onConflict = word
        }
        options.correction = arguments.value("correct-sealed")
        let missing = arguments.value("on-missing")
        if let word = missing.flatMap(OrderImportOptions.MissingProduct.init(rawValue:)) {
            options.onMissing = word
        }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        if let currency, currency != shop.currency {
            throw ShopError.currencyMismatch(shop.currency, currency).at("--currency")
        }
        let source = try ImportedFile(path, context)
        defer { source.finish() }
        let reader = OrderReader(
            source.name, in: shop.currency, shop.settings.timeZone, read: source.read)
        let summary = try shop.importOrders(reader, options)
        return Report.mutation(
            "Imported \(reader.name): \(summary.created) created, \(summary.unchanged) unchanged, "
                + "\(summary.skipped) skipped.",
            next: ["shopctl order list"], ids: ["\(summary.created)"],
            ImportProducts.columns, [summary])
    }
}

/// The file of an import, whose reading moves the progress line.
final class ImportedFile {
    let name: String
    private let file: InputFile
    private let progress: Progress
    private var done: Int64 = 0

    init(_ path: String, _ context: CommandContext) throws(ShopError) {
        file = try context.input(path)
        name = file.name
        progress = Progress("Reading", of: nil, context)
    }

    func read(_ buffer: UnsafeMutableRawBufferPointer) throws(ShopError) -> Int {
        let count = try file.read(into: buffer)
        done += Int64(count)
        progress.advance(to: done)
        return count
    }

    func finish() { progress.finish() }
}
