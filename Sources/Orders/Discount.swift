package import Primitives

/// Something that whoever takes an order takes off its price.
package struct Discount: Sendable, Equatable {
    package let scope: Scope
    package let size: Size

    package enum Scope: Sendable, Equatable {
        /// The lines of one SKU.
        case item(SKU)
        /// All lines, after what is taken off single ones.
        case order
    }

    package enum Size: Sendable, Equatable {
        case percent(Percent)
        case amount(Money)
    }

    /// - Throws: `invalid-discount` (64).
    package init(_ scope: Scope, _ size: Size) throws(ShopError) {
        switch size {
        case .percent(let percent) where percent.units == 0 || percent.units > Percent.whole:
            throw .invalidDiscount(percent.description)
        case .amount(let amount) where amount.minorUnits <= 0:
            throw .invalidDiscount(amount.description)
        default: break
        }
        self.scope = scope
        self.size = size
    }
}

extension ShopError {
    static func invalidDiscount(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-discount", "\(text) is no discount",
            why: "a discount is above zero, and 100 % at most", try: ["10%", "5.00"])
    }

    static func discountTooLarge(_ amount: Money, _ rest: Money, at flag: String) -> ShopError {
        ShopError(
            .refused, "discount-too-large", "\(amount) cannot be taken off \(rest)", at: flag,
            details: [.init("rest", rest.decimalText)])
    }
}
