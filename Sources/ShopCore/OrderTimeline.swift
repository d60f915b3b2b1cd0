package import Orders
import Payments
package import Primitives
import Storage
import Users

/// Something that happened to an order, for its history.
package struct OrderEvent: Sendable, Equatable {
    package let at: Timestamp
    /// Who did it; nil where it followed from what others did.
    package let by: String?
    /// A verb of the glossary: `ship`, `capture`, `note`.
    package let kind: String
    package var units: [UnitCount] = []
    /// What the total changed by, or the money that moved.
    package var amount: Money?
    /// A reason, a note, a carrier, a payment.
    package var detail: String?
}

extension Shop {
    /// What happened to an order and its payments, the oldest first.
    ///
    /// Nothing of it is stored for this: it is read from the records of what happened. Words that
    /// changed on the order (tags, addresses, its reference) are in the audit trail only.
    package func orderHistory(_ number: OrderNumber) throws(ShopError) -> [OrderEvent] {
        try read(.readOrders) { (view, _) throws(ShopError) in
            let order = try view.order(number)
            return order.events(with: try view.payments(of: number))
        }
    }
}

extension Order {
    /// In the order of their times; what happened at one moment in the order of the verbs below.
    fileprivate func events(with payments: [Payment]) -> [OrderEvent] {
        var events = [OrderEvent(at: createdAt, by: createdBy, kind: "create")]
        if let placedAt {
            events.append(
                OrderEvent(at: placedAt, by: details.placedBy ?? createdBy, kind: "place"))
        }
        events += details.notes.map {
            OrderEvent(at: $0.at, by: $0.by, kind: "note", detail: $0.text)
        }
        events += payments.flatMap { payment in
            payment.entries.map { entry in
                let words = [payment.number.description, entry.note.reason].compactMap { $0 }
                return OrderEvent(
                    at: entry.note.at, by: entry.note.by, kind: entry.kind.rawValue,
                    amount: entry.amount,
                    detail: words.joined(separator: ": "))
            }
        }
        events += returns.map { entry in
            let words = [entry.outcome.rawValue, entry.reason].compactMap { $0 }
            return OrderEvent(
                at: entry.at, by: entry.by, kind: "return", units: entry.lines,
                amount: Money(minorUnits: -entry.amount, currency),
                detail: words.joined(separator: ": "))
        }
        events += changes.map {
            OrderEvent(
                at: $0.at, by: $0.by, kind: $0.kind.rawValue, units: $0.lines,
                amount: Money(minorUnits: $0.amount, currency), detail: $0.reason)
        }
        events += details.invoices.map {
            OrderEvent(
                at: $0.at, by: $0.by, kind: "invoice",
                amount: Money(minorUnits: $0.total, currency), detail: $0.number.description)
        }
        events += shipments.map {
            let words = [$0.carrier, $0.tracking].compactMap { $0 }
            return OrderEvent(
                at: $0.at, by: $0.by, kind: "ship", units: $0.lines,
                detail: words.isEmpty ? nil : words.joined(separator: " "))
        }
        for shipment in shipments {
            guard let at = shipment.deliveredAt else { continue }
            events.append(
                OrderEvent(
                    at: at, by: shipment.deliveredBy, kind: "deliver", units: shipment.lines))
        }
        if let completedAt { events.append(OrderEvent(at: completedAt, by: nil, kind: "complete")) }
        if let cancelledAt {
            events.append(
                OrderEvent(
                    at: cancelledAt, by: details.cancelledBy, kind: "cancel", detail: cancelReason))
        }
        if let expiredAt { events.append(OrderEvent(at: expiredAt, by: nil, kind: "expire")) }
        // Sorting keeps the order of what is equal only with its position.
        return events.enumerated().sorted {
            ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
        }.map(\.element)
    }
}
