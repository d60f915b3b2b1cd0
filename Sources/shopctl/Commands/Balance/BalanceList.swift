import Payments
import Primitives
import ShopCore
import Users

/// `shopctl balance list`.
struct BalanceList: ShopCommand {
    static var name: String { "balance list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List gift cards and store credit", options: RowSelection.options,
            examples: [.init("shopctl balance list")],
            permission: .needs(.readPayments), fields: BalanceColumns.all.headings())
    }

    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        rows = try RowSelection(arguments, among: BalanceColumns.all.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(
            rows.listing(BalanceColumns.all, whenEmpty: "There are no balances.") {
                visit throws(ShopError) in
                try shop.eachBalance(visit)
            })
    }
}
