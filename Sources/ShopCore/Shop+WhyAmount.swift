import Orders
import Payments
package import Primitives
import Storage
import Users

/// Something on record that has an amount.
package struct AmountMatch: Sendable, Equatable {
    package let id: String
    /// A figure of `why`, or the kind of an entry.
    package let what: String
    package let at: Timestamp?
    package let order: OrderNumber?
    /// How it was paid, whose it is, what it is called elsewhere.
    package let detail: String?
    /// What a person with a bank's line in hand asks first is the lowest.
    let rank: Int
    let isOut: Bool
}

/// What a search for an amount found, and how much of the shop it looked through.
package struct AmountSearch: Sendable {
    /// The best first, then the newest.
    package internal(set) var matches: [AmountMatch] = []
    package internal(set) var orders = 0
    package internal(set) var payments = 0
    /// Whether there is more than was looked through.
    package internal(set) var isCut = false

    /// How many orders, payments and movements of balances are looked through.
    package static let most = 100_000
}

extension Shop {
    /// Everything that has just this amount; below zero, what of it went out.
    ///
    /// - Parameter all: looks through all records, not only the newest.
    /// - Throws: `amount-not-positive` (6) for nothing.
    package func search(for amount: Money, all: Bool) throws(ShopError) -> AmountSearch {
        guard amount.minorUnits != 0 else { throw .nothingToFind(amount) }
        return try read(.readPayments) { (view, access) throws(ShopError) in
            try access.require(.readOrders)
            var search = AmountScan(amount, most: all ? .max : AmountSearch.most)
            try search.lookThrough(view)
            return search.found
        }
    }
}

/// One walk through the records.
private struct AmountScan {
    private let units: Int64
    private let onlyOut: Bool
    private let most: Int
    private(set) var found = AmountSearch()

    init(_ amount: Money, most: Int) {
        units = Int64(clamping: amount.minorUnits.magnitude)
        onlyOut = amount.minorUnits < 0
        self.most = most
    }

    mutating func lookThrough(_ view: View) throws(ShopError) {
        try view.each(Order.self, KeyRange(collection: "orders"), .descending) {
            (order) throws(ShopError) in
            guard found.orders < most else { return isCut() }
            found.orders += 1
            add(order)
            return true
        }
        try view.each(Payment.self, KeyRange(collection: "payments"), .descending) {
            (payment) throws(ShopError) in
            guard found.payments < most else { return isCut() }
            found.payments += 1
            add(payment)
            return true
        }
        try addBalances(view)
        try view.each(DayTotals.self, KeyRange(collection: "days"), .descending) {
            (day) throws(ShopError) in
            for (name, sum) in [
                ("captured", day.sums.captured), ("gross", day.sums.gross), ("net", day.sums.net),
            ] { add(day.day.description, name, sum, rank: 6) }
            add(day.day.description, "refunded", day.sums.refunded, rank: 6, isOut: true)
            return true
        }
        let sorted = found.matches.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            if one.rank != other.rank { return one.rank < other.rank }
            guard one.at != other.at else { return left.offset < right.offset }
            guard let first = one.at, let second = other.at else { return one.at != nil }
            return first > second
        }
        found.matches = sorted.map(\.element)
    }

    private mutating func isCut() -> Bool {
        found.isCut = true
        return false
    }

    private mutating func add(
        _ id: String, _ what: String, _ amount: Int64, rank: Int, at: Timestamp? = nil,
        _ order: OrderNumber? = nil, isOut: Bool = false, _ detail: String? = nil
    ) {
        guard amount == units, isOut || !onlyOut else { return }
        found.matches.append(
            AmountMatch(
                id: id, what: what, at: at, order: order, detail: detail, rank: rank, isOut: isOut))
    }

    private mutating func add(_ order: Order) {
        let (id, at, number) = (order.number.description, order.createdAt, order.number)
        let whose = order.customer.text
        add(id, "due", order.due.minorUnits, rank: 0, at: at, number, whose)
        add(
            id, "overpaid", order.overpaid.minorUnits, rank: 0, at: at, number, isOut: true, whose)
        add(id, "total", order.total.minorUnits, rank: 2, at: at, number, whose)
        // Where one payment took or gave all of it, that is a match of its own.
        add(id, "captured", order.captured.minorUnits, rank: 3, at: at, number, whose)
        add(
            id, "refunded", order.refunded.minorUnits, rank: 3, at: at, number, isOut: true, whose)
        for invoice in order.details.invoices {
            add(
                id, "invoice", Int64(clamping: invoice.total.magnitude), rank: 3, at: invoice.at,
                number, isOut: invoice.total < 0, invoice.number.description)
        }
        for back in order.returns {
            add(id, "return", back.amount, rank: 4, at: back.at, number, isOut: true, back.reason)
        }
        for change in order.changes {
            add(
                id, change.kind.rawValue, Int64(clamping: change.amount.magnitude), rank: 4,
                at: change.at, number, isOut: change.amount < 0, change.reason)
        }
        add(id, "shipping", order.shipping.minorUnits, rank: 5, at: at, number, whose)
        add(id, "tax", order.tax.minorUnits, rank: 5, at: at, number, whose)
    }

    private mutating func add(_ payment: Payment) {
        let (id, number) = (payment.number.description, payment.order)
        for entry in payment.entries {
            let isOut = entry.kind == .refund || entry.kind == .lost || entry.kind == .dispute
            let hasMoved = isOut || entry.kind == .capture
            add(
                id, entry.kind.rawValue, entry.amount.minorUnits, rank: hasMoved ? 1 : 2,
                at: entry.note.at, number, isOut: isOut,
                entry.note.reference ?? payment.handle ?? payment.method.rawValue)
        }
        if let asked = payment.pending {
            add(
                id, "asked", asked.amount.minorUnits, rank: 1, at: asked.note.at, number,
                isOut: asked.kind == .refund, payment.provider)
        }
    }

    private mutating func addBalances(_ view: View) throws(ShopError) {
        var count = 0
        try view.each(Balance.self, KeyRange(collection: "balances")) {
            (balance) throws(ShopError) in
            guard count < most else { return isCut() }
            count += 1
            add(balance.id, "amount", balance.amount.minorUnits, rank: 4, at: balance.createdAt)
            return true
        }
        count = 0
        try view.each(BalanceMovement.self, KeyRange(collection: "balance-movements")) {
            (movement) throws(ShopError) in
            guard count < most else { return isCut() }
            count += 1
            add(
                movement.holder.id, movement.kind.rawValue,
                Int64(clamping: movement.amount.minorUnits.magnitude), rank: 4,
                at: movement.cause.at, isOut: movement.amount.isNegative, movement.cause.reason)
            return true
        }
    }
}

extension ShopError {
    static func nothingToFind(_ amount: Money) -> ShopError {
        ShopError(
            .refused, "amount-not-positive", "\(amount) is no amount to look for",
            try: ["shopctl why 12.99"])
    }
}
