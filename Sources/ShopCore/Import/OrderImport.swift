import Catalog
import Formats
import Orders
import Payments
import Primitives
import Storage

/// One import of orders: takes order after order, and decides in the end whether all of it holds.
struct OrderImport {
    private let shop: Shop
    private let view: View
    private let options: OrderImportOptions
    private let cause: StockMovement.Cause
    private let sink: ImportSink
    private let units: ImportedUnits
    private var derived: DerivedRecords
    private var counters: Counters
    /// Orders of the file by reference, with the lines where they begin.
    private var seen = SeenNames()
    /// Orders of the shop by reference, with their numbers.
    private var known = SeenNames()
    private var summary = ImportSummary()

    /// - Parameter cause: who imports, and when.
    init(
        _ shop: Shop, _ options: OrderImportOptions, _ cause: StockMovement.Cause,
        into sink: ImportSink, _ view: View
    ) throws(ShopError) {
        self.shop = shop
        self.view = view
        self.options = options
        self.cause = cause
        self.sink = sink
        units = ImportedUnits(
            shop.store.sorter("import-units"), creating: options.onMissing == .create)
        derived = DerivedRecords(in: shop.settings.timeZone)
        counters = try view.counters()
        var known = SeenNames()
        try view.scan(KeyRange(collection: "orders")) { (found) throws(ShopError) in
            do throws(JSONError) {
                if let (number, name) = try Self.reference(in: found.record) {
                    _ = known.insert(name, line: Int(clamping: number))
                }
            } catch {
                throw .recordDamaged(
                    "orders/" + String(decoding: found.key, as: UTF8.self), error)
            }
            return true
        }
        self.known = known
    }

    /// The number and reference of a stored order; nil where it has none.
    private static func reference(
        in record: UnsafeRawBufferPointer
    ) throws(JSONError) -> (Int64, String)? {
        var reader = JSONReader(record)
        var number: Int64 = 0
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "number": number = try reader.int64()
            case "reference": return (number, try reader.string())
            default: try reader.skip()
            }
        }
        return nil
    }

    /// Takes the orders read already and those that the reader still has.
    ///
    /// - Throws: all problems of the file and its orders together.
    mutating func take(
        _ first: [OrderRow], _ reader: OrderReader
    ) throws(ShopError) -> ImportSummary {
        var problems = RowProblems(file: reader.name)
        var first = first
        for index in first.indices { take(&first[index], &problems) }
        try ReadAhead { () throws(ShopError) in try reader.next() }.each { take(&$0, &problems) }
        try units.store(view, sink, cause, shop.currency, &problems)
        problems.add(reader.problems)
        do throws(ShopError) {
            try problems.check()
        } catch {
            throw error.ofImport
        }
        guard summary.created > 0 else { return summary }
        try correctSealedDays()
        try sink.put(counters, .counters)
        for (day, sums) in derived.days.sorted(by: { $0.key < $1.key }) {
            var totals =
                try view.find(DayTotals.self, Records.day(day))
                ?? DayTotals(day: day, currency: shop.currency)
            totals.sums.add(sums)
            try sink.put(totals, .days)
        }
        for uses in derived.couponUses.values.sorted(by: { $0.recordKey < $1.recordKey }) {
            var sum =
                try view.find(CouponUses.self, uses.recordKey)
                ?? CouponUses(uses.code, uses.customer)
            sum.uses += uses.uses
            try sink.put(sum, .couponUses)
        }
        return summary
    }

    private mutating func take(_ row: inout OrderRow, _ problems: inout RowProblems) {
        if let earlier = seen.insert(row.key, line: row.line) {
            problems.add(
                row.line, "order \(row.key) begins in line \(earlier) already")
            return
        }
        do throws(ShopError) {
            try shop.requireLocation(row.history.location, in: view)
            try nameLines(of: &row)
            if let existing = try existing(row) {
                try compare(row, with: existing)
            } else {
                try create(&row)
            }
        } catch {
            problems.add(error, line: row.line)
        }
    }

    /// Gives lines without a name that of their product.
    private func nameLines(of row: inout OrderRow) throws(ShopError) {
        for index in row.history.lines.indices where row.history.lines[index].name.isEmpty {
            let line = row.history.lines[index]
            let product = try view.find(Product.self, Records.product(line.sku))
            guard product != nil || options.onMissing == .create else { throw .noProduct(line.sku) }
            row.history.lines[index] = line.named(product?.name ?? line.sku.text)
        }
    }

    // MARK: - Orders that the shop has

    /// The order that the shop has already: one of the same number that says the same, or one
    /// with the same reference.
    private func existing(_ row: OrderRow) throws(ShopError) -> Order? {
        if let number = row.number,
            let order = try view.find(Order.self, Records.order(number)),
            order.reference == row.history.reference,
            order.customer == row.history.customer,
            try Order(number, row.history, by: cause.by, at: cause.at).saysTheSame(as: order)
        {
            return order
        }
        guard let number = known.row(of: row.key)?.line else { return nil }
        return try view.find(Order.self, Records.order(OrderNumber(Int64(number))))
    }

    private mutating func compare(
        _ row: OrderRow, with existing: Order
    ) throws(ShopError) {
        let told = try Order(existing.number, row.history, by: cause.by, at: cause.at)
        guard !told.saysTheSame(as: existing) else {
            summary.unchanged += 1
            return
        }
        guard options.onConflict == .skip else { throw .orderInConflict(row.key, existing.number) }
        summary.skipped += 1
    }

    // MARK: - Sealed days

    /// Puts on record what the file dates into days that are sealed.
    ///
    /// - Throws: `day-sealed` (6) where nobody has said why.
    private func correctSealedDays() throws(ShopError) {
        guard let last = try view.lastSeal() else { return }
        for (day, sums) in derived.days.sorted(by: { $0.key < $1.key }) where day <= last.day {
            guard let reason = options.correction else { throw .daySealed(day, last) }
            let number = (try view.corrections(of: day).last?.number ?? 0) + 1
            try sink.put(
                DayCorrection(
                    totals: DayTotals(day: day, currency: shop.currency, sums: sums),
                    number: number, reason: reason, at: cause.at, by: cause.by),
                .corrections, isNew: true)
        }
    }

    // MARK: - New orders

    private mutating func create(_ row: inout OrderRow) throws(ShopError) {
        let number = counters.nextOrder()
        // An order of another shop is found by the number it had there.
        if row.history.reference == nil, let old = row.number, old != number {
            row.history.reference = old.description
        }
        let payments = try payments(of: row, row.history)
        var order = try Order(number, row.history, by: cause.by, at: cause.at)
        try check(payments, against: order)
        for payment in payments { order.holds.add(payment.share) }

        try sink.put(order, .orders, isNew: true)
        for (entry, kind) in zip(
            DerivedRecords.entries(of: order), [ImportLanes.Kind.customerOrders, .statusOrders])
        {
            try sink.put(entry: entry, kind)
        }
        let figures = OrderFigures(order)
        derived.add(figures)
        derived.addCoupon(of: order)
        for payment in payments {
            let payment = payment.numbered(counters.nextPayment(), for: number)
            try sink.put(payment, .payments, isNew: true)
            for entry in DerivedRecords.entries(of: payment) {
                try sink.put(entry: entry, .orderPayments)
            }
            derived.add(
                PaymentFigures(payment),
                ofOrderCancelledAt: figures.refundsCountAt)
        }
        try units.add(order, row.itemLines)
        summary.created += 1
    }

    /// The payments that a file states one by one, or the one that its amounts come to.
    private func payments(
        of row: OrderRow, _ history: OrderHistory
    ) throws(ShopError) -> [Payment] {
        if let payments = row.payments { return payments }
        guard let captured = history.captured, captured.minorUnits > 0 else { return [] }
        let by = history.createdBy ?? cause.by
        var entries = [
            PaymentEntry(.capture, captured, .init(at: history.time ?? cause.at, by: by))
        ]
        if let refunded = history.refunded, refunded.minorUnits > 0 {
            let at = history.cancelledAt ?? history.completedAt ?? history.time ?? cause.at
            entries.append(PaymentEntry(.refund, refunded, .init(at: at, by: by)))
        }
        return [try Payment(row.method, provider: nil, entries: entries)]
    }

    private func check(_ payments: [Payment], against order: Order) throws(ShopError) {
        var captured = Money.zero(order.currency)
        var refunded = Money.zero(order.currency)
        for payment in payments {
            captured = try captured.adding(payment.captured)
            refunded = try refunded.adding(payment.refunded)
        }
        guard captured == order.captured, refunded == order.refunded else {
            throw .impossibleHistory(
                "the payments come to \(captured) captured and \(refunded) refunded, the order "
                    + "says \(order.captured) and \(order.refunded)")
        }
    }
}

extension ShopError {
    static func orderInConflict(_ key: String, _ number: OrderNumber) -> ShopError {
        ShopError(
            .conflict, "order-exists",
            "\(number) has the reference \"\(key)\" already, and other content",
            try: ["--on-conflict skip", "shopctl order show \(number)"])
    }
}
