import Payments
import Primitives
import ShopCore
import Users

/// `shopctl payment authorize`.
struct PaymentAuthorize: ShopCommand {
    static var name: String { "payment authorize" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Hold money for an order, to be taken later",
            discussion:
                "A provider of the config file holds it, or you took the hold yourself, at\n"
                + "your card terminal for example. Take it with payment capture PAYMENT, in parts\n"
                + "if need be, or give it up with payment void.\n\n" + ProviderConfig.dryRunNote,
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .value(
                    "method", "METHOD", "How it is paid", choices: PaymentMethod.taken,
                    default: "card"),
                .value("amount", "PRICE", "How much", default: "all that is due and not held"),
                .recorded("reference", "TEXT", "The terminal's own name for it"),
            ] + ChargeFlags.options,
            examples: [
                .init("shopctl payment authorize ORD-1001 --reference terminal-4"),
                .init("shopctl payment authorize ORD-1001 --provider stripe --token pm_1"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such order"),
                .init(.conflict, "the order is a draft, cancelled or expired"),
                .init(.refused, "it is more than what is due and not held, or declined"),
                .init(.unknown, "the provider did not answer"),
            ],
            mutates: true, permission: .needs(.capturePayments),
            fields: PaymentColumns.all.headings())
    }

    private let order: OrderNumber
    private let method: PaymentMethod
    private let amount: String?
    private let reference: String?
    private let charge: ChargeFlags?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        order = try arguments.firstOperand(OrderNumber.init(parsing:))
        charge = try ChargeFlags(arguments)
        method = arguments.value("method").flatMap(PaymentMethod.init(rawValue:)) ?? .card
        amount = arguments.value("amount")
        reference = arguments.value("reference")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let amount = try shop.money(amount, "amount")
        let payment: Payment
        if let charge {
            var wanted = charge.charge(order, amount, reference)
            wanted.isHold = true
            payment = try shop.charge(wanted)
        } else {
            payment = try shop.authorizePayment(for: order, method, amount, reference: reference)
        }
        return .mutation(
            "\(payment.authorized) are held for \(payment.order) by \(payment.number).",
            next: ["shopctl payment capture \(payment.number)"],
            ids: [payment.number.description], PaymentColumns.all, [payment])
    }
}
