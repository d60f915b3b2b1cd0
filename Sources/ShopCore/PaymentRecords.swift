import Orders
import Payments
import Primitives
import Storage

extension Records {
    /// The index entry of a payment whose provider owes an answer.
    static func pending(_ number: PaymentNumber) -> RecordKey {
        RecordKey("pending-payments", number: number.value)
    }
}

extension Payment {
    /// What it adds to its order's sums, besides what was captured and refunded.
    var share: OrderHolds {
        var share = OrderHolds()
        share.authorized = capturable.minorUnits
        share.disputed = disputed.minorUnits
        switch status {
        case .unknown, .actionRequired: share.unknown = 1
        case .voided: share.voided = 1
        case .declined, .failed: share.failed = 1
        case .authorized, .partiallyCaptured, .captured, .disputed, .partiallyRefunded, .refunded:
            break
        }
        return share
    }
}

extension Shop.Work {
    /// Stores a payment with its index entries, and brings its order's sums up to date (I4).
    func save(_ payment: Payment, was before: Payment?, of order: inout Order) {
        order.holds.add(payment.share)
        if let before {
            order.holds.subtract(before.share)
            transaction.put(payment)
        } else {
            transaction.insert(payment)
            transaction.insert(
                entry: RecordKey(
                    "order-payments", number: payment.order.value, payment.number.value))
        }
        let wasPending = before?.pending != nil
        if payment.pending != nil, !wasPending {
            transaction.set(Records.pending(payment.number), Array("{}".utf8))
        } else if payment.pending == nil, wasPending {
            transaction.remove(Records.pending(payment.number))
        }
    }
}
