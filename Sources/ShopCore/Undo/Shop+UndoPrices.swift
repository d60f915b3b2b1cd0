import Orders
import Primitives
import Storage
import Users

/// Coupons, ways of shipping and taxes.
extension Shop {
    func undoPrices(_ undoing: inout Undoing) throws(ShopError) {
        for change in try undoing.changes(Coupon.self, "coupons") {
            undoing.attempt { (undoing) throws(ShopError) in try undo(change, &undoing) }
        }
        for change in try undoing.changes(ShippingMethod.self, "shipping-methods") {
            let name = change.versions.now?.name ?? change.versions.was?.name
            undoing.attempt { (undoing) throws(ShopError) in
                try undoing.work.access.require(.writePrices)
                try putBackWhole(change.raw, name?.text ?? "", &undoing)
            }
        }
        for change in try undoing.changes(TaxRate.self, "tax-rates") {
            undoing.attempt { (undoing) throws(ShopError) in
                try undoing.work.access.require(.writePrices)
                try requireNoTwin(of: change.versions.was, in: undoing.work)
                let rate = change.versions.now ?? change.versions.was
                try putBackWhole(change.raw, rate.map { String($0.number) } ?? "", &undoing)
            }
        }
    }

    private func undo(
        _ change: Undoing.Change<Coupon>, _ undoing: inout Undoing
    ) throws(ShopError) {
        guard let now = change.versions.now else { return }
        let work = undoing.work
        try work.access.require(.writePrices)
        var coupon = try work.transaction.coupon(now.code)
        guard change.versions.was == nil else {
            let fields = try ChangedFields(change.raw)
            coupon = try putBack(fields.names, of: fields, change.key, now.code.text, undoing)
            work.transaction.put(coupon)
            work.transaction.ids.append(now.code.text)
            return undoing.wrote(now.code.text, "good again")
        }
        guard coupon.end(at: work.at) else {
            throw .changedSince(
                now.code.text, [], by: try nextChange(of: change.key, after: undoing.number))
        }
        work.transaction.put(coupon)
        work.transaction.ids.append(now.code.text)
        undoing.wrote(now.code.text, "ended")
    }

    /// A rate comes back only while no other one says the same of class, place, priority and name.
    private func requireNoTwin(of rate: TaxRate?, in work: Work) throws(ShopError) {
        guard let rate else { return }
        let twin = try work.transaction.taxRates().first {
            $0.line == rate.line && $0.number != rate.number
        }
        guard let twin else { return }
        throw .notUndoable(
            String(rate.number), "tax rate \(twin.number) stands in the place of \(rate.number)",
            try: ["shopctl tax list"])
    }
}
