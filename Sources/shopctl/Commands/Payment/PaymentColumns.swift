import Payments
import Primitives

/// The columns of every command that shows payments.
enum PaymentColumns {
    static let all: [Column<Payment>] = [
        .text("number") { $0.number.description },
        .text("order") { $0.order.description },
        .text("method") { $0.method.rawValue },
        .text("status") { $0.status.rawValue },
        .money("captured") { $0.captured },
        .money("refunded") { $0.refunded },
        .money("refundable", shown: .wide) { $0.refundable },
        .text("provider", shown: .wide) { $0.provider },
        .time("createdAt") { $0.createdAt },
        .rows("entries", entries) { $0.entries },
    ]

    private static let entries: [Column<PaymentEntry>] = [
        .text("kind") { $0.kind.rawValue },
        .money("amount") { $0.amount },
        .time("at") { $0.note.at },
        .text("by") { $0.note.by },
        .text("reason") { $0.note.reason },
        .text("reference") { $0.note.reference },
        .pairs("restocked", shown: .always) { entry in
            entry.restocked.map { ($0.sku.text, String($0.count)) }
        },
    ]
}
