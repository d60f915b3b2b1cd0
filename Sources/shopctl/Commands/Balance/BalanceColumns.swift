import Payments
import Primitives
import ShopCore

/// The columns of every command that shows gift cards and store credit.
enum BalanceColumns {
    static let all: [Column<Balance>] = [
        .text("id", "ID") { $0.id },
        .text("kind") { $0.kind },
        .money("amount") { $0.amount },
        .integer("movements", shown: .wide) { $0.movements },
        .time("createdAt") { $0.createdAt },
    ]

    static let issued: [Column<BalanceIssue.Issued>] =
        all.map { column in Column(column.heading) { column.cell($0.balance) } } + [
            .text("code", shown: .record) { $0.code }
        ]

    /// A balance with its movements.
    static let history: [Column<Shop.BalanceHistory>] =
        all.map { column in Column(column.heading) { column.cell($0.balance) } } + [
            .rows("history", movements) { $0.movements }
        ]

    /// What an import needs besides: under which name it is stored.
    static let exported: [Column<Shop.BalanceHistory>] =
        history + [.text("holder", shown: .record) { $0.balance.holder.name }]

    private static let movements: [Column<BalanceMovement>] = [
        .integer("number", "NO") { $0.number },
        .text("kind") { $0.kind.rawValue },
        .money("amount") { $0.amount },
        .money("after") { $0.after },
        .text("payment") { $0.cause.payment?.description },
        .time("at") { $0.cause.at },
        .text("by") { $0.cause.by },
        .text("reason") { $0.cause.reason },
    ]
}

extension Balance {
    fileprivate var kind: String {
        switch holder {
        case .giftCard: PaymentMethod.giftCard.rawValue
        case .customer: PaymentMethod.storeCredit.rawValue
        }
    }
}
