package import Formats
package import Primitives

/// What a provider is asked, as `exec` programs get it in JSON.
package struct ProviderRequest: Sendable, Equatable {
    package let payment: PaymentNumber
    package let order: OrderNumber
    package let intent: PaymentIntent
    /// The provider's own name for the payment, where it has one.
    package let handle: String?

    /// The customer was sent to agree: the provider is asked what became of it.
    package var isConfirmation: Bool { intent.url != nil }

    /// - Returns: nil where nothing is pending.
    package init?(_ payment: Payment) {
        guard let intent = payment.pending else { return nil }
        self.payment = payment.number
        order = payment.order
        self.intent = intent
        handle = payment.handle
    }

    /// One line of JSON, by schema 1 of docs/payments.md.
    ///
    /// - Parameter secretFile: where the program finds its secret.
    package func json(secretFile: String?) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("schema", Int64(1))
        writer.member("action", isConfirmation ? "confirm" : intent.kind.rawValue)
        if isConfirmation { writer.member("of", intent.kind.rawValue) }
        writer.member("key", intent.key)
        writer.member("payment", payment.description)
        writer.member("order", order.description)
        writer.member("amount", intent.amount.decimalText)
        writer.member("minorUnits", intent.amount.minorUnits)
        writer.member("currency", intent.amount.currency.code)
        writer.member("token", intent.token)
        writer.member("handle", handle)
        writer.member("reason", intent.note.reason)
        writer.member("secretFile", secretFile)
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

extension ProviderOutcome {
    /// What a program answered.
    ///
    /// - Throws: where it is not what schema 1 says; then nothing is known.
    package init(json: [UInt8], in currency: Currency) throws(JSONError) {
        var words: (outcome: String, code: String?, message: String?) = ("", nil, nil)
        var handle: String?
        var url: String?
        var units: Int64?
        self = try JSONReader.parse(json) { (reader) throws(JSONError) in
            try reader.beginObject()
            while let member = try reader.nextMember() {
                switch member {
                case "outcome": words.outcome = try reader.string()
                case "code": words.code = try reader.string()
                case "message": words.message = try reader.string()
                case "handle": handle = try reader.string()
                case "url": url = try reader.string()
                case "minorUnits": units = try reader.amount()
                default: try reader.skip()
                }
            }
            return try Self.outcome(
                words.outcome, words.code, words.message, handle, url,
                units.map { Money(minorUnits: $0, currency) })
        }
    }

    private static func outcome(
        _ outcome: String, _ code: String?, _ message: String?, _ handle: String?, _ url: String?,
        _ amount: Money?
    ) throws(JSONError) -> ProviderOutcome {
        switch outcome {
        case "succeeded" where amount.map({ $0.minorUnits > 0 }) ?? true:
            return .succeeded(handle: handle, amount: amount)
        case "declined":
            return .declined(code: code ?? "generic_decline", message: message ?? "declined")
        case "failed": return .failed(code: code ?? "failed", message: message ?? "failed")
        case "unreached":
            return .unreached(
                code: code ?? "unreachable", message: message ?? "the gateway was not reached")
        case "actionRequired":
            guard let handle, let url else { break }
            return .actionRequired(handle: handle, url: url)
        case "unknown": return .unknown(message ?? "the provider does not know either")
        default: break
        }
        throw JSONError(offset: 0, reason: "\"\(outcome)\" is no outcome, or lacks a member")
    }
}
