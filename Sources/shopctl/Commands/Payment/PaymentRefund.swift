import Payments
import Primitives
import ShopCore
import Users

/// `shopctl payment refund`.
struct PaymentRefund: ShopCommand {
    static var name: String { "payment refund" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Give captured money back",
            discussion: "Of a payment, or of an order whatever payments it has, newest first.\n"
                + "--restock says which units go back on the shelf; none do otherwise.\n\n"
                + ProviderConfig.dryRunNote,
            operand: .one("PAYMENT", "Such as PAY-1001, or the order ORD-1001")
                .read(by: PaymentTargetID.init(parsing:)),
            options: [
                .value("amount", "PRICE", "How much"),
                .switch("full", "All that is left"),
                .values("restock", "SKU=N", "Units that go back on the shelf")
                    .read(by: OrderedItem.init(parsing:)),
                .recorded("reason", "TEXT", "Why"),
            ],
            examples: [
                .init("shopctl payment refund PAY-1001 --amount 12.99 --restock MUG-1=1 --yes"),
                .init("shopctl payment refund ORD-1001 --full --yes"),
            ],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.notFound, "there is no such payment or order"),
                .init(.refused, "it is more than what is left, or than what was shipped"),
            ],
            mutates: true, permission: .needs(.refundPayments), confirmation: .yesOrNo,
            fields: PaymentColumns.all.headings())
    }

    private let id: PaymentTargetID
    private let amount: String?
    private let restocked: [PaymentEntry.Restock]
    private let reason: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        id = try arguments.firstOperand(PaymentTargetID.init(parsing:))
        amount = arguments.value("amount")
        guard (amount == nil) == arguments.has("full") else { throw .amountOrFull }
        restocked = try arguments.values("restock", OrderedItem.init(parsing:)).map {
            PaymentEntry.Restock(sku: $0.sku, count: $0.quantity.count)
        }
        reason = arguments.value("reason")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let amount = try shop.money(amount, "amount")
        func refund() throws(ShopError) -> [Payment] {
            try shop.refundPayment(id.target, amount, reason: reason, restocked: restocked).items
        }
        try context.confirm({ "Refund \(Self.given($0)) of \(id.text)?" }, before: refund, in: shop)
        let payments = try refund()
        let ids = payments.map(\.number.description)
        let order = payments.first.map { ["shopctl order show \($0.order)"] } ?? []
        return .mutation(
            "Refunded \(Self.given(payments)) of \(ids.joined(separator: ", ")).", next: order,
            ids: ids, PaymentColumns.all, payments)
    }

    /// What the payments give back, or their providers are to be asked for: `20.00 USD`.
    private static func given(_ payments: [Payment]) -> String {
        let amounts = payments.compactMap { $0.pending?.amount ?? $0.entries.last?.amount }
        guard let currency = amounts.first?.currency else { return "nothing" }
        return Money(minorUnits: amounts.reduce(0) { $0 + $1.minorUnits }, currency).description
    }
}

extension ShopError {
    static var amountOrFull: ShopError {
        ShopError(
            .usage, "amount-or-full", "say how much: --amount PRICE or --full, one of the two",
            try: ["--full", "--amount 12.99"])
    }
}
