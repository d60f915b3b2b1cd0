import Payments
import Primitives
import ShopCore
import Users

/// `shopctl payment void`.
struct PaymentVoid: ShopCommand {
    static var name: String { "payment void" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Give up money that is held and was not captured",
            discussion: "Of a payment, or of an order all that is held for it. What was captured\n"
                + "is refunded, not voided.\n\n" + ProviderConfig.dryRunNote,
            operand: .one("PAYMENT", "Such as PAY-1001, or the order ORD-1001")
                .read(by: PaymentTargetID.init(parsing:)),
            options: [.recorded("reason", "TEXT", "Why")],
            examples: [.init("shopctl payment void PAY-1001")],
            exitCodes: [
                .init(.notFound, "there is no such payment or order"),
                .init(.conflict, "nothing is held"),
            ],
            mutates: true, permission: .needs(.capturePayments),
            fields: PaymentColumns.all.headings())
    }

    private let id: PaymentTargetID
    private let reason: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        id = try arguments.firstOperand(PaymentTargetID.init(parsing:))
        reason = arguments.value("reason")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let payments = try shop.voidPayment(id.target, reason: reason).items
        let ids = payments.map(\.number.description)
        return .mutation(
            "Nothing is held by \(ids.joined(separator: ", ")) any more.",
            next: payments.first.map { ["shopctl order show \($0.order)"] } ?? [], ids: ids,
            PaymentColumns.all, payments)
    }
}
