package import Payments
package import Primitives
import Storage

/// Who moves money for the shop: a bank's or payment company's gateway, or one that is played.
///
/// Under one key a provider does what it is asked once, however often and by how many at once it is
/// asked, and answers alike ever after. Called without any lock, for as long as it takes.
package protocol PaymentProvider: Sendable {
    /// For how many hours a key is good: after that it must not be used again.
    var keyHours: Int64 { get }

    func answer(_ request: ProviderRequest) -> ProviderOutcome
}

extension PaymentProvider {
    /// What the large gateways promise at least.
    package static var usualKeyHours: Int64 { 24 }
}

/// How a provider is reached, as the config file of the person at the terminal says.
package enum ProviderSettings: Sendable, Equatable {
    /// Plays a gateway, for trying things out; no money moves.
    case sandbox
    case exec(ExecSettings)
}

extension Shop {
    /// The provider of that name.
    ///
    /// - Throws: `unknown-provider` (78).
    func provider(_ name: String) throws(ShopError) -> any PaymentProvider {
        if let provider = providers[name] { return provider }
        throw .unknownProvider(name, among: providers.keys.sorted())
    }

    /// Makes the providers that settings name known to this shop.
    package func use(_ settings: [String: ProviderSettings]) {
        for (name, provider) in settings {
            switch provider {
            case .sandbox: providers[name] = SandboxProvider(ledger: store.path + "/sandbox.jsonl")
            case .exec(let settings): providers[name] = ExecProvider(settings)
            }
        }
    }
}

// MARK: - Errors

extension ShopError {
    static func unknownProvider(_ name: String, among known: [String]) -> ShopError {
        ShopError(
            .config, "unknown-provider", "no provider \"\(name)\" is set up here",
            why: known.isEmpty
                ? "the config file names none" : "it names \(known.joined(separator: ", "))",
            try: ["shopctl help environment", "--method card, for what a terminal took"])
    }

    static func declined(_ payment: Payment, _ refusal: PaymentEntry) -> ShopError {
        let code = refusal.code ?? "generic_decline"
        return ShopError(
            .refused, "payment-declined",
            "\(payment.provider) declined \(refusal.amount) of \(payment.number) for "
                + "\(payment.order): \(code)",
            why: refusal.note.reason,
            try: DeclineCode.advice(code, payment),
            details: [
                .init("payment", payment.number.description), .init("declineCode", code),
            ])
    }

    static func notReached(_ payment: Payment, _ refusal: PaymentEntry) -> ShopError {
        ShopError(
            .failed, "payment-failed",
            "\(payment.provider) was not asked for \(refusal.amount) of \(payment.number): "
                + (refusal.code ?? "failed"),
            why: refusal.note.reason,
            try: ["the same again", "shopctl payment show \(payment.number)"],
            details: [.init("payment", payment.number.description)])
    }

    static func actionRequired(_ payment: Payment, at url: String) -> ShopError {
        ShopError(
            .refused, "action-required",
            "the customer has to agree to \(payment.number) first, at \(url)",
            try: ["shopctl payment reconcile \(payment.number)"],
            details: [.init("payment", payment.number.description), .init("url", url)])
    }

    static func noAnswer(_ payment: Payment, _ why: String) -> ShopError {
        ShopError(
            .unknown, "provider-silent",
            "\(payment.provider) did not say what became of the "
                + (payment.pending.map { "\($0.kind) of \($0.amount)" } ?? "request")
                + " by \(payment.number): \(why)",
            why: "\(payment.order) takes no other payment until that is known",
            try: ["shopctl payment reconcile \(payment.number)"],
            details: [.init("payment", payment.number.description)])
    }
}
