import Payments
import Primitives
import ShopCore
import Users

/// `shopctl payment dispute`.
struct PaymentDispute: ShopCommand {
    static var name: String { "payment dispute" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Record that a customer's bank claims captured money back, or how that ended",
            discussion: "While a dispute is open, what it claims cannot be refunded. One that is\n"
                + "lost counts as refunded; one that is won leaves the payment as it was.",
            operand: .one("PAYMENT", "Such as PAY-1001").read(by: PaymentNumber.init(parsing:)),
            options: [
                .value("amount", "PRICE", "How much is claimed", default: "all not refunded"),
                .switch("won", "The open dispute is over, and the shop keeps the money"),
                .switch("lost", "The open dispute is over, and the bank took the money"),
                .recorded("reason", "TEXT", "Why, in the bank's words"),
                .recorded("reference", "TEXT", "The bank's own name for it"),
            ],
            examples: [
                .init("shopctl payment dispute PAY-1001 --reason fraudulent --reference dp_1"),
                .init("shopctl payment dispute PAY-1001 --lost", "how it ended"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such payment"),
                .init(.conflict, "it cannot be disputed, or no dispute is open"),
                .init(.refused, "it is more than what is left"),
            ],
            mutates: true, permission: .needs(.refundPayments),
            fields: PaymentColumns.all.headings())
    }

    private let number: PaymentNumber
    private let step: Shop.DisputeStep
    private let amount: String?
    private let reason: String?
    private let reference: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(PaymentNumber.init(parsing:))
        amount = arguments.value("amount")
        let (won, lost) = (arguments.has("won"), arguments.has("lost"))
        guard [won, lost, amount != nil].filter({ $0 }).count < 2 else { throw .disputeSteps }
        step = won ? .won : lost ? .lost : .opened
        reason = arguments.value("reason")
        reference = arguments.value("reference")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let payment = try shop.disputePayment(
            number, step, try shop.money(amount, "amount"), reason: reason, reference: reference)
        let said =
            switch step {
            case .opened: "\(payment.disputed) of \(payment.number) are disputed."
            case .won: "The dispute of \(payment.number) is won."
            case .lost: "The dispute of \(payment.number) is lost: \(payment.refunded) went back."
            }
        let next =
            step == .opened
            ? ["shopctl payment dispute \(payment.number) --won"]
            : ["shopctl order show \(payment.order)"]
        return .mutation(
            said, next: next, ids: [payment.number.description], PaymentColumns.all, [payment])
    }
}

extension ShopError {
    static var disputeSteps: ShopError {
        ShopError(
            .usage, "dispute-steps",
            "a dispute is opened with an amount, or it is --won, or it is --lost",
            try: ["--won", "--lost", "--amount 12.99"])
    }
}
