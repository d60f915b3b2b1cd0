import Orders
import Primitives
import ShopCore

/// The columns of every command that shows ways of shipping.
enum ShippingColumns {
    static let all: [Column<ShippingMethod>] = [
        .text("name") { $0.name.text },
        .money("price") { $0.rates.last { $0.upToGrams == nil }?.price },
        .pairs("upToGrams", shown: .always) { method in
            method.rates.compactMap { rate in
                rate.upToGrams.map { (String($0), rate.price.decimalText) }
            }
        },
        .money("freeFrom") { $0.freeFrom },
        .text("taxClass") { $0.taxClass?.text },
        .time("updatedAt", shown: .wide) { $0.updatedAt },
    ]
}
