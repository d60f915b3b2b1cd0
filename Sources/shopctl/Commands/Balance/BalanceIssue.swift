import Payments
import Primitives
import ShopCore
import Users

/// `shopctl balance issue`.
struct BalanceIssue: ShopCommand {
    static var name: String { "balance issue" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Make a gift card, and say its code",
            discussion:
                "The code is said on standard error and in JSON, and is stored nowhere: whoever\n"
                + "has it can pay with it. It is said once, or again to who repeats the command\n"
                + "with its --idempotency-key from the same account of the machine.\n\n"
                + "Sell the card like any other product. --dry-run makes no code, and calls the\n"
                + "card by another name than it will have.",
            options: [
                .value("amount", "PRICE", "What it is worth", required: true),
                .recorded("reason", "TEXT", "Why"),
            ],
            examples: [.init("shopctl balance issue --amount 50")],
            exitCodes: [.init(.refused, "the amount is not above zero")],
            mutates: true, permission: .needs(.refundPayments),
            fields: BalanceColumns.issued.headings())
    }

    /// A new card with its code, which is nil where it cannot be said.
    struct Issued: Sendable {
        let balance: Balance
        let code: String?
    }

    private let amount: String?
    private let reason: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        amount = try arguments.required("amount")
        reason = arguments.value("reason")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let amount = try shop.money(amount, "amount") ?? .zero(shop.currency)
        let (balance, code) = try shop.issueGiftCard(
            amount, reason: reason, codes: try GiftCodeSecret.codes(for: shop, context))
        let issued = Issued(balance: balance, code: context.isDryRun ? nil : code)
        let report = Report.mutation(
            "\(balance.id) is worth \(balance.amount).",
            next: ["shopctl balance show \(balance.id)"], ids: [balance.id],
            BalanceColumns.issued, [issued])
        return issued.code.map { report.noting("The code is \($0).") } ?? report
    }
}
