import Payments
import Primitives
import ShopCore

/// `--provider NAME --token TOKEN`: a provider moves the money.
struct ChargeFlags: Sendable {
    private let provider: String
    private let token: String?

    static var options: [OptionSpec] {
        [
            .value("provider", "NAME", "Who moves the money; see docs/payments.md"),
            .recorded("token", "TOKEN", "With --provider: its name for the customer's card"),
        ]
    }

    /// - Returns: nil where no provider is named.
    init?(_ arguments: ParsedArguments) throws(ShopError) {
        token = arguments.value("token")
        let name = arguments.value("provider").flatMap { $0 == Payment.manual ? nil : $0 }
        guard let name else {
            guard token == nil else { throw .tokenAlone }
            return nil
        }
        if let method = arguments.value("method"), method != PaymentMethod.card.rawValue {
            throw .methodOfProvider(method)
        }
        provider = name
    }

    func charge(_ order: OrderNumber, _ amount: Money?, _ reference: String?) -> Shop.Charge {
        var charge = Shop.Charge(order, by: provider, token: token)
        charge.amount = amount
        charge.reference = reference
        return charge
    }
}

extension ShopError {
    static var tokenAlone: ShopError {
        ShopError(
            .usage, "token-alone", "--token goes with --provider", at: "--token",
            try: ["--provider NAME --token TOKEN"])
    }

    static func methodOfProvider(_ method: String) -> ShopError {
        ShopError(
            .usage, "method-of-provider", "a provider takes cards, not \(method)", at: "--method",
            try: ["--method card"])
    }
}
