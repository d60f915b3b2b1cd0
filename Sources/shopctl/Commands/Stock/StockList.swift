import Primitives
import ShopCore
import Users

/// `shopctl stock list`.
struct StockList: ShopCommand {
    static var name: String { "stock list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List the stock of every product that is counted",
            options: [
                .switch("low", "Only at or below the product's low-stock threshold"),
                .switch("out-of-stock", "Only with nothing available"),
                LocationFlag.shown,
            ] + RowSelection.options,
            examples: [.init("shopctl stock list --low")],
            permission: .needs(.readStock), fields: StockColumns.entries.headings())
    }

    private let filter: Shop.StockFilter
    private let place: Shop.StockPlace
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        guard !arguments.has("low") || !arguments.has("out-of-stock") else { throw .lowAndOut }
        filter = arguments.has("low") ? .low : arguments.has("out-of-stock") ? .out : .all
        place = try LocationFlag.place(arguments)
        rows = try RowSelection(arguments, among: StockColumns.entries.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let (filter, place) = (filter, place)
        return .list(
            rows.listing(StockColumns.entries, whenEmpty: "No stock matches.") {
                visit throws(ShopError) in
                try shop.eachStock(filter, in: place, visit)
            })
    }
}

extension ShopError {
    static var lowAndOut: ShopError {
        ShopError(.usage, "low-and-out", "--low and --out-of-stock cannot stand together")
    }
}
