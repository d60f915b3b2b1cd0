import Orders
package import Primitives
import Storage
import Users

/// What one product sold in a period.
package struct ProductSales: Sendable, Equatable {
    package let sku: SKU
    package let name: String
    /// Orders it is in.
    package internal(set) var orders: Int64 = 0
    package internal(set) var units: Int64 = 0
    /// Sum of its lines' totals.
    package internal(set) var gross: Money
}

/// One transaction in the audit trail.
package struct AuditEntry: Sendable {
    /// Its number; rises by one.
    package let number: Int64
    package let at: Timestamp
    package let by: String
    /// The command as typed, secrets removed.
    package let command: String
    package let ids: [String]
    package let idempotencyKey: String?
    /// The transaction that it undoes.
    package let undoes: Int64?
    /// The records it changed, `stock/mug-1`; none for an import of many rows.
    package let records: [String]
    /// Whether nothing was done but this noted: the person may not.
    package var isDenied: Bool { records.count == 1 && records[0].hasPrefix("denials/") }

    init(_ entry: HistoryEntry) {
        number = Int64(entry.tx)
        at = Timestamp(rfc3339: entry.at) ?? Timestamp(millisecondsSinceEpoch: 0)
        by = entry.by
        command = entry.command
        ids = entry.ids
        idempotencyKey = entry.idempotencyKey
        undoes = entry.undoes
        records = entry.keys
    }
}

extension Shop {
    /// The days of a period on which something happened, oldest first.
    ///
    /// - Parameters:
    ///   - from: first day; nil from the beginning.
    ///   - to: day after the last; nil to the end.
    package func salesByDay(
        from: CalendarDay?, to: CalendarDay?
    ) throws(ShopError) -> [DayTotals] {
        try read(.readReports) { (view, _) throws(ShopError) in
            let whole = KeyRange(collection: "days")
            let range = KeyRange(
                from: from.map { RecordKey("days", $0.description).bytes } ?? whole.from,
                to: to.map { RecordKey("days", $0.description).bytes } ?? whole.to)
            var days: [DayTotals] = []
            try view.each(DayTotals.self, range) { (day) throws(ShopError) in
                days.append(day)
                return true
            }
            return days
        }
    }

    /// The same, added up from the orders and payments themselves, on all cores: what the totals
    /// kept by day must come to.
    ///
    /// - Parameter countsPayments: false leaves out what was captured and refunded.
    package func salesByDayFromRecords(
        from: CalendarDay?, to: CalendarDay?, countingPayments countsPayments: Bool = true
    ) throws(ShopError) -> [DayTotals] {
        try read(.readReports) { (view, _) throws(ShopError) in
            let scan = DayScan(settings.timeZone, countingPayments: countsPayments)
            let sums = try scan.days(of: view)
            return sums.filter { day, _ in
                from.map { day >= $0 } ?? true && to.map { day < $0 } ?? true
            }
            .sorted { $0.key < $1.key }
            .map { DayTotals(day: $0.key, currency: currency, sums: $0.value) }
        }
    }

    /// What each product sold in the orders placed in a period, cancelled ones left out; most
    /// gross first.
    package func salesByProduct(
        from: Timestamp?, to: Timestamp?
    ) throws(ShopError) -> [ProductSales] {
        try read(.readReports) { (view, _) throws(ShopError) in
            var sales: [SKU: ProductSales] = [:]
            try view.each(Order.self, KeyRange(collection: "orders"), .descending) {
                (order) throws(ShopError) in
                // Numbers and times rise together: nothing before the period is newer.
                if let from, order.createdAt < from { return false }
                guard order.status == .placed || order.status == .completed,
                    let placed = order.placedAt, to.map({ placed < $0 }) ?? true
                else { return true }
                var counted: Set<SKU> = []
                for line in order.lines {
                    var sold =
                        sales[line.sku]
                        ?? ProductSales(sku: line.sku, name: line.name, gross: .zero(currency))
                    sold.units += line.quantity
                    sold.gross = try sold.gross.adding(line.total)
                    if counted.insert(line.sku).inserted { sold.orders += 1 }
                    sales[line.sku] = sold
                }
                return true
            }
            return sales.values.sorted {
                $0.gross != $1.gross ? $0.gross > $1.gross : $0.sku < $1.sku
            }
        }
    }

    // MARK: - Audit

    package struct AuditFilter: Sendable {
        package var user: String?
        /// Noun and verb the command begins with.
        package var command: String?
        package var id: String?
        /// Only what was denied.
        package var isDenied = false
        package var from: Timestamp?
        package var to: Timestamp?

        package init() {}

        func accepts(_ entry: AuditEntry) -> Bool {
            if let user, entry.by.lowercased() != user.lowercased() { return false }
            if let command, entry.command != command, !entry.command.hasPrefix(command + " ") {
                return false
            }
            if let id, !entry.ids.contains(where: { $0.lowercased() == id.lowercased() }) {
                return false
            }
            if let to, entry.at >= to { return false }
            if isDenied, !entry.isDenied { return false }
            return true
        }
    }

    /// Transactions newest first.
    package func eachAuditEntry(
        _ filter: AuditFilter, _ visit: (AuditEntry) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try read(.readAudit) { (_, _) throws(ShopError) in
            try store.history { (line) throws(ShopError) in
                let entry = AuditEntry(line)
                // Times never go back: everything before is older still.
                if let from = filter.from, entry.at < from { return false }
                if let asOf = request.asOf, entry.at > asOf { return true }
                return filter.accepts(entry) ? try visit(entry) : true
            }
        }
    }
}
