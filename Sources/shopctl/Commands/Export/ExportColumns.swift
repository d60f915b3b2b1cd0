import Catalog
import Orders
import Payments
import Primitives
import ShopCore
import Users

/// The members of exported records: those that lists print, and what an import needs besides.
enum ExportColumns {
    /// An order with its payments one by one.
    static let orders: [Column<ExportedOrder>] =
        OrderColumns.all.map { column in
            Column(column.heading) { column.cell($0.order) }
        } + [.rows("payments", payments) { $0.payments }]

    /// A payment with the whole name of the balance that it was made with.
    static let payments: [Column<Payment>] =
        PaymentColumns.all + [.text("holder", shown: .record) { $0.holder?.name }]

    static func users(withHashes: Bool) -> [Column<User>] {
        guard withHashes else { return UserColumns.all }
        return UserColumns.all + [
            .text("passwordHash", shown: .record) { $0.passwordHash.text }
        ]
    }

    static let hashes = OptionSpec.switch(
        "with-password-hashes", "Give out the hashes of passwords too; owners only")
}

/// The exports of single nouns: what their lists print, the oldest first, as JSON Lines.
struct ExportNounSpec<Row: Sendable>: Sendable {
    let noun: ExportNoun
    let summary: String
    let columns: [Column<Row>]
    let row: @Sendable (ExportedRecord) -> Row?

    func spec(_ options: [OptionSpec] = []) -> CommandSpec {
        CommandSpec(
            "export \(noun)", summary,
            discussion:
                "Prints JSON Lines unless --format says otherwise. All lines show one moment of\n"
                + "the shop. See docs/moving.md.",
            options: options, examples: [.init("shopctl export \(noun) -o \(noun).jsonl")],
            permission: .needs(.exportData), fields: columns.headings(), isExport: true)
    }

    func report(_ shop: Shop, withSecrets: Bool = false) -> Report {
        var report = Report.list(
            Listing(columns) { visit throws(ShopError) in
                try shop.export([noun], withSecrets: withSecrets) {
                    (_, record) throws(ShopError) in
                    if let row = row(record) { try visit(row) }
                }
            })
        report.form = .jsonl
        return report
    }
}
