import Formats
package import Primitives

/// Units of an order that came back to the shop together.
package struct OrderReturn: Sendable, Equatable {
    /// From 1 within the order.
    package let number: Int
    package let at: Timestamp
    package let by: String
    package let outcome: Outcome
    package let reason: String?
    package let lines: [UnitCount]
    /// What the units had cost the customer, tax included, in minor units.
    package let amount: Int64
    /// A refund put them back on the shelf, and its payment says so too.
    package let isOfRefund: Bool
    var unknown = UnknownMembers()

    /// What becomes of units that came back.
    package enum Outcome: String, Sendable, CaseIterable {
        /// Back on the shelf.
        case restock
        /// Not to be sold again.
        case writeOff
    }

    package init(
        number: Int, at: Timestamp, by: String, outcome: Outcome, reason: String?,
        lines: [UnitCount], amount: Int64, isOfRefund: Bool
    ) {
        self.number = number
        self.at = at
        self.by = by
        self.outcome = outcome
        self.reason = reason
        self.lines = lines
        self.amount = amount
        self.isOfRefund = isOfRefund
    }
}

/// What was put on an order, or taken off it, after it was placed.
package struct OrderChange: Sendable, Equatable {
    package let at: Timestamp
    package let by: String
    package let kind: Kind
    package let reason: String?
    /// Units more, or fewer below zero.
    package let lines: [UnitCount]
    /// What the total rose by, or fell by below zero, in minor units.
    package let amount: Int64
    var unknown = UnknownMembers()

    package enum Kind: String, Sendable, CaseIterable {
        case cancel, edit, exchange
    }

    package init(
        at: Timestamp, by: String, kind: Kind, reason: String?, lines: [UnitCount], amount: Int64
    ) {
        self.at = at
        self.by = by
        self.kind = kind
        self.reason = reason
        self.lines = lines
        self.amount = amount
    }
}

/// A part of a refund that gave back what was taken off an order or came back of it.
package struct OrderCredit: Sendable, Equatable {
    package let at: Timestamp
    /// In minor units.
    package let amount: Int64
    var unknown = UnknownMembers()

    package init(at: Timestamp, amount: Int64) {
        self.at = at
        self.amount = amount
    }
}
