package import Catalog
import Formats
package import Orders
package import Payments
package import Primitives
import Storage
package import Users

/// A record of the shop at two moments; nil where there was none.
package struct Versions<Record: Sendable>: Sendable {
    package let was: Record?
    package let now: Record?

    package init(was: Record?, now: Record?) {
        self.was = was
        self.now = now
    }
}

/// What became of one record between two moments.
package enum RecordDifference: Sendable {
    case order(Versions<Order>)
    case payment(Versions<Payment>)
    case product(Versions<Product>)
    case stock(Versions<StockLevel>)
    case user(Versions<User>)
    case coupon(Versions<Coupon>)
    case shipping(Versions<ShippingMethod>)
    case tax(Versions<TaxRate>)
    case location(Versions<StockLocation>)
    case balance(Versions<Balance>)
}

extension Shop {
    /// What is different between the shop after the last transaction up to `from` and that up to
    /// `to`, or now: by kind, then by key. What changed and changed back is left out.
    ///
    /// - Throws: `past-before-import` (6) where a bulk import lies between, `no-permission` (77).
    package func differences(
        from: Timestamp, to: Timestamp?
    ) throws(ShopError) -> [RecordDifference] {
        try read(.readAudit) { (view, _) throws(ShopError) in
            let later =
                try to.map { (time) throws(ShopError) in
                    try store.past(of: view, at: time)
                } ?? view
            let earlier = try store.past(of: view, at: from)
            var found: [RecordDifference] = []
            for key in try store.changedKeys(of: view, after: from, upTo: to) {
                let was = try earlier.record(key)
                let now = try later.record(key)
                guard was != now else { continue }
                if let difference = try Self.difference(key, was, now) { found.append(difference) }
            }
            return found
        }
    }

    /// nil for a record of a kind that nobody looks at by itself.
    static func difference(
        _ key: RecordKey, _ was: [UInt8]?, _ now: [UInt8]?
    ) throws(ShopError) -> RecordDifference? {
        func versions<Record: JSONRecord & Sendable>(
            _ type: Record.Type
        ) throws(ShopError) -> Versions<Record> {
            do throws(JSONError) {
                return Versions(
                    was: try was.map { (json) throws(JSONError) in try Record(json: json) },
                    now: try now.map { (json) throws(JSONError) in try Record(json: json) })
            } catch {
                throw .recordDamaged(key.description, error)
            }
        }
        switch key.description.prefix(while: { $0 != "/" }) {
        case "orders": return .order(try versions(Order.self))
        case "payments": return .payment(try versions(Payment.self))
        case "products": return .product(try versions(Product.self))
        case "stock": return .stock(try versions(StockLevel.self))
        case "users": return .user(try versions(User.self))
        case "coupons": return .coupon(try versions(Coupon.self))
        case "shipping-methods": return .shipping(try versions(ShippingMethod.self))
        case "tax-rates": return .tax(try versions(TaxRate.self))
        case "locations": return .location(try versions(StockLocation.self))
        case "balances": return .balance(try versions(Balance.self))
        // Indexes and totals follow from those; sessions and codes are nobody's business.
        default: return nil
        }
    }
}
