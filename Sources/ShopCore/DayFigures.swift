import Catalog
import Formats
package import Payments
package import Primitives
import Storage

/// What a day of the shop's calendar came to, added up from the records themselves, and whether
/// that agrees with what is kept of it.
package struct DayFigures: Sendable, Equatable {
    /// Counts and amounts in minor units, from the orders and payments.
    package internal(set) var sums = DayTotals.Sums()
    /// By way of paying, in the order of its names.
    package internal(set) var methods: [Method] = []
    /// By kind, in the order of its names; of kinds that move units on hand.
    package internal(set) var movements: [Movement] = []

    package struct Method: Sendable, Equatable {
        package let method: PaymentMethod
        package internal(set) var captures: Int64 = 0
        package internal(set) var captured: Int64 = 0
        package internal(set) var refunds: Int64 = 0
        package internal(set) var refunded: Int64 = 0
    }

    package struct Movement: Sendable, Equatable {
        package let kind: String
        package internal(set) var count: Int64 = 0
        /// Change of the units on hand.
        package internal(set) var units: Int64 = 0
    }

    package init() {}
}

/// Adds up a day, each figure in two ways.
struct DayFooting {
    private let day: CalendarDay
    private let zone: TimeZoneName
    private(set) var figures = DayFigures()
    /// Where two ways do not come to the same.
    private(set) var problems: [String] = []

    /// Reads every order, payment and movement of the shop.
    init(_ day: CalendarDay, in zone: TimeZoneName, of view: View) throws(ShopError) {
        self.day = day
        self.zone = zone
        figures.sums =
            try DayScan(zone, countingPayments: true).days(of: view)[day] ?? DayTotals.Sums()
        try addPayments(of: view)
        try addMovements(of: view)
        let kept = try view.find(DayTotals.self, Records.day(day))?.sums ?? DayTotals.Sums()
        for ((name, counted), (_, kept)) in zip(figures.sums.named, kept.named) {
            compare(name, "the records", counted, "the totals of the day", kept)
        }
        let methods = figures.methods
        compare(
            "captured", "the payments by method", methods.reduce(0) { $0 &+ $1.captured },
            "all payments", figures.sums.captured)
        compare(
            "refunded", "the payments by method", methods.reduce(0) { $0 &+ $1.refunded },
            "all payments", figures.sums.refunded)
    }

    private mutating func compare(
        _ name: String, _ one: String, _ first: Int64, _ other: String, _ second: Int64
    ) {
        guard first != second else { return }
        problems.append("\(name): \(one) come to \(first), \(other) to \(second)")
    }

    private func isOfDay(_ time: Timestamp) -> Bool { CalendarDay(of: time, in: zone) == day }

    private mutating func addPayments(of view: View) throws(ShopError) {
        var methods: [PaymentMethod: DayFigures.Method] = [:]
        try view.each(Payment.self, KeyRange(collection: "payments")) { (payment) in
            for entry in payment.entries where isOfDay(entry.note.at) {
                var sums = methods[payment.method] ?? DayFigures.Method(method: payment.method)
                switch entry.kind {
                case .capture:
                    sums.captures += 1
                    sums.captured &+= entry.amount.minorUnits
                case .refund, .lost:
                    sums.refunds += 1
                    sums.refunded &+= entry.amount.minorUnits
                case .authorize, .void, .dispute, .won, .decline, .fail: continue
                }
                methods[payment.method] = sums
            }
            return true
        }
        figures.methods = methods.values.sorted { $0.method.rawValue < $1.method.rawValue }
    }

    private mutating func addMovements(of view: View) throws(ShopError) {
        var kinds: [String: DayFigures.Movement] = [:]
        var change: (sku: SKU, moved: Int64, before: Int64, after: Int64)?
        var changes: [(sku: SKU, moved: Int64, before: Int64, after: Int64)] = []
        try view.each(StockMovement.self, KeyRange(collection: "movements")) { (movement) in
            guard isOfDay(movement.cause.at) else { return true }
            if movement.onHand != 0 {
                let kind = movement.kind.rawValue
                kinds[kind, default: DayFigures.Movement(kind: kind)].count += 1
                kinds[kind]?.units &+= movement.onHand
            }
            // A product's movements follow each other.
            if var known = change, known.sku == movement.sku {
                known.moved &+= movement.onHand
                known.after = movement.onHandAfter
                change = known
            } else {
                if let change { changes.append(change) }
                change = (
                    movement.sku, movement.onHand, movement.onHandAfter &- movement.onHand,
                    movement.onHandAfter
                )
            }
            return true
        }
        if let change { changes.append(change) }
        for one in changes {
            compare(
                "\(one.sku)", "the movements", one.moved, "the units on hand changed",
                one.after &- one.before)
        }
        figures.movements = kinds.values.sorted { $0.kind < $1.kind }
    }
}

extension DayTotals.Sums {
    /// By the names of the stored members.
    fileprivate var named: [(String, Int64)] {
        [
            ("orders", orders), ("units", units), ("gross", gross),
            ("cancelledOrders", cancelledOrders), ("cancelled", cancelled),
            ("returned", returned), ("captured", captured), ("refunded", refunded),
            ("refundedOfCancelled", refundedOfCancelled), ("net", net),
        ]
    }
}
