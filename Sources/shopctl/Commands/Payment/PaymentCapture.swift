import Payments
import Primitives
import ShopCore
import Users

/// `shopctl payment capture`.
struct PaymentCapture: ShopCommand {
    static var name: String { "payment capture" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Record money taken for an order",
            discussion: "The money is what you took yourself: cash, a bank transfer, or your card\n"
                + "terminal. Card numbers are never asked for and never stored.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .value(
                    "method", "METHOD", "How it was paid", required: true,
                    choices: PaymentMethod.allCases.map(\.rawValue)),
                .value("amount", "PRICE", "How much", default: "all that is due"),
                .value("reference", "TEXT", "The bank's or terminal's own name for it"),
            ],
            examples: [
                .init("shopctl payment capture ORD-1001 --method card"),
                .init("shopctl payment capture ORD-1001 --method cash --amount 20", "a part of it"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such order"),
                .init(.conflict, "the order is a draft, cancelled or expired"),
                .init(.refused, "it is more than what is due"),
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
        method = PaymentMethod(rawValue: try arguments.required("method")) ?? .cash
        amount = arguments.value("amount")
        reference = arguments.value("reference")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let payment = try shop.capturePayment(
            for: order, method, try shop.money(amount, "amount"), reference: reference)
        return .mutation(
            "Captured \(payment.captured) for \(payment.order) as \(payment.number).",
            next: ["shopctl order ship \(payment.order)"], ids: [payment.number.description],
            PaymentColumns.all, [payment])
    }
}
