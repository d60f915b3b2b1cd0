import Payments
import Primitives
import ShopCore

/// `PAY-1001` or `ORD-1001`; a bare number is a payment's.
struct PaymentTargetID: Sendable {
    let text: String
    let target: Shop.PaymentTarget

    init(parsing text: String) throws(ShopError) {
        if text.lowercased().hasPrefix("ord-") {
            let number = try OrderNumber(parsing: text)
            target = .order(number)
            self.text = number.description
        } else {
            let number = try PaymentNumber(parsing: text)
            target = .payment(number)
            self.text = number.description
        }
    }
}

extension OptionSpec {
    /// A text that goes on record, in which no card number is taken.
    static func recorded(_ name: String, _ placeholder: String, _ help: String) -> OptionSpec {
        .value(name, placeholder, help).read(by: CardNumber.refused(in:))
    }
}
