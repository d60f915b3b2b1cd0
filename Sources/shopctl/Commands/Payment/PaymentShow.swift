import Primitives
import ShopCore
import Users

/// `shopctl payment show`.
struct PaymentShow: ShopCommand {
    static var name: String { "payment show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show payments whole, with every capture and refund",
            operand: .oneOrMore("PAYMENT", "Such as PAY-1001")
                .read(by: PaymentNumber.init(parsing:)),
            examples: [.init("shopctl payment show PAY-1001")],
            exitCodes: [.init(.notFound, "there is no such payment")],
            permission: .needs(.readPayments), fields: PaymentColumns.all.headings())
    }

    private let numbers: [PaymentNumber]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        numbers = try arguments.operands(PaymentNumber.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .records(PaymentColumns.all, try shop.payments(numbers))
    }
}
