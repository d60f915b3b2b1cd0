import Primitives

/// Why an order is in the states that it is in, in the words of who asks.
extension Order {
    package var statusReason: String {
        switch status {
        case .draft: return "it was not placed"
        case .placed:
            var left: [String] = []
            let units = unshipped.reduce(0) { $0 + $1.count }
            if units > 0 {
                left.append(units == 1 ? "1 unit has not left" : "\(units) have not left")
            }
            if !due.isZero { left.append("\(due) are due") }
            return left.isEmpty
                ? "nothing has happened since that completes it" : left.joined(separator: ", ")
        case .completed: return "all has left, and nothing is due"
        case .cancelled: return cancelReason ?? "it was cancelled"
        case .expired: return "it was not paid in time"
        }
    }

    package var paymentReason: String {
        func money(_ units: Int64) -> Money { Money(minorUnits: units, currency) }
        switch payment {
        case .unknown: return "a provider owes an answer"
        case .disputed: return "\(money(holds.disputed)) are claimed back by a bank"
        case .authorized: return "\(money(holds.authorized)) are held, nothing is captured"
        case .voided: return "what was held was given up"
        case .failed: return "no payment came about"
        case .unpaid: return "nothing was captured"
        case .refunded: return "all of \(captured) was given back"
        case .partiallyRefunded: return "\(refunded) of \(captured) were given back"
        case .partiallyCaptured: return "\(captured) of \(money(owed)) are captured"
        case .captured: return "\(captured) are captured, as much as is owed"
        case .overcaptured: return "\(captured) are captured, \(money(owed)) are owed"
        }
    }

    package var fulfillmentReason: String {
        let shipped = shippedCounts.values.reduce(0, +)
        let back = returnedCounts.values.reduce(0, +)
        let delivered = shipments.filter(\.isDelivered).count
        switch fulfillment {
        case .unfulfilled: return "nothing was shipped"
        case .partiallyShipped: return "\(shipped) of \(units) units have left"
        case .shipped: return "all has left, \(delivered) of \(shipments.count) delivered"
        case .delivered: return "all has left and was delivered"
        case .partiallyReturned: return "\(back) of the \(shipped) that left came back"
        case .returned: return "all of it came back"
        }
    }
}
