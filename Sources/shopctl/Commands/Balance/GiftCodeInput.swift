import Payments
import Primitives
import ShopCore

/// What a payment by balance is made with: a gift card's code, which is no flag's value since it
/// pays for whoever knows it, or the customer's store credit.
struct GiftCodeInput: Sendable {
    private let code: PasswordInput?
    private let isGiven: Bool

    static var options: [OptionSpec] {
        [
            .value("code-file", "FILE", "With gift-card: read its code from FILE"),
            .switch("code-stdin", "With gift-card: read its code from standard input"),
        ]
    }

    /// - Returns: nil where the method is none of a balance.
    init?(_ arguments: ParsedArguments, for method: PaymentMethod) throws(ShopError) {
        let flags = ["code-file", "code-stdin"].filter(arguments.has)
        guard method == .giftCard || flags.isEmpty else { throw .codeOfGiftCard(flags[0]) }
        isGiven = !flags.isEmpty
        switch method {
        case .giftCard:
            code = try PasswordInput(arguments, file: "code-file", orInput: "code-stdin")
        case .storeCredit: code = nil
        case .cash, .transfer, .card: return nil
        }
    }

    /// - Returns: nil for store credit.
    func read(_ context: CommandContext) throws(ShopError) -> String? {
        guard let code else { return nil }
        guard isGiven || context.settings.mayPrompt else { throw .codeMissing }
        return try code.read(context, prompt: "Code of the gift card: ")
    }
}

extension ShopError {
    static var codeMissing: ShopError {
        ShopError(
            .usage, "code-missing",
            "the gift card's code is needed, and there is no terminal to ask on",
            try: ["--code-file FILE", "--code-stdin < FILE"])
    }

    static func codeOfGiftCard(_ flag: String) -> ShopError {
        ShopError(
            .usage, "code-of-gift-card", "--\(flag) goes with --method gift-card", at: "--\(flag)",
            try: ["--method gift-card"])
    }
}
