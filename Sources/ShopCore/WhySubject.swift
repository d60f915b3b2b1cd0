import Catalog
import Orders
import Payments
package import Primitives
import Storage
import Users

extension Explanation.Subject {
    package enum Kind: String, Sendable, CaseIterable {
        case product, order, payment, balance, amount
    }

    package var kind: Kind {
        switch self {
        case .product: .product
        case .order: .order
        case .payment: .payment
        case .balance: .balance
        case .amount: .amount
        }
    }

    /// As commands show it.
    package var name: String {
        switch self {
        case .product(let sku): sku.text
        case .order(let number): number.description
        case .payment(let number): number.description
        case .balance(let id): id
        case .amount(let amount): amount.description
        }
    }
}

extension Shop {
    /// Everything that a text can mean to who asks, the likeliest first.
    ///
    /// What has a form of its own is that; of the rest only what exists counts, but for amounts.
    ///
    /// - Throws: `product-not-found` (3), `nothing-to-explain` (64) and what an amount may be
    ///   refused for where it can mean nothing.
    package func readings(of text: String) throws(ShopError) -> [Explanation.Subject] {
        let found = try store.read { (view) throws(ShopError) in
            let access = try access(in: view)
            // A stranger is told to sign in, not what exists.
            try access.require(.readOwnOrders)
            return try Reading(text, in: view, access).subjects
        }
        let amount: Money
        do throws(ShopError) {
            amount = try Money(grouped: text, currency)
        } catch {
            guard found.isEmpty else { return found }
            let isNumber = text.contains { ".,".contains($0) } || text.contains(" ")
            guard error.code != "invalid-amount", isNumber else {
                throw Self.unreadable(text)
            }
            throw error
        }
        return found + [.amount(amount)]
    }

    /// A text as what the person says it is.
    package func reading(
        of text: String, as kind: Explanation.Subject.Kind
    ) throws(ShopError) -> Explanation.Subject {
        switch kind {
        case .product: .product(try SKU(parsing: text))
        case .order: .order(try OrderNumber(parsing: text))
        case .payment: .payment(try PaymentNumber(parsing: text))
        case .balance: .balance(text)
        case .amount: .amount(try Money(grouped: text, currency))
        }
    }

    private static func unreadable(_ text: String) -> ShopError {
        if let sku = try? SKU(parsing: text) { return .noProduct(sku) }
        return ShopError(
            .usage, "nothing-to-explain",
            "\"\(text)\" is no SKU, order, payment, gift card, address or amount",
            try: ["shopctl why MUG-1", "shopctl why ORD-1001", "shopctl why 12.99"])
    }
}

/// What of a shop a text names.
private struct Reading {
    private(set) var subjects: [Explanation.Subject] = []

    init(_ text: String, in view: View, _ access: Access) throws(ShopError) {
        let folded = text.lowercased()
        let (isOrder, isPayment) = (folded.hasPrefix("ord-"), folded.hasPrefix("pay-"))
        if isOrder, let number = try? OrderNumber(parsing: text) { subjects.append(.order(number)) }
        if isPayment, let number = try? PaymentNumber(parsing: text) {
            subjects.append(.payment(number))
        }
        if folded.hasPrefix("gc-") || (try? EmailAddress(parsing: text)) != nil {
            subjects.append(.balance(text))
        }
        if let sku = try? SKU(parsing: text),
            let product = try view.find(Product.self, Records.product(sku))
        {
            subjects.append(.product(product.sku))
        }
        guard !isOrder, !isPayment else { return }
        if let number = try? OrderNumber(parsing: text),
            let order = try view.find(Order.self, Records.order(number)), access.mayRead(order)
        {
            subjects.append(.order(number))
        }
        if access.allows(.readPayments), let number = try? PaymentNumber(parsing: text),
            try view.record(Records.payment(number)) != nil
        {
            subjects.append(.payment(number))
        }
    }
}

extension Money {
    /// An amount as banks print it too: `1,250.00 EUR`, `1.250,00`, `37,40`. Of two kinds of signs
    /// the last one parts the decimals; one alone does unless three digits follow it.
    ///
    /// - Throws: what `Money(parsing:)` throws; `ambiguous-amount` (64) for `1,250`.
    package init(grouped text: String, _ currency: Currency) throws(ShopError) {
        do throws(ShopError) {
            try self.init(parsing: Self.ungrouped(text), currency)
        } catch {
            guard error.code == "ambiguous-amount" else { throw error }
            throw ShopError(
                error.kind, error.code, error.message,
                why: "of its signs none is sure to part the decimals",
                try: error.suggestions.map { "shopctl why \($0)" })
        }
    }

    private static func ungrouped(_ text: String) -> String {
        let signs = text.filter { $0 == "," || $0 == "." }
        guard signs.contains(","), let last = text.lastIndex(where: { $0 == "," || $0 == "." })
        else { return text }
        let decimals = text[text.index(after: last)...].prefix { $0.isNumber }.count
        let isMixed = Set(signs).count == 2
        guard signs.filter({ $0 == text[last] }).count == 1, isMixed || decimals != 3 else {
            return text
        }
        let whole = text[..<last].filter { $0 != "," && $0 != "." }
        return whole + "." + text[text.index(after: last)...]
    }
}
