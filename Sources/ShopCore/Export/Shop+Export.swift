package import Catalog
package import Orders
package import Payments
package import Primitives
import Storage
package import Users

/// One record of an export.
package enum ExportedRecord: Sendable {
    case product(ProductEntry)
    case stock(StockLevel)
    case order(ExportedOrder)
    case payment(Payment)
    case balance(Shop.BalanceHistory)
    case user(User)
}

/// An order with its payments, which together say all that an import needs.
package struct ExportedOrder: Sendable {
    package let order: Order
    /// Oldest first.
    package let payments: [Payment]
}

extension Shop {
    /// Shows all records of `nouns`, noun by noun and in the order of their keys, as they are at
    /// one moment.
    ///
    /// - Parameter withSecrets: the caller will give away password hashes.
    /// - Throws: `no-permission` (77), `not-signed-in` (4).
    package func export(
        _ nouns: [ExportNoun], withSecrets: Bool,
        _ visit: (ExportNoun, ExportedRecord) throws(ShopError) -> Void
    ) throws(ShopError) {
        try read(.exportData) { (view, access) throws(ShopError) in
            if withSecrets { try access.require(.manageOwners) }
            for noun in nouns {
                try export(noun, of: view) { (record) throws(ShopError) in
                    try visit(noun, record)
                }
            }
        }
    }

    private func export(
        _ noun: ExportNoun, of view: View, _ visit: (ExportedRecord) throws(ShopError) -> Void
    ) throws(ShopError) {
        let range = KeyRange(collection: noun.rawValue)
        switch noun {
        case .products:
            let stock = RisingLookup(view, "stock")
            try view.each(Product.self, range) { (product) throws(ShopError) in
                let level: StockLevel? =
                    product.isTracked ? try stock.record(product.sku.folded) : nil
                try visit(.product(ProductEntry(product: product, stock: level)))
                return true
            }
        case .stock:
            try view.each(StockLevel.self, range) { (level) throws(ShopError) in
                try visit(.stock(level))
                return true
            }
        case .orders:
            let walk = PaymentWalk(view)
            try view.each(Order.self, range) { (order) throws(ShopError) in
                let hasPayments = !order.captured.isZero || order.holds != OrderHolds()
                let payments = hasPayments ? try walk.payments(of: order.number) : []
                try visit(.order(ExportedOrder(order: order, payments: payments)))
                return true
            }
        case .payments:
            try view.each(Payment.self, range) { (payment) throws(ShopError) in
                try visit(.payment(payment))
                return true
            }
        case .balances:
            try view.each(Balance.self, range) { (balance) throws(ShopError) in
                try visit(.balance(try view.history(of: balance)))
                return true
            }
        case .users:
            try view.each(User.self, range) { (user) throws(ShopError) in
                try visit(.user(user))
                return true
            }
        }
    }
}
