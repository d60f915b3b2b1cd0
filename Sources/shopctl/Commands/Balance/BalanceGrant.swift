import Payments
import Primitives
import ShopCore
import Users

/// `shopctl balance grant`.
struct BalanceGrant: ShopCommand {
    static var name: String { "balance grant" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Give a customer store credit",
            operand: .one("EMAIL", "The customer").read(by: EmailAddress.init(parsing:)),
            options: [
                .value("amount", "PRICE", "How much", required: true),
                .recorded("reason", "TEXT", "Why"),
            ],
            examples: [
                .init("shopctl balance grant ana@x.example --amount 5 --reason \"late parcel\"")
            ],
            exitCodes: [.init(.refused, "the amount is not above zero")],
            mutates: true, permission: .needs(.refundPayments),
            fields: BalanceColumns.all.headings())
    }

    private let customer: EmailAddress
    private let amount: String?
    private let reason: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        customer = try arguments.firstOperand(EmailAddress.init(parsing:))
        amount = try arguments.required("amount")
        reason = arguments.value("reason")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let amount = try shop.money(amount, "amount") ?? .zero(shop.currency)
        let balance = try shop.grantCredit(amount, to: customer, reason: reason)
        return .mutation(
            "\(balance.id) has \(balance.amount).",
            next: ["shopctl balance show \(balance.id)"], ids: [balance.id], BalanceColumns.all,
            [balance])
    }
}
