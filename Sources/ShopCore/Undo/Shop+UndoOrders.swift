import Catalog
import Orders
import Primitives
import Storage
import Users

/// Orders: what was made is cancelled, what was said of it or put on it goes back.
extension Shop {
    func undoOrders(_ undoing: inout Undoing) throws(ShopError) {
        for change in try undoing.changes(Order.self, "orders") {
            guard let now = change.versions.now else { continue }
            undoing.attempt { (undoing) throws(ShopError) in
                guard let was = change.versions.was else {
                    return try undoCreation(of: now.number, &undoing)
                }
                if let refusal = ShopError.notUndoable(from: was, to: now) { throw refusal }
                try undo(change, from: was, to: now, &undoing)
            }
        }
    }

    private func undoCreation(
        of number: OrderNumber, _ undoing: inout Undoing
    ) throws(ShopError) {
        try undoing.work.access.require(.cancelOrders)
        _ = try cancel(
            try undoing.work.transaction.order(number), reason: undoing.reason, refunding: false,
            in: undoing.work)
        undoing.wrote(number.description, "cancelled")
    }

    /// What is said of an order; its lines and money are more than fields.
    private static let fields = ["billTo", "customer", "reference", "shipTo", "shipments", "tags"]

    private func undo(
        _ change: Undoing.Change<Order>, from was: Order, to now: Order,
        _ undoing: inout Undoing
    ) throws(ShopError) {
        let (work, id) = (undoing.work, now.number.description)
        let before = try work.transaction.order(now.number)
        var order = before
        let fields = try ChangedFields(change.raw)
        let said = fields.names.filter(Self.fields.contains)
        if !said.isEmpty {
            try requirePermission(toPutBack: said, of: now, work.access)
            order = try putBack(said, of: fields, change.key, id, undoing)
            try moveCoupon(from: before, to: order, in: work)
            undoing.wrote(id, said.map(Self.words).joined(separator: ", "))
        }
        if was.lines != now.lines || was.shipping != now.shipping {
            try work.access.require(.editOrders)
            guard order.lines == now.lines, order.shipping == now.shipping else {
                throw .changedSince(
                    id, ["items"],
                    by: try nextChange(
                        of: change.key, ["lines", "shipping"], after: undoing.number))
            }
            try putBackLines(of: was, on: &order, undoing)
            undoing.wrote(id, "items put back: the total is \(order.total)")
        }
        guard order != before else { return }
        try countReductions(from: before, to: order, in: work)
        work.save(order, was: before)
    }

    private func requirePermission(
        toPutBack fields: [String], of order: Order, _ access: Access
    ) throws(ShopError) {
        for field in fields {
            switch field {
            case "shipments": try access.require(.shipOrders)
            case "customer" where order.status != .draft: try access.require(.manageUsers)
            default: try access.require(.editOrders)
            }
        }
    }

    private static func words(_ field: String) -> String {
        field == "shipments" ? "on its way again" : "\(field) put back"
    }

    private func putBackLines(
        of was: Order, on order: inout Order, _ undoing: Undoing
    ) throws(ShopError) {
        let work = undoing.work
        let change = try order.takeBackEdit(
            to: was, reason: undoing.reason, by: work.by, at: work.at)
        guard order.placedAt != nil else { return }
        let moved = order
        for line in change.lines where line.count < 0 {
            let units = try Quantity(-line.count)
            try moveStock(line.sku, in: work) { (level) throws(ShopError) in
                try level.release(units, work.cause(reason: undoing.reason, order: moved))
            }
        }
        try reserve(
            change.lines.filter { $0.count > 0 }.map { ($0.sku, $0.count) }, for: order, in: work)
    }
}

// MARK: - Errors

extension ShopError {
    /// Why the step from one state of an order to the next cannot be taken back; nil where it can.
    static func notUndoable(from was: Order, to now: Order) -> ShopError? {
        let number = now.number
        let (fact, way): (String, String)
        if now.endedAt != nil, was.endedAt == nil {
            (fact, way) = (
                "an order that is \(now.status.rawValue) stays so",
                "order create --customer \(now.customer) --item SKU=QTY"
            )
        } else if now.shipments.count > was.shipments.count {
            (fact, way) = ("what has left is not called back", "help order return")
        } else if now.returns.count > was.returns.count {
            (fact, way) = (
                "what came back has come: it is exchanged, or the stock adjusted",
                "help order exchange"
            )
        } else if now.placedAt != nil, was.placedAt == nil {
            (fact, way) = ("an order that is placed binds the shop", "order cancel \(number)")
        } else if now.details.invoices.count > was.details.invoices.count {
            (fact, way) = (
                "an invoice stays: after a cancellation or return a credit note is due",
                "order invoice \(number)"
            )
        } else if now.details.notes.count > was.details.notes.count {
            (fact, way) = (
                "a note stays: write another one", "order note \(number) --text \"not so\""
            )
        } else {
            return nil
        }
        return notUndoable(number.description, "\(number): \(fact)", try: ["shopctl \(way)"])
    }
}
