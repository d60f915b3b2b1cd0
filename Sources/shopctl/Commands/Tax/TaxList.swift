import Orders
import Primitives
import ShopCore
import Users

/// `shopctl tax list`.
struct TaxList: ShopCommand {
    static var name: String { "tax list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List the table of taxes",
            options: [
                .value("region", "REGION", "What applies there: COUNTRY/STATE/POSTCODE/CITY")
                    .read(by: Region.init(parsing:))
            ],
            examples: [
                .init("shopctl tax list"), .init("shopctl tax list --region US/AL/35242"),
            ],
            permission: .needs(.readPrices), fields: TaxColumns.all.headings())
    }

    private let region: Region?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        region = try arguments.value("region", Region.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(
            TaxColumns.all, try shop.taxRates(in: region), whenEmpty: "There are no such rates.")
    }
}
