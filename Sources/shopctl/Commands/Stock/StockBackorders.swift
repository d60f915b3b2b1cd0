import Primitives
import ShopCore
import Users

/// `shopctl stock backorders`.
struct StockBackorders: ShopCommand {
    static var name: String { "stock backorders" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List the orders that wait for units to arrive",
            discussion:
                "What is on hand counts for the order that was placed first. Nobody is kept\n"
                + "from shipping another one first.",
            examples: [.init("shopctl stock backorders")],
            permission: .needs(.readOrders), fields: columns.headings())
    }

    private static let columns: [Column<Backorder>] = [
        .text("sku", "SKU") { $0.sku.text },
        .text("location", shown: .wide) { $0.location?.text },
        .text("order") { $0.order.description },
        .integer("waiting") { $0.waiting },
        .time("since") { $0.since },
        .text("customer") { $0.customer.text },
    ]

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(Self.columns, try shop.backorders(), whenEmpty: "No order waits for stock.")
    }
}
