package import Formats
package import Primitives

/// What sums over many payments need of each, read without the rest of it: the money that came and
/// went.
package struct PaymentFigures: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package let kind: Kind
        /// In minor units.
        package let amount: Int64
        package let at: Timestamp

        /// A lost dispute is a refund.
        package enum Kind: Sendable {
            case capture, refund
        }
    }

    package private(set) var number: PaymentNumber
    package private(set) var order: OrderNumber
    package private(set) var entries: [Entry] = []

    package init(_ payment: Payment) {
        number = payment.number
        order = payment.order
        entries = payment.entries.compactMap { entry in
            Entry.Kind(entry.kind).map {
                Entry(kind: $0, amount: entry.amount.minorUnits, at: entry.note.at)
            }
        }
    }

    /// Reads the figures of a payment's record.
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        number = PaymentNumber(0)
        order = OrderNumber(0)
        try reader.beginObject()
        while let member = try reader.nextMember(ofLengths: 1 << 5 | 1 << 6 | 1 << 7) {
            switch member {
            case "order": order = OrderNumber(try reader.int64())
            case "number": number = PaymentNumber(try reader.int64())
            case "entries":
                try reader.beginArray()
                while try reader.nextElement() {
                    if let entry = try Entry(from: &reader) { entries.append(entry) }
                }
            default: try reader.passOver()
            }
        }
        guard number.value > 0, order.value > 0 else {
            throw JSONError(offset: start, reason: "a payment without its number or its order's")
        }
    }
}

extension PaymentFigures.Entry {
    /// nil for an entry that moved no money.
    fileprivate init?(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var kind: PaymentEntry.Kind?
        var amount: Int64 = 0
        var at: Timestamp?
        try reader.beginObject()
        while let member = try reader.nextMember(ofLengths: 1 << 2 | 1 << 4 | 1 << 6) {
            switch member {
            case "at": at = try reader.timestamp()
            case "kind":
                let word = try reader.token()
                kind =
                    word == "capture"
                    ? .capture
                    : word == "refund" ? .refund : PaymentEntry.Kind(rawValue: word.text)
            case "amount": amount = try reader.amount()
            default: try reader.passOver()
            }
        }
        guard let kind, let at else {
            throw JSONError(offset: start, reason: "an entry of a payment without kind or time")
        }
        guard let moved = Kind(kind) else { return nil }
        self.init(kind: moved, amount: amount, at: at)
    }
}

extension PaymentFigures.Entry.Kind {
    fileprivate init?(_ kind: PaymentEntry.Kind) {
        switch kind {
        case .capture: self = .capture
        case .refund, .lost: self = .refund
        case .authorize, .void, .dispute, .won, .decline, .fail: return nil
        }
    }
}
