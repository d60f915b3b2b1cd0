package import Formats
package import Primitives

/// What sums over many orders need of each, read without the rest of it.
package struct OrderFigures: Sendable, Equatable {
    package private(set) var number: OrderNumber
    /// Cancelled or expired.
    package private(set) var isCancelled: Bool
    package private(set) var placedAt: Timestamp?
    /// When it was cancelled or expired.
    package private(set) var endedAt: Timestamp?
    /// In minor units.
    package private(set) var total: Int64
    package private(set) var units: Int64
    /// The last number that an invoice of it has.
    package private(set) var lastInvoice: InvoiceNumber?
    package private(set) var changes: [Change] = []
    package private(set) var returns: [Amount] = []
    package private(set) var credits: [Amount] = []

    /// Whether it was changed after it was placed, or money of it taken back, so that its credits
    /// say what of its refunds counts with that.
    package var isChanged: Bool { !changes.isEmpty || !returns.isEmpty || !credits.isEmpty }

    /// When the order ended, if that is what its refunds count with in the day's totals.
    package var refundsCountAt: Timestamp? {
        placedAt == nil || isChanged ? nil : endedAt
    }

    /// So much, at that moment.
    package struct Amount: Sendable, Equatable {
        package let at: Timestamp
        /// In minor units.
        package let amount: Int64
    }

    /// What was changed of the order after it was placed.
    package struct Change: Sendable, Equatable {
        package let at: Timestamp
        package let amount: Int64
        /// Units put on it.
        package let added: Int64
        /// Units put on it less those taken off.
        package let difference: Int64

        package init(_ change: OrderChange) {
            at = change.at
            amount = change.amount
            added = change.lines.reduce(0) { $0 &+ max(0, $1.count) }
            difference = change.lines.reduce(0) { $0 &+ $1.count }
        }
    }

    package init(_ order: Order) {
        number = order.number
        isCancelled = order.status == .cancelled || order.status == .expired
        placedAt = order.placedAt
        endedAt = order.endedAt
        total = order.total.minorUnits
        units = order.units
        lastInvoice = order.details.invoices.last?.number
        changes = order.changes.map(Change.init)
        returns = order.returns.map { Amount(at: $0.at, amount: $0.amount) }
        credits = order.credits.map { Amount(at: $0.at, amount: $0.amount) }
    }

    /// Reads the figures of an order's record.
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        isCancelled = false
        number = OrderNumber(0)
        total = 0
        units = 0
        try reader.beginObject()
        while let member = try reader.nextMember(ofLengths: Self.lengths) {
            switch member {
            case "lines": units = try Self.units(from: &reader)
            case "total": total = try reader.amount()
            case "number": number = OrderNumber(try reader.int64())
            case "status":
                let status = try reader.token()
                isCancelled = status == "cancelled" || status == "expired"
            case "changes":
                try reader.beginArray()
                while try reader.nextElement() {
                    changes.append(Change(try OrderChange(from: &reader)))
                }
            case "returns":
                try reader.beginArray()
                while try reader.nextElement() {
                    let entry = try OrderReturn(from: &reader)
                    returns.append(Amount(at: entry.at, amount: entry.amount))
                }
            case "credits":
                try reader.beginArray()
                while try reader.nextElement() {
                    let entry = try OrderCredit(from: &reader)
                    credits.append(Amount(at: entry.at, amount: entry.amount))
                }
            case "invoices":
                lastInvoice = try Invoice.all(from: &reader).last?.number
            case "placedAt": placedAt = try reader.timestamp()
            case "expiredAt": endedAt = try reader.timestamp()
            case "cancelledAt": endedAt = try reader.timestamp()
            default: try reader.passOver()
            }
        }
        guard number.value > 0 else {
            throw JSONError(offset: start, reason: "an order without number")
        }
    }

    /// Of the names read here.
    private static var lengths: UInt64 { 0b1011_1110_0000 }

    private static func units(from reader: inout JSONReader) throws(JSONError) -> Int64 {
        var units: Int64 = 0
        try reader.beginArray()
        while try reader.nextElement() {
            try reader.beginObject()
            while let member = try reader.nextMember(ofLengths: 1 << 8) {
                switch member {
                case "quantity": units += try reader.unitCount()
                default: try reader.passOver()
                }
            }
        }
        return units
    }
}
