import Orders
import Primitives
import ShopCore
import Users

/// `shopctl shipping set`.
struct ShippingSet: ShopCommand {
    static var name: String { "shipping set" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Say what a way of shipping costs",
            discussion:
                "One price for any weight, or prices by weight: the first one that holds what\n"
                + "the order weighs. What is heavier than all of them costs --price, or is\n"
                + "refused where there is none.",
            operand: .one("NAME", "Such as POST").read(by: SKU.init(parsing:)),
            options: [
                .value("price", "PRICE", "What it costs"),
                .values("up-to", "GRAMS=PRICE", "What it costs up to a weight")
                    .read(by: NamedText.init(parsing:)),
                .value("free-from", "PRICE", "Free if the lines, less discounts, come to this"),
                .value("tax-class", "CLASS", "Which rates tax it")
                    .read(by: TaxClass.init(parsing:)),
            ],
            examples: [
                .init("shopctl shipping set POST --price 4.90 --free-from 50"),
                .init("shopctl shipping set PARCEL --up-to 1000=4.90 --up-to 5000=6.90"),
            ],
            aliases: ["add", "create"], mutates: true, permission: .needs(.writePrices),
            fields: ShippingColumns.all.headings())
    }

    private let method: SKU
    private let price: String?
    private let steps: [(grams: Int64, price: String)]
    private let freeFrom: String?
    private let taxClass: TaxClass?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        method = try arguments.firstOperand(SKU.init(parsing:))
        price = arguments.value("price")
        var steps: [(grams: Int64, price: String)] = []
        for step in try arguments.values("up-to", NamedText.init(parsing:)) {
            steps.append((try NamedText.count(step.name), step.value))
        }
        self.steps = steps
        freeFrom = arguments.value("free-from")
        taxClass = try arguments.value("tax-class", TaxClass.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var rates: [ShippingMethod.Rate] = []
        for step in steps {
            guard let price = try shop.money(step.price, "up-to", named: "price") else { continue }
            rates.append(.init(upToGrams: step.grams, price: price))
        }
        if let price = try shop.money(price, "price") {
            rates.append(.init(upToGrams: nil, price: price))
        }
        let set = try shop.setShippingMethod(
            method, rates, freeFrom: try shop.money(freeFrom, "free-from"), taxClass: taxClass)
        return .mutation(
            "Set what \(set.name) costs.", next: ["shopctl shipping list"], ids: [set.name.text],
            ShippingColumns.all, [set])
    }
}
