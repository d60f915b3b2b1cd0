import Formats
package import Primitives

/// What a provider was asked for, durable before it is called.
///
/// As long as a payment has one, nobody knows whether the money moved. It is settled by asking
/// again with the same `key`, under which a provider does what it is asked once and answers alike
/// ever after.
package struct PaymentIntent: Sendable, Equatable {
    package let kind: Kind
    package let amount: Money
    /// Names this one request to the provider.
    package let key: String
    package let note: PaymentEntry.Note
    /// The provider's name for the customer's card or wallet; never a card number.
    package let token: String?
    /// Of a refund: the units that go back on the shelf with it.
    package let restocked: [PaymentEntry.Restock]
    /// The idempotency key of the command, whose stored result follows the answer.
    package let requestKey: String?
    /// Whether it was asked for more than once: that the provider was not reached the second time
    /// says nothing about the first.
    package internal(set) var isRepeated = false
    /// Where the customer agrees, when the provider asks for that.
    package internal(set) var url: String?
    var unknown = UnknownMembers()

    package enum Kind: String, Sendable, CaseIterable {
        case authorize
        /// Authorize and capture in one.
        case charge
        case capture, void, refund
    }

    package init(
        _ kind: Kind, _ amount: Money, key: String, _ note: PaymentEntry.Note,
        token: String? = nil, restocked: [PaymentEntry.Restock] = [], requestKey: String? = nil
    ) {
        self.kind = kind
        self.amount = amount
        self.key = key
        self.note = note
        self.token = token
        self.restocked = restocked
        self.requestKey = requestKey
    }
}

/// What a provider answered, or that it did not.
package enum ProviderOutcome: Sendable, Equatable {
    /// - Parameters:
    ///   - handle: the provider's own name for the payment.
    ///   - amount: what was moved, where that is not what was asked for.
    case succeeded(handle: String?, amount: Money? = nil)
    /// The card or wallet was refused; nothing moved.
    case declined(code: String, message: String)
    /// The provider will not do this, and has not done it before; nothing moved, nor will it.
    case failed(code: String, message: String)
    /// The provider was not reached, or did not look at the request: nothing moved this time.
    case unreached(code: String, message: String)
    /// The customer has to agree first, at the address given.
    case actionRequired(handle: String, url: String)
    case unknown(String)
}

extension Payment {
    /// A payment that a provider is about to be asked for.
    ///
    /// - Throws: `amount-not-positive` (6).
    package init(
        _ number: PaymentNumber, for order: OrderNumber, _ method: PaymentMethod,
        by provider: String, asking intent: PaymentIntent
    ) throws(ShopError) {
        guard intent.amount.minorUnits > 0 else { throw .amountNotPositive(intent.amount) }
        self.init(
            number, for: order, method, by: provider, in: intent.amount.currency,
            at: intent.note.at)
        pending = intent
    }

    /// The provider is about to be asked to capture, void or refund.
    ///
    /// - Throws: what doing it oneself would.
    package mutating func ask(_ intent: PaymentIntent) throws(ShopError) {
        var probe = self
        switch intent.kind {
        case .authorize, .charge: try checkKnown()
        case .capture: try probe.capture(intent.amount, intent.note)
        case .void: try probe.void(intent.note)
        case .refund: try probe.refund(intent.amount, restocked: [], intent.note)
        }
        pending = intent
    }

    /// The provider is about to be asked for the same again, under the same key.
    package mutating func askAgain() { pending?.isRepeated = true }

    /// The provider has answered; nothing changes where it has not, or where it was not reached
    /// and may have been before.
    ///
    /// - Parameter isRestocking: the units of a refund have gone back on the shelf with it.
    package mutating func settle(
        _ outcome: ProviderOutcome, restocking isRestocking: Bool = true, at time: Timestamp
    ) throws(ShopError) {
        guard let intent = pending else { return }
        var note = intent.note
        note.at = time
        switch outcome {
        case .unknown: return
        case .unreached where intent.isRepeated: return
        case .actionRequired(let handle, let url):
            self.handle = handle
            pending?.url = url
        case .declined(let code, let message):
            pending = nil
            note.reason = message
            try add(PaymentEntry(.decline, intent.amount, note, code: code))
        case .failed(let code, let message), .unreached(let code, let message):
            pending = nil
            note.reason = message
            try add(PaymentEntry(.fail, intent.amount, note, code: code))
        case .succeeded(let handle, let amount):
            pending = nil
            self.handle = handle ?? self.handle
            note.reference = note.reference ?? handle
            let isTaken = intent.kind == .charge || intent.kind == .capture
            try add(
                PaymentEntry(
                    intent.kind.entry, isTaken ? amount ?? intent.amount : intent.amount, note,
                    restocked: isRestocking ? intent.restocked : []))
        }
    }
}

extension PaymentIntent.Kind {
    /// What the history says once it is done.
    fileprivate var entry: PaymentEntry.Kind {
        switch self {
        case .authorize: .authorize
        case .charge, .capture: .capture
        case .void: .void
        case .refund: .refund
        }
    }
}
