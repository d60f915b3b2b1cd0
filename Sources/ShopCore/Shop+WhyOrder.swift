import Orders
import Payments
package import Primitives
import Storage
import Users

extension Shop {
    /// Why an order costs what it does, what of it is paid and due, and why it is in its states.
    ///
    /// - Throws: `order-not-found` (3), also where it is somebody else's.
    package func explainOrder(_ number: OrderNumber) throws(ShopError) -> Explanation {
        try read(.readOwnOrders) { (view, access) throws(ShopError) in
            guard let order = try view.find(Order.self, Records.order(number)),
                access.mayRead(order)
            else { throw .noOrder(number) }
            let payments = try view.payments(of: number)
            let explanation = OrderProof(order, payments).explanation
            return access.ownOrdersOnly == nil ? explanation : explanation.withoutNames()
        }
    }
}

/// Works out each figure of an order from its lines and payments.
private struct OrderProof {
    private typealias Step = Explanation.Step

    private let order: Order
    private let payments: [Payment]

    init(_ order: Order, _ payments: [Payment]) {
        self.order = order
        self.payments = payments
    }

    var explanation: Explanation {
        var explanation = Explanation(.order(order.number), in: order.currency)
        explanation.states = [
            .init(name: "status", value: order.status.rawValue, because: order.statusReason),
            .init(name: "payment", value: order.payment.rawValue, because: order.paymentReason),
            .init(
                name: "fulfillment", value: order.fulfillment.rawValue,
                because: order.fulfillmentReason),
        ]
        explanation.add("total", order.total.minorUnits, total)
        explanation.add("captured", order.captured.minorUnits, entries { $0 == .capture })
        explanation.addUnlessZero(
            "refunded", order.refunded.minorUnits, entries { $0 == .refund || $0 == .lost })
        explanation.addUnlessZero("held", order.holds.authorized, held(\.capturable))
        explanation.addUnlessZero("disputed", order.holds.disputed, held(\.disputed))
        explanation.add("due", order.due.minorUnits, due)
        explanation.addUnlessZero("overpaid", order.overpaid.minorUnits, overpaid)
        explanation.problems = problems
        return explanation
    }

    private var total: [Step] {
        var steps = order.lines.map { line in
            Step(
                "line", of: line.sku.text, line.unitPrice.minorUnits &* line.quantity,
                note: "\(line.quantity) × \(line.unitPrice.decimalText)")
        }
        for discount in order.pricing?.discounts ?? [] {
            steps.append(
                Step(
                    "discount", of: discount.name, -discount.amount,
                    note: discount.percent?.text))
        }
        if !order.shipping.isZero {
            steps.append(
                Step("shipping", order.shipping.minorUnits, note: order.pricing?.shippingMethod))
        }
        guard !order.includesTax else { return steps }
        for tax in order.pricing?.taxes ?? [] {
            steps.append(Step("tax", of: tax.name, tax.amount, note: tax.rate.text))
        }
        // Taxes of lines that were stated with the order, and are none of the table's.
        for line in order.lines where line.taxes.isEmpty && !line.tax.isZero {
            steps.append(Step("tax", of: line.sku.text, line.tax.minorUnits))
        }
        return steps
    }

    private func entries(_ isWanted: (PaymentEntry.Kind) -> Bool) -> [Step] {
        let found = payments.flatMap { payment in
            payment.entries.filter { isWanted($0.kind) }.map { entry in
                Step(
                    entry.kind.rawValue, of: payment.number.description, entry.amount.minorUnits,
                    at: entry.note.at, by: entry.note.by,
                    note: entry.note.reason ?? payment.method.rawValue)
            }
        }
        return found.enumerated().sorted {
            ($0.element.at ?? order.createdAt, $0.offset)
                < ($1.element.at ?? order.createdAt, $1.offset)
        }.map(\.element)
    }

    private func held(_ amount: (Payment) -> Money) -> [Step] {
        payments.filter { !amount($0).isZero }.map {
            Step($0.status.rawValue, of: $0.number.description, amount($0).minorUnits)
        }
    }

    // MARK: - What is owed

    private var returned: [Step] {
        order.returns.map {
            Step("return", of: "\($0.number)", -$0.amount, at: $0.at, by: $0.by, note: $0.reason)
        }
    }

    private var due: [Step] {
        let credits = order.credits.map {
            Step("refunded", $0.amount, at: $0.at, note: "of what was taken off or came back")
        }
        let steps =
            [Step("total", order.total.minorUnits)] + returned
            + [Step("captured", -order.captured.minorUnits)] + credits
        let sum = steps.reduce(0) { $0 &+ $1.change }
        guard order.status == .placed || order.status == .completed else {
            return steps + [Step("closed", -sum, note: "\(order.status.rawValue): it takes none")]
        }
        return sum < 0 ? steps + [Step("paid", -sum, note: "no less than nothing is due")] : steps
    }

    private var overpaid: [Step] {
        guard !order.overpaid.isZero else { return [] }
        let paid = [
            Step("captured", order.captured.minorUnits),
            Step("refunded", -order.refunded.minorUnits),
        ]
        guard order.endedAt == nil else { return paid }
        let back = returned.map { step in
            var step = step
            step.change = -step.change
            return step
        }
        return paid + [Step("total", -order.total.minorUnits)] + back
    }

    private var problems: [String] {
        var problems = order.priceProblems() + order.unitProblems()
        var holds = OrderHolds()
        for payment in payments {
            problems += payment.amountProblems().map { "\(payment.number): \($0)" }
            holds.add(payment.share)
        }
        if holds != order.holds {
            problems.append("its payments hold other amounts than it says")
        }
        if order.credited > order.refunded {
            problems.append("credited \(order.credited), refunded \(order.refunded)")
        }
        return problems
    }
}
