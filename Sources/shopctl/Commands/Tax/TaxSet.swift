import Orders
import Primitives
import ShopCore
import Users

/// `shopctl tax set`.
struct TaxSet: ShopCommand {
    static var name: String { "tax set" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add a rate to the table of taxes, or change it",
            discussion:
                "A rate with the same class, place, priority and name is changed. Of one class\n"
                + "and priority the rate that says most closely where applies; those of several\n"
                + "priorities apply together. See docs/prices.md.",
            operand: .one("PERCENT", "Such as 20 or 8.875").read(by: Percent.init(parsing:)),
            options: [
                .value("name", "TEXT", "What customers read", default: "Tax"),
                .value("class", "CLASS", "Of which products", default: "standard")
                    .read(by: TaxClass.init(parsing:)),
                .value("country", "CODE", "Where, in two letters; else anywhere"),
                .value("state", "CODE", "In this state only"),
                .values("postcode", "POSTCODE", "There only: 35242, 352* or 35000...35299"),
                .values("city", "CITY", "There only"),
                .value("priority", "N", "Rates of different ones add up", default: "1")
                    .read(by: NamedText.count),
                .switch("compound", "It is on top of the taxes before it"),
                .switch("no-shipping", "Shipping is not taxed by it"),
            ],
            examples: [
                .init("shopctl tax set 20 --country GB --name VAT"),
                .init(
                    "shopctl tax set 9.975 --country CA --state QC --name QST --priority 2 "
                        + "--compound"),
            ],
            aliases: ["add", "create"], mutates: true, permission: .needs(.writePrices),
            fields: TaxColumns.all.headings())
    }

    private let draft: TaxRate.Draft

    init(_ arguments: ParsedArguments) throws(ShopError) {
        var draft = TaxRate.Draft(rate: try arguments.firstOperand(Percent.init(parsing:)))
        draft.name = arguments.value("name") ?? draft.name
        draft.taxClass = try arguments.value("class", TaxClass.init(parsing:)) ?? draft.taxClass
        draft.country = arguments.value("country") ?? ""
        draft.state = arguments.value("state") ?? ""
        draft.postcodes = arguments.values("postcode")
        draft.cities = arguments.values("city")
        draft.priority = try arguments.value("priority", NamedText.count) ?? draft.priority
        draft.isCompound = arguments.has("compound")
        draft.isOnShipping = !arguments.has("no-shipping")
        self.draft = draft
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let rate = try shop.setTaxRate(draft)
        return .mutation(
            "Set \(rate.name), \(rate.rate), as rate \(rate.number).", next: ["shopctl tax list"],
            ids: [String(rate.number)], TaxColumns.all, [rate])
    }
}
