import Primitives
import ShopCore
import Users

/// `shopctl tax import`.
struct TaxImport: ShopCommand {
    static var name: String { "tax import" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add the rates of a file to the table of taxes, all of them or none",
            discussion:
                "Reads WooCommerce's table of taxes, CSV with the columns Country Code, State\n"
                + "Code, ZIP/Postcode, City, Rate %, Tax Name, Priority, Compound, Shipping and\n"
                + "Tax Class, and what tax list prints as CSV. A row with the same class,\n"
                + "place, priority and name as a rate of the table changes it.",
            options: [
                .value(
                    "file", short: "f", "FILE", "The file, or - for standard input",
                    required: true)
            ],
            examples: [.init("shopctl tax import -f tax_rates.csv")],
            exitCodes: [
                .init(.data, "the file or one of its rows is malformed; nothing is imported"),
                .init(.noInput, "there is no such file"),
            ],
            mutates: true, permission: .needs(.writePrices),
            fields: ImportProducts.columns.headings())
    }

    private let path: String

    init(_ arguments: ParsedArguments) throws(ShopError) {
        path = try arguments.required("file")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let file = try ImportedFile(path, context)
        defer { file.finish() }
        let summary = try shop.importTaxRates(TaxRateReader(file.name, read: file.read))
        return .mutation(
            "Imported \(file.name): \(summary.created) created, \(summary.updated) updated, "
                + "\(summary.unchanged) unchanged.",
            next: ["shopctl tax list"], ids: ["\(summary.created + summary.updated)"],
            ImportProducts.columns, [summary])
    }
}
