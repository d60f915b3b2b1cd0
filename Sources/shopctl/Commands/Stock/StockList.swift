import Primitives
import ShopCore

/// `shopctl stock list`.
struct StockList: ShopCommand {
    static var name: String { "stock list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List the stock of every product that is counted",
            options: [
                .switch("low", "Only at or below the product's low-stock threshold"),
                .switch("out", "Only with nothing available"),
                .value("limit", short: "L", "N", "At most N rows").read(by: ArgumentValues.count),
            ],
            examples: [.init("shopctl stock list --low")],
            permission: "owner, manager, clerk", fields: StockColumns.entries.headings())
    }

    private let filter: Shop.StockFilter
    private let limit: Int?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        guard !arguments.has("low") || !arguments.has("out") else { throw .lowAndOut }
        filter = arguments.has("low") ? .low : arguments.has("out") ? .out : .all
        limit = try arguments.value("limit", ArgumentValues.count)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let (filter, limit) = (filter, limit)
        return .list(
            .limited(StockColumns.entries, to: limit, whenEmpty: "No stock matches.") {
                visit throws(ShopError) in
                try shop.eachStock(filter, visit)
            })
    }
}

extension ShopError {
    static var lowAndOut: ShopError {
        ShopError(.usage, "low-and-out", "--low and --out cannot stand together")
    }
}
