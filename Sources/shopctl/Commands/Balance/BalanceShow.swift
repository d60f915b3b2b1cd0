import Payments
import Primitives
import ShopCore
import Users

/// `shopctl balance show`.
struct BalanceShow: ShopCommand {
    static var name: String { "balance show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show a gift card or a customer's store credit, with every movement",
            operand: .one("BALANCE", "Such as GC-9f0c1a2b, or a customer's address"),
            examples: [.init("shopctl balance show ana@x.example")],
            exitCodes: [.init(.notFound, "there is none")],
            permission: .needs(.readPayments), fields: BalanceColumns.history.headings())
    }

    private let id: String

    init(_ arguments: ParsedArguments) throws(ShopError) {
        id = try arguments.firstOperand()
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .records(BalanceColumns.history, [try shop.balance(id)])
    }
}
