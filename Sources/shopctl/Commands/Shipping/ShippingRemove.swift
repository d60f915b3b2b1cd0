import Primitives
import ShopCore
import Users

/// `shopctl shipping remove`.
struct ShippingRemove: ShopCommand {
    static var name: String { "shipping remove" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Offer ways of shipping no longer",
            discussion: "Orders that have them keep their name and price.",
            operand: .oneOrMore("NAME", "Such as POST").read(by: SKU.init(parsing:)),
            examples: [.init("shopctl shipping remove POST")],
            exitCodes: [.init(.notFound, "there is no such way of shipping")],
            mutates: true, permission: .needs(.writePrices),
            fields: ShippingColumns.all.headings())
    }

    private let names: [SKU]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        names = try arguments.operands(SKU.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let removed = try shop.removeShippingMethods(names).items
        let ids = removed.map(\.name.text)
        return .mutation(
            "Removed \(ids.joined(separator: ", ")).", next: ["shopctl shipping list"], ids: ids,
            ShippingColumns.all, removed)
    }
}
