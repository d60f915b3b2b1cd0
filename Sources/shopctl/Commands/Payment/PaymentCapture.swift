import Payments
import Primitives
import ShopCore
import Users

/// `shopctl payment capture`.
struct PaymentCapture: ShopCommand {
    static var name: String { "payment capture" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take money for an order, or what a payment holds",
            discussion: "A provider of the config file takes it, or you took it yourself: cash, a\n"
                + "bank transfer, or your card terminal. Card numbers are never asked for and\n"
                + "never stored.\n\n" + ProviderConfig.dryRunNote,
            operand: .one("ORDER", "Such as ORD-1001, or the payment PAY-1001 that holds it")
                .read(by: CapturedID.init(parsing:)),
            options: [
                .value(
                    "method", "METHOD", "How it was paid; an order needs it",
                    choices: PaymentMethod.allCases.map(\.rawValue)),
                .value("amount", "PRICE", "How much", default: "all that is due, or held"),
                .recorded("reference", "TEXT", "The bank's or terminal's own name for it"),
            ] + ChargeFlags.options + GiftCodeInput.options,
            examples: [
                .init("shopctl payment capture ORD-1001 --method card"),
                .init("shopctl payment capture ORD-1001 --method cash --amount 20", "a part of it"),
                .init("shopctl payment capture PAY-1001 --amount 20", "a part of what is held"),
                .init("shopctl payment capture ORD-1001 --provider stripe --token pm_1"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such order or payment"),
                .init(.conflict, "the order takes no money, or nothing is held"),
                .init(.refused, "it is more than what is due, or held; or declined"),
                .init(.unknown, "the provider did not answer"),
            ],
            mutates: true, permission: .needs(.capturePayments),
            fields: PaymentColumns.all.headings())
    }

    private enum Source: Sendable {
        case order(OrderNumber, PaymentMethod)
        case charge(OrderNumber, ChargeFlags)
        case balance(OrderNumber, GiftCodeInput)
        case hold(PaymentNumber)
    }

    private let source: Source
    private let amount: String?
    private let reference: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        let method = arguments.value("method").flatMap(PaymentMethod.init(rawValue:))
        let charge = try ChargeFlags(arguments)
        switch try arguments.firstOperand(CapturedID.init(parsing:)).target {
        case .order(let number):
            if let charge {
                source = .charge(number, charge)
            } else {
                guard let method else { throw .methodMissing }
                let code = try GiftCodeInput(arguments, for: method)
                source = code.map { .balance(number, $0) } ?? .order(number, method)
            }
        case .payment(let number):
            guard method == nil, charge == nil else { throw .methodOfPayment(number) }
            source = .hold(number)
        }
        amount = arguments.value("amount")
        reference = arguments.value("reference")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let amount = try shop.money(amount, "amount")
        let payment: Payment
        switch source {
        case .order(let number, let method):
            payment = try shop.capturePayment(for: number, method, amount, reference: reference)
        case .charge(let number, let charge):
            payment = try shop.charge(charge.charge(number, amount, reference))
        case .balance(let number, let code):
            payment = try shop.captureBalance(
                for: number, code: try code.read(context), amount)
        case .hold(let number):
            payment = try shop.captureHold(of: number, amount, reference: reference)
        }
        let taken = payment.entries.last { $0.kind == .capture }?.amount ?? payment.captured
        return .mutation(
            "Captured \(taken) for \(payment.order) as \(payment.number).",
            next: ["shopctl order ship \(payment.order)"], ids: [payment.number.description],
            PaymentColumns.all, [payment])
    }
}

/// `ORD-1001` or `PAY-1001`; a bare number is an order's.
struct CapturedID: Sendable {
    let target: Shop.PaymentTarget

    init(parsing text: String) throws(ShopError) {
        target =
            text.lowercased().hasPrefix("pay-")
            ? .payment(try PaymentNumber(parsing: text)) : .order(try OrderNumber(parsing: text))
    }
}

extension PaymentMethod {
    /// The methods whose money the operator takes.
    static var taken: [String] { [cash, transfer, card].map(\.rawValue) }
}

extension ShopError {
    static var methodMissing: ShopError {
        ShopError(
            .usage, "method-missing", "say how it was paid", at: "--method",
            try: ["--method card", "--method cash"])
    }

    static func methodOfPayment(_ number: PaymentNumber) -> ShopError {
        ShopError(
            .usage, "method-of-payment", "\(number) has its method already", at: "--method",
            try: ["shopctl payment capture \(number)"])
    }
}
