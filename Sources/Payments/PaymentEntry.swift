import Formats
package import Primitives

/// One thing that happened to a payment, most often a movement of money.
package struct PaymentEntry: Sendable, Equatable {
    package let kind: Kind
    package let amount: Money
    package var note: Note
    /// Of a refund: the units that went back on the shelf.
    package let restocked: [Restock]
    /// Of a refusal: the provider's own code for it.
    package var code: String?
    var unknown = UnknownMembers()

    package enum Kind: String, Sendable, CaseIterable {
        /// Money is held; it is taken; the rest of a hold is given up; money is given back.
        case authorize, capture, void, refund
        /// The customer's bank claims captured money; the claim fails; it takes the money.
        case dispute, won, lost
        /// The provider refused; or it could not be asked. No money moved.
        case decline, fail
    }

    package struct Note: Sendable, Equatable {
        package var at: Timestamp
        package var by: String
        package var reason: String?
        /// The bank's, terminal's or provider's own name for it.
        package var reference: String?

        package init(at: Timestamp, by: String, reason: String? = nil, reference: String? = nil) {
            self.at = at
            self.by = by
            self.reason = reason
            self.reference = reference
        }
    }

    package struct Restock: Sendable, Equatable {
        package let sku: SKU
        package let count: Int64
        var unknown = UnknownMembers()

        package init(sku: SKU, count: Int64) {
            self.sku = sku
            self.count = count
        }
    }

    package init(
        _ kind: Kind, _ amount: Money, _ note: Note, restocked: [Restock] = [],
        code: String? = nil
    ) {
        self.kind = kind
        self.amount = amount
        self.note = note
        self.restocked = restocked
        self.code = code
    }
}
