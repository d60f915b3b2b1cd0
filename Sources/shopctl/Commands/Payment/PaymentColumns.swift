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
        .money("capturable", shown: .record) { $0.capturable.isZero ? nil : $0.capturable },
        .money("voided", shown: .record) { $0.voided.isZero ? nil : $0.voided },
        .money("disputed", shown: .record) { $0.disputed.isZero ? nil : $0.disputed },
        .text("provider", shown: .wide) { $0.provider },
        .text("balance", shown: .record) { $0.holder?.id },
        .text("handle", shown: .record) { $0.handle },
        .text("asked", shown: .record) { $0.pending.map { "\($0.kind) \($0.amount)" } },
        .text("url", shown: .record) { $0.pending?.url },
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
        .text("code", shown: .record) { $0.code },
        .pairs("restocked", shown: .always) { entry in
            entry.restocked.map { ($0.sku.text, String($0.count)) }
        },
    ]
}
