import Orders
import Payments
import Primitives
import Storage
import Users

/// Everything in the store that can be worked out from the other records: index entries, totals
/// by day, and the last numbers given.
///
/// The records are read one by one and not kept. Sets of index entries are compared by the sum of
/// their keys' hashes, so that a check needs no memory for them.
struct DerivedRecords {
    /// Entries by collection, as a count and the sum of their hashes.
    struct Entries: Equatable {
        var count = 0
        var sum: UInt64 = 0

        mutating func add(_ key: some Sequence<UInt8>) {
            count += 1
            // FNV-1a, 64 bits.
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            sum &+= hash
        }
    }

    static let indexes = [
        "customer-orders", "status-orders", "order-payments", "pending-payments",
    ]

    private(set) var days: [CalendarDay: DayTotals.Sums] = [:]
    private(set) var counters = Counters()
    private(set) var couponUses: [RecordKey: CouponUses] = [:]
    private var calendar: DayFinder

    /// - Parameter zone: whose days the totals are of.
    init(in zone: TimeZoneName) {
        calendar = DayFinder(in: zone)
    }

    /// Counts the coupon of an order.
    mutating func addCoupon(of order: Order) { CouponUses.add(order, to: &couponUses) }

    /// Takes over a number of which those before it may be gone.
    mutating func add(_ rate: TaxRate) { counters.taxRates = max(counters.taxRates, rate.number) }

    /// Whether these are the last numbers given: those of tax rates may be gone.
    func agrees(with stored: Counters) -> Bool {
        var expected = counters
        expected.taxRates = max(expected.taxRates, stored.taxRates)
        return expected == stored
    }

    static func entries(of order: Order) -> [RecordKey] {
        let number = RecordKey.falling(order.number.value)
        return [
            RecordKey("customer-orders", order.customer.folded, number: number),
            RecordKey("status-orders", order.status.rawValue, number: number),
        ]
    }

    static func entries(of payment: Payment) -> [RecordKey] {
        let entry = RecordKey("order-payments", number: payment.order.value, payment.number.value)
        return payment.pending == nil ? [entry] : [entry, Records.pending(payment.number)]
    }

    private mutating func on(_ time: Timestamp, _ change: (inout DayTotals.Sums) -> Void) {
        change(&days[calendar.day(of: time), default: DayTotals.Sums()])
    }

    mutating func add(_ order: OrderFigures) {
        counters.orders = max(counters.orders, order.number.value)
        counters.invoices = max(counters.invoices, order.lastInvoice?.value ?? 0)
        guard let placedAt = order.placedAt else { return }
        let changes = order.changes
        on(placedAt) {
            $0.orders &+= 1
            $0.units &+= changes.reduce(order.units) { $0 &- $1.difference }
            $0.gross &+= changes.reduce(order.total) { $0 &- $1.amount }
        }
        for change in changes { on(change.at) { $0.add(change) } }
        for back in order.returns { on(back.at) { $0.returned &+= back.amount } }
        for credit in order.credits { on(credit.at) { $0.refundedOfCancelled &+= credit.amount } }
        guard order.isCancelled, let endedAt = order.endedAt else { return }
        on(endedAt) {
            $0.cancelledOrders &+= 1
            $0.cancelled &+= order.total
        }
    }

    /// Adds what was worked out of other records.
    mutating func add(_ other: DerivedRecords) {
        for (day, sums) in other.days { days[day, default: DayTotals.Sums()].add(sums) }
        counters.orders = max(counters.orders, other.counters.orders)
        counters.payments = max(counters.payments, other.counters.payments)
        counters.invoices = max(counters.invoices, other.counters.invoices)
        counters.users &+= other.counters.users
        counters.owners &+= other.counters.owners
    }

    /// - Parameter cancelledAt: when its order was cancelled or expired, if its refunds count with
    ///   that (`OrderFigures.refundsCountAt`).
    mutating func add(_ payment: PaymentFigures, ofOrderCancelledAt cancelledAt: Timestamp?) {
        counters.payments = max(counters.payments, payment.number.value)
        for entry in payment.entries {
            on(entry.at) {
                switch entry.kind {
                case .capture: $0.captured &+= entry.amount
                case .refund: $0.refunded &+= entry.amount
                }
            }
            guard entry.kind == .refund, let cancelledAt else { continue }
            // What was given back before counts with the cancellation.
            on(max(cancelledAt, entry.at)) {
                $0.refundedOfCancelled &+= entry.amount
            }
        }
    }

    mutating func add(_ last: DaySeal?) { counters.sealed = last?.day }

    mutating func add(_ user: User) {
        counters.users += 1
        if user.role == .owner { counters.owners += 1 }
    }
}

extension Shop {
    /// Works out every index entry, day total and counter again, and stores what differs.
    ///
    /// One transaction; nothing is written where all is right.
    func reindex() throws(ShopError) {
        let stamp = Stamp(at: clock.now(), by: "[doctor]", command: "doctor --fix")
        let zone = settings.timeZone
        let currency = currency
        let source = BulkSource(name: "records", bytes: 0, crc: 0, records: 0)
        _ = try store.load(stamp, from: { _ in source }, excludingOthers: true) {
            (work) throws(ShopError) in
            var derived = DerivedRecords(in: zone)
            var wanted: Set<[UInt8]> = []
            var cancelled: [OrderNumber: Timestamp] = [:]
            try work.each(Order.self, KeyRange(collection: "orders")) { (order) throws(ShopError) in
                let figures = OrderFigures(order)
                derived.add(figures)
                derived.addCoupon(of: order)
                cancelled[order.number] = figures.refundsCountAt
                for key in DerivedRecords.entries(of: order) { wanted.insert(key.bytes) }
                return true
            }
            try work.each(Payment.self, KeyRange(collection: "payments")) {
                (payment) throws(ShopError) in
                derived.add(
                    PaymentFigures(payment), ofOrderCancelledAt: cancelled[payment.order])
                for key in DerivedRecords.entries(of: payment) { wanted.insert(key.bytes) }
                return true
            }
            try work.each(TaxRate.self, KeyRange(collection: "tax-rates")) {
                derived.add($0)
                return true
            }
            try work.each(User.self, KeyRange(collection: "users")) { (user) throws(ShopError) in
                derived.add(user)
                return true
            }
            derived.add(try work.lastSeal())
            try Self.set(wanted, in: work)
            try Self.set(derived, currency, in: work)
            return true
        }
    }

    private static func set(
        _ wanted: Set<[UInt8]>, in work: Load
    ) throws(ShopError) {
        var missing = wanted
        for index in DerivedRecords.indexes {
            var extra: [RecordKey] = []
            try work.scan(KeyRange(collection: index)) { (entry) throws(ShopError) in
                let key = Array("\(index)/".utf8) + Array(entry.key)
                if missing.remove(key) == nil { extra.append(RecordKey(escaped: key)) }
                return true
            }
            for key in extra { try work.set(key, nil) }
        }
        for key in missing.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            try work.set(RecordKey(escaped: key), Array("{}".utf8))
        }
    }

    private static func set(
        _ derived: DerivedRecords, _ currency: Currency, in work: Load
    ) throws(ShopError) {
        var stored: [CalendarDay: DayTotals] = [:]
        try work.each(DayTotals.self, KeyRange(collection: "days")) { (day) throws(ShopError) in
            stored[day.day] = day
            return true
        }
        for (day, sums) in derived.days where stored[day]?.sums != sums {
            try work.put(DayTotals(day: day, currency: currency, sums: sums))
        }
        for day in stored.keys where derived.days[day] == nil {
            try work.set(Records.day(day), nil)
        }
        var counters = derived.counters
        counters.taxRates = max(counters.taxRates, try work.counters().taxRates)
        if try work.counters() != counters { try work.put(counters) }
        try set(derived.couponUses, in: work)
    }

    private static func set(
        _ wanted: [RecordKey: CouponUses], in work: Load
    ) throws(ShopError) {
        var stored: [RecordKey: CouponUses] = [:]
        try work.each(CouponUses.self, KeyRange(collection: "coupon-uses")) {
            stored[$0.recordKey] = $0
            return true
        }
        for (key, uses) in wanted where stored[key]?.uses != uses.uses { try work.put(uses) }
        for (key, uses) in stored where wanted[key] == nil && uses.uses != 0 {
            try work.set(key, nil)
        }
    }
}
