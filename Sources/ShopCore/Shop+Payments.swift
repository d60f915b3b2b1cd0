import Catalog
import Orders
package import Payments
package import Primitives
import Storage
import Users

extension Shop {
    // MARK: - Events

    /// Records money the operator took for an order.
    ///
    /// - Parameter amount: nil takes what is due.
    /// - Throws: `order-not-found` (3), `order-not-payable`, `payment-unknown` (5), `over-capture`,
    ///   `currency-mismatch` (6).
    package func capturePayment(
        for number: OrderNumber, _ method: PaymentMethod, _ amount: Money?, reference: String?
    ) throws(ShopError) -> Payment {
        try change(.capturePayments) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            let amount = amount ?? order.due
            if amount.isZero, order.due.isZero, order.takesMoney { throw .nothingDue(order) }
            try order.capture(amount, at: work.at)
            var counters = try work.transaction.counters()
            let note = PaymentEntry.Note(at: work.at, by: work.by, reference: reference)
            let payment = try Payment(
                counters.nextPayment(), for: number, method, capturing: amount, note)
            try addToDay(in: work) { $0.captured += amount.minorUnits }

            // After this point the money is on record.
            work.transaction.put(counters)
            work.save(payment, was: nil, of: &order)
            work.save(order, was: before)
            work.transaction.ids = [payment.number.description, number.description]
            return payment
        }
    }

    /// Gives captured money back.
    ///
    /// - Parameters:
    ///   - target: one payment, or whatever payments an order has, newest first.
    ///   - amount: nil refunds all that is left.
    ///   - restocked: units that go back on the shelf; no more than were shipped.
    /// - Throws: `payment-not-found`, `order-not-found` (3), `over-refund`, `over-restock` (6).
    package func refundPayment(
        _ target: PaymentTarget, _ amount: Money?, reason: String?,
        restocked: [PaymentEntry.Restock]
    ) throws(ShopError) -> RecordList<Payment> {
        let refunded = try change(.refundPayments) { (work) throws(ShopError) in
            var payments: [Payment]
            let number: OrderNumber
            switch target {
            case .payment(let id):
                payments = [try work.transaction.payment(id)]
                number = payments[0].order
            case .order(let id):
                number = id
                _ = try work.transaction.order(id)
                payments = try work.transaction.payments(of: id).reversed()
            }
            let before = try work.transaction.order(number)
            var order = before
            let left = payments.reduce(Int64(0)) { $0 + $1.refundable.minorUnits }
            let wanted = amount ?? Money(minorUnits: left, order.currency)
            guard !payments.isEmpty, !wanted.isZero || left > 0 else {
                throw .nothingToRefund(number)
            }
            // With a provider's refund, units come back when it has answered.
            let first = payments.first { !$0.refundable.isZero } ?? payments.first
            if first?.isManual ?? true {
                try restock(restocked, of: &order, reason: reason, in: work)
            } else {
                try checkRestock(restocked, of: order, in: work)
            }
            let changed = try refund(
                wanted, of: &order, from: payments, reason: reason, restocked: restocked,
                mayAsk: true, in: work)
            try countReductions(from: before, to: order, in: work)
            work.save(order, was: before)
            work.transaction.ids = changed.map(\.number.description) + [number.description]
            return RecordList(changed)
        }
        return try settled(refunded)
    }

    /// Refunds `amount` over the payments of an order, newest first.
    ///
    /// - Parameter mayAsk: providers may be asked for their parts, in what follows.
    /// - Throws: `order-has-payment` (5) for a provider's payment where none may be.
    @discardableResult
    func refund(
        _ amount: Money, of order: inout Order, from payments: [Payment] = [], reason: String?,
        restocked: [PaymentEntry.Restock], mayAsk: Bool = false, in work: Work
    ) throws(ShopError) -> [Payment] {
        var payments = payments
        if payments.isEmpty {
            payments = try work.transaction.payments(of: order.number).reversed()
        }
        try checkRefundLimit(amount, of: order.number, in: work)
        let note = PaymentEntry.Note(at: work.at, by: work.by, reason: reason)
        var rest = amount
        var restocked = restocked
        var changed: [(before: Payment, now: Payment)] = []
        var byHand = Money.zero(order.currency)
        let refundable = payments.filter { !$0.refundable.isZero }
        for before in refundable.isEmpty ? Array(payments.prefix(1)) : refundable {
            var payment = before
            // The last one refuses what is more than all of them hold.
            let isLast = payment.number == (refundable.last ?? before).number
            let part = isLast ? rest : min(rest, payment.refundable)
            guard !part.isZero || isLast && changed.isEmpty else { continue }
            if payment.isManual {
                try payment.refund(part, restocked: restocked, note)
                try giveBack(part, of: payment, reason: reason, in: work)
                byHand = try byHand.adding(part)
            } else {
                guard mayAsk else { throw .refundFirst(order.number, payment.provider) }
                _ = try provider(payment.provider)
                try payment.ask(
                    intent(.refund, part, of: payment.number, note, restocked: restocked))
            }
            restocked = []
            rest = try rest.subtracting(part)
            changed.append((before, payment))
        }
        if changed.allSatisfy(\.now.isManual) || !byHand.isZero {
            try order.refund(byHand, at: work.at)
            try addToDay(in: work) { $0.refunded += byHand.minorUnits }
        }
        for (before, now) in changed { work.save(now, was: before, of: &order) }
        return changed.map(\.now)
    }

    /// Refuses units of a refund that are more of a SKU than were shipped and are not back yet.
    ///
    /// - Throws: `over-restock` (6).
    func checkRestock(
        _ wanted: [PaymentEntry.Restock], of order: Order, in work: Work
    ) throws(ShopError) {
        guard !wanted.isEmpty else { return }
        var out = order.shippedCounts
        for (sku, count) in order.returnedCounts { out[sku, default: 0] -= count }
        for (sku, count) in try earlierRestocks(of: order, in: work) {
            out[sku, default: 0] -= count
        }
        var problems: [ShopError] = []
        for item in wanted {
            let most = out[item.sku] ?? 0
            if item.count > most { problems.append(.overRestock(item, most, order.number)) }
            out[item.sku, default: 0] -= item.count
        }
        if let error = ShopError.combining(problems) { throw error }
    }

    /// Puts units of a refund back on the shelf.
    ///
    /// - Throws: `over-restock` (6), before anything moves.
    func restock(
        _ wanted: [PaymentEntry.Restock], of order: inout Order, reason: String?, in work: Work
    ) throws(ShopError) {
        guard !wanted.isEmpty else { return }
        try checkRestock(wanted, of: order, in: work)
        _ = try order.takeBack(
            wanted.map { UnitCount(sku: $0.sku, count: $0.count) }, .restock, reason: reason,
            earlier: try earlierRestocks(of: order, in: work), isOfRefund: true, by: work.by,
            at: work.at)
        for item in wanted {
            let units = try Quantity(item.count)
            try moveStock(item.sku, in: work) { (level) throws(ShopError) in
                try level.restock(units, work.cause(order: order))
            }
        }
    }

    // MARK: - Reading

    package func payments(_ numbers: [PaymentNumber]) throws(ShopError) -> [Payment] {
        try read(.readPayments) { (view, _) throws(ShopError) in
            var payments: [Payment] = []
            for number in numbers { payments.append(try view.payment(number)) }
            return payments
        }
    }

    package struct PaymentFilter: Sendable {
        package var order: OrderNumber?
        package var method: PaymentMethod?
        package var status: PaymentStatus?

        package init() {}

        func accepts(_ payment: Payment) -> Bool {
            if let method, payment.method != method { return false }
            if let status, payment.status != status { return false }
            return true
        }
    }

    /// Payments newest first.
    package func eachPayment(
        _ filter: PaymentFilter, _ visit: (Payment) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try read(.readPayments) { (view, _) throws(ShopError) in
            if let number = filter.order {
                _ = try view.order(number)
                for payment in try view.payments(of: number).reversed()
                where filter.accepts(payment) {
                    guard try visit(payment) else { return }
                }
                return
            }
            try view.each(Payment.self, KeyRange(collection: "payments"), .descending) {
                (payment) throws(ShopError) in
                filter.accepts(payment) ? try visit(payment) : true
            }
        }
    }
}

// MARK: - Errors

extension ShopError {
    static func nothingDue(_ order: Order) -> ShopError {
        ShopError(
            .refused, "over-capture",
            "nothing is due on \(order.number): \(order.captured) of \(order.total) captured",
            at: order.number.description, try: ["shopctl order show \(order.number)"])
    }

    static func nothingToRefund(_ number: OrderNumber) -> ShopError {
        ShopError(
            .refused, "over-refund", "nothing is left to refund on \(number)",
            at: number.description, try: ["shopctl payment list --order \(number)"])
    }

    static func refundFirst(_ number: OrderNumber, _ provider: String) -> ShopError {
        ShopError(
            .conflict, "order-has-payment", "money of \(number) is to go back through \(provider)",
            why: "a provider is asked for one thing at a time, and may say no",
            try: ["shopctl payment refund \(number) --full", "then the same without --refund"])
    }

    static func overRestock(
        _ item: PaymentEntry.Restock, _ most: Int64, _ number: OrderNumber
    ) -> ShopError {
        ShopError(
            .refused, "over-restock",
            "\(item.count) of \(item.sku) cannot go back on the shelf: \(max(0, most)) of "
                + "\(number) are out",
            at: "--restock \(item.sku)=\(item.count)", try: ["shopctl order show \(number)"])
    }
}
