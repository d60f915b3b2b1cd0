import Payments
import Primitives
import ShopCore
import Users

/// `shopctl payment authorize`.
struct PaymentAuthorize: ShopCommand {
    static var name: String { "payment authorize" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Record money that is held for an order and not taken yet",
            discussion: "The hold is one you took yourself, at your card terminal for example.\n"
                + "Take it with payment capture PAYMENT, in parts if need be, or give it up with\n"
                + "payment void.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .value(
                    "method", "METHOD", "How it is paid", choices: PaymentMethod.taken,
                    default: "card"),
                .value("amount", "PRICE", "How much", default: "all that is due and not held"),
                .recorded("reference", "TEXT", "The terminal's own name for it"),
            ],
            examples: [.init("shopctl payment authorize ORD-1001 --reference terminal-4")],
            exitCodes: [
                .init(.notFound, "there is no such order"),
                .init(.conflict, "the order is a draft, cancelled or expired"),
                .init(.refused, "it is more than what is due and not held"),
            ],
            mutates: true, permission: .needs(.capturePayments),
            fields: PaymentColumns.all.headings())
    }

    private let order: OrderNumber
    private let method: PaymentMethod
    private let amount: String?
    private let reference: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        order = try arguments.firstOperand(OrderNumber.init(parsing:))
        method = arguments.value("method").flatMap(PaymentMethod.init(rawValue:)) ?? .card
        amount = arguments.value("amount")
        reference = arguments.value("reference")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let payment = try shop.authorizePayment(
            for: order, method, try shop.money(amount, "amount"), reference: reference)
        return .mutation(
            "\(payment.authorized) are held for \(payment.order) by \(payment.number).",
            next: ["shopctl payment capture \(payment.number)"],
            ids: [payment.number.description], PaymentColumns.all, [payment])
    }
}
