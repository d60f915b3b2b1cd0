package import Formats
package import Primitives

/// What sums over many payments need of each, read without the rest of it.
package struct PaymentFigures: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package let kind: PaymentEntry.Kind
        /// In minor units.
        package let amount: Int64
        package let at: Timestamp
    }

    package private(set) var number: PaymentNumber
    package private(set) var order: OrderNumber
    package private(set) var entries: [Entry] = []

    package init(_ payment: Payment) {
        number = payment.number
        order = payment.order
        entries = payment.entries.map {
            Entry(kind: $0.kind, amount: $0.amount.minorUnits, at: $0.note.at)
        }
    }

    /// Reads the figures of a payment's record.
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        number = PaymentNumber(0)
        order = OrderNumber(0)
        try reader.beginObject()
        while let member = try reader.nextMember(ofLengths: 1 << 5 | 1 << 6 | 1 << 7) {
            switch member.count {
            case 5 where member == "order": order = OrderNumber(try reader.int64())
            case 6 where member == "number": number = PaymentNumber(try reader.int64())
            case 7 where member == "entries":
                try reader.beginArray()
                while try reader.nextElement() { entries.append(try Entry(from: &reader)) }
            default: try reader.skip()
            }
        }
        guard number.value > 0, order.value > 0 else {
            throw JSONError(offset: start, reason: "a payment without its number or its order's")
        }
    }
}

extension PaymentFigures.Entry {
    fileprivate init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var kind: PaymentEntry.Kind?
        var amount: Int64 = 0
        var at: Timestamp?
        try reader.beginObject()
        while let member = try reader.nextMember(ofLengths: 1 << 2 | 1 << 4 | 1 << 6) {
            switch member.count {
            case 2 where member == "at": at = try reader.timestamp()
            case 4 where member == "kind":
                let word = try reader.token()
                kind = word == "capture" ? .capture : word == "refund" ? .refund : nil
            case 6 where member == "amount": amount = try reader.amount()
            default: try reader.skip()
            }
        }
        guard let kind, let at else {
            throw JSONError(offset: start, reason: "an entry of a payment without kind or time")
        }
        self.init(kind: kind, amount: amount, at: at)
    }
}
