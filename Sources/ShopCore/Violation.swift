package import Primitives
import Storage

/// Something that must always hold and does not.
package struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// The invariant's number, `I1` to `I6`, or `record-damaged`.
    package let invariant: String
    /// The collection it is about, with the directory of its files: `catalog/stock`.
    package let place: String
    package let record: String
    package let what: String
    /// The record can be worked out again from the others.
    package var isDerived = false

    package var description: String { "\(invariant) \(record): \(what)" }
}

extension Shop {
    /// Checks every record against the invariants of docs/glossary.md: after each use case in
    /// tests, by `shopctl doctor` on real data.
    ///
    /// - I1 reserved = unshipped units of placed orders, and never below zero; nor is on hand, nor
    ///   available but for products that allow backorders; no order has more units shipped than
    ///   ordered
    /// - I2 on hand = sum of the movements
    /// - I3 an order's total is what its lines add up to, and the totals by day what orders and
    ///   payments add up to
    /// - I4 captured, refunded and held of an order are those of its payments, and a payment's
    ///   amounts those of its entries
    /// - I5 every id that a record names exists, and every index entry its record
    /// - I6 order, payment, invoice and movement numbers have no gaps and no duplicates
    /// - I8 each seal names the one before it, and a sealed day comes to what was sealed and its
    ///   corrections
    ///
    /// A record that does not say what its kind must say, or stands under the key of another, is
    /// named and left out of what follows.
    ///
    /// Reads the records one by one; keeps one number for each SKU, invoice and paid order.
    package func violations() throws(ShopError) -> [Violation] {
        try store.read { (view) throws(ShopError) in
            var check = InvariantCheck(view: view, zone: settings.timeZone, roles: roles)
            try check.checkProducts()
            try check.sumPayments()
            try check.checkOrders()
            try check.checkPayments()
            try check.checkBalances()
            try check.checkStock()
            try check.checkUsers()
            try check.checkPrices()
            try check.checkSeals()
            try check.checkDerived()
            return check.found
        }
    }
}
