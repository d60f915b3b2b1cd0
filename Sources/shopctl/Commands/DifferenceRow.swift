import Primitives
import ShopCore

/// What became different of one record: a line for each field, in the names and words of the
/// commands that show it; records that are new or gone have one line.
struct DifferenceRow: Sendable {
    var kind: String
    var id: String
    var change: String
    var field: String?
    var was: String?
    var now: String?

    static let columns: [Column<DifferenceRow>] = [
        .text("id", "ID") { $0.id },
        .text("kind") { $0.kind },
        .text("change") { $0.change },
        .text("field") { $0.field },
        .text("was", mayBeCut: true) { $0.was },
        .text("now", mayBeCut: true) { $0.now },
    ]

    static func rows(
        of difference: RecordDifference, in zone: TimeZoneName
    ) -> [DifferenceRow] {
        switch difference {
        case .order(let versions): rows("order", versions, OrderColumns.all, zone)
        case .payment(let versions): rows("payment", versions, PaymentColumns.all, zone)
        case .product(let versions):
            rows(
                "product", versions.map { ProductEntry(product: $0, stock: nil) },
                ProductColumns.all, zone)
        case .stock(let versions): rows("stock", versions, StockColumns.levels, zone)
        case .user(let versions): rows("user", versions, UserColumns.all, zone)
        // How often a coupon is in use follows from the orders.
        case .coupon(let versions):
            rows(
                "coupon", versions.map { Shop.CouponEntry(coupon: $0, uses: 0) },
                CouponColumns.all, zone)
        case .shipping(let versions): rows("shipping", versions, ShippingColumns.all, zone)
        case .tax(let versions): rows("tax", versions, TaxColumns.all, zone)
        case .location(let versions):
            rows("location", versions.map(LocationList.Row.init), LocationList.columns, zone)
        case .balance(let versions): rows("balance", versions, BalanceColumns.all, zone)
        }
    }

    /// Compared column by column; the first is the id.
    private static func rows<Record>(
        _ kind: String, _ versions: Versions<Record>, _ columns: [Column<Record>],
        _ zone: TimeZoneName
    ) -> [DifferenceRow] {
        func text(_ column: Column<Record>, _ record: Record) -> String? {
            switch column.cell(record) {
            case .absent: nil
            case .rows(let listing): (try? listing.count()).flatMap { $0 > 0 ? String($0) : nil }
            case let cell: cell.readableText(in: zone)
            }
        }
        func id(_ record: Record) -> String { text(columns[0], record) ?? "" }
        func summary(_ record: Record) -> String {
            columns.dropFirst().filter { $0.heading.shown == .always }
                .compactMap { text($0, record) }.joined(separator: ", ")
        }
        func row(_ record: Record, _ change: String) -> DifferenceRow {
            DifferenceRow(kind: kind, id: id(record), change: change)
        }
        switch (versions.was, versions.now) {
        case (nil, nil): return []
        case (nil, let now?):
            var row = row(now, "added")
            row.now = summary(now)
            return [row]
        case (let was?, nil):
            var row = row(was, "removed")
            row.was = summary(was)
            return [row]
        case (let was?, let now?):
            return columns.compactMap { column in
                var row = row(now, "changed")
                (row.field, row.was, row.now) =
                    (column.heading.name, text(column, was), text(column, now))
                guard row.was == row.now else { return row }
                let inner = self.inner(column.cell(was), column.cell(now), zone)
                (row.was, row.now) = (inner?.was, inner?.now)
                return inner == nil ? nil : row
            }
        }
    }

    /// What is different within as many rows as before, such as a shipment that was delivered.
    private static func inner(
        _ was: Cell, _ now: Cell, _ zone: TimeZoneName
    ) -> (was: String, now: String)? {
        guard case .rows(let before) = was, case .rows(let after) = now else { return nil }
        let pairs = zip(lines(before, zone), lines(after, zone)).filter { $0 != $1 }
        guard !pairs.isEmpty else { return nil }
        return (
            pairs.map(\.0).joined(separator: "; "), pairs.map(\.1).joined(separator: "; ")
        )
    }

    private static func lines(_ listing: Listing, _ zone: TimeZoneName) -> [String] {
        var lines: [String] = []
        try? listing.eachRow(Array(listing.headings.indices)) { (cells) throws(ShopError) in
            lines.append(
                cells.map { $0.readableText(in: zone) }.filter { !$0.isEmpty }
                    .joined(separator: " "))
        }
        return lines
    }
}

extension CommandContext {
    /// The rows of what a dry run would have changed.
    func rows(of differences: [RecordDifference], in shop: Shop) -> [DifferenceRow] {
        let zone = zone(of: shop)
        return differences.flatMap { DifferenceRow.rows(of: $0, in: zone) }
    }
}

extension Versions {
    fileprivate func map<Other>(_ convert: (Record) -> Other) -> Versions<Other> {
        Versions<Other>(was: was.map(convert), now: now.map(convert))
    }
}
