import Primitives
import ShopCore
import Users

/// `shopctl shipping list`.
struct ShippingList: ShopCommand {
    static var name: String { "shipping list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List the ways of shipping and what they cost",
            examples: [.init("shopctl shipping list")], permission: .needs(.readProducts),
            fields: ShippingColumns.all.headings())
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(
            ShippingColumns.all, try shop.shippingMethods(),
            whenEmpty: "There are no ways of shipping.")
    }
}
