package import Primitives

/// What the prices of an order are worked out from, and the working out.
///
/// ```
///   quantity × unit price                     of each line
///   − discounts on items                      rounded per line
///   − discounts on the order                  rounded once, shared by largest remainder
///   − coupon                                  likewise; a gift is rounded per line
///   + shipping                                by weight, free from what is left of the lines
///   + taxes on lines and shipping             each rounded once per line; or contained
///   = total
/// ```
/// A discount never takes off more than is left, and shares of one always add up to it.
package struct Pricing: Sendable {
    package var discounts: [Discount] = []
    package var coupon: Coupon?
    package var shipping = Shipping.none
    /// The rates that apply in `region`, for every class.
    package var rates: [TaxRate] = []
    package var region: Region?
    package var includesTax = false
    /// What products say of taxes and weight, by line.
    package var goods: [Goods] = []

    package enum Shipping: Sendable {
        case none
        case amount(Money)
        case method(ShippingMethod)
    }

    package struct Goods: Sendable {
        package let taxClass: TaxClass?
        package let weightGrams: Int64?

        package init(taxClass: TaxClass?, weightGrams: Int64?) {
            self.taxClass = taxClass
            self.weightGrams = weightGrams
        }
    }

    package init() {}

    /// Whether an order so priced is no more than its lines and an amount of shipping.
    package var isPlain: Bool {
        if case .method = shipping { return false }
        return discounts.isEmpty && coupon == nil && rates.isEmpty && region == nil && !includesTax
    }
}

extension Order {
    /// Works the prices of the order out anew, from its lines without their shares.
    ///
    /// - Precondition: `pricing` has goods for every line.
    /// - Throws: `not-on-order`, `discount-too-large`, `coupon-not-applicable`, `weight-missing`,
    ///   `too-heavy`, `amount-overflow` (6).
    package mutating func price(by pricing: Pricing) throws(ShopError) {
        precondition(pricing.goods.count == lines.count, "goods of other lines")
        var sheet = try PriceSheet(lines, currency)
        for discount in pricing.discounts { try sheet.take(discount) }
        if let coupon = pricing.coupon { try sheet.take(coupon) }
        try sheet.ship(pricing.shipping, pricing.goods)
        try sheet.tax(pricing)
        var result = sheet.result
        result.includesTax = pricing.includesTax
        result.region = pricing.region
        result.coupon = pricing.coupon?.code
        self.pricing = result
        shipping = sheet.shipping
        try setLines(sheet.pricedLines, shipping: sheet.shipping)
    }

    /// What the lines of a priced order come to before its coupon.
    package var goodsBeforeCoupon: Money {
        let taken = (pricing?.discounts ?? []).filter { $0.kind != .coupon }
        return Money(
            minorUnits: taken.reduce(subtotal.minorUnits) { $0 &- $1.amount }, currency)
    }

    /// The coupon that this order counts as a use of.
    package var couponInUse: CouponCode? {
        placedAt != nil && endedAt == nil ? pricing?.coupon : nil
    }

    /// What the lines of an order come to before any coupon: what a coupon's minimum is about.
    package func goods(lessDiscounts discounts: [Discount]) throws(ShopError) -> Money {
        var sheet = try PriceSheet(lines, currency)
        for discount in discounts { try sheet.take(discount) }
        return try sheet.sum(sheet.rest)
    }
}

/// Prices while they are being worked out.
private struct PriceSheet {
    private let lines: [LineItem]
    private let currency: Currency
    /// What is left of each line after the discounts so far.
    private(set) var rest: [Money]
    private var shares: [LineItem.Shares]
    private(set) var shipping: Money
    private(set) var result = OrderPricing()

    init(_ lines: [LineItem], _ currency: Currency) throws(ShopError) {
        self.lines = lines
        self.currency = currency
        rest = lines.map(\.total)
        shares = lines.map { _ in LineItem.Shares(discounts: [], taxes: []) }
        shipping = .zero(currency)
        // Every partial sum is at most this one, so that none of them overflows.
        _ = try sum(rest)
    }

    var pricedLines: [LineItem] { zip(lines, shares).map { $0.sharing($1) } }

    func sum(_ amounts: [Money]) throws(ShopError) -> Money {
        var sum = Money.zero(currency)
        for amount in amounts { sum = try sum.adding(amount) }
        return sum
    }

    // MARK: - Discounts

    mutating func take(_ discount: Discount) throws(ShopError) {
        var isMeant = lines.map { _ in true }
        var (kind, name, flag) = (OrderDiscount.Kind.order, String?.none, "--discount")
        if case .item(let sku) = discount.scope {
            isMeant = lines.map { $0.sku == sku }
            (kind, name, flag) = (.item, sku.text, "--item-discount")
            guard isMeant.contains(true) else { throw .notDiscounted(sku) }
        }
        switch discount.size {
        case .percent(let percent):
            let off =
                kind == .item
                ? try eachPercentage(percent, where: isMeant)
                : try split(try sum(rest).percentage(percent), where: isMeant)
            try take(off, OrderDiscount(kind, name, percent))
        case .amount(let amount):
            let most = try sum(masked(rest, isMeant))
            guard amount <= most else { throw .discountTooLarge(amount, most, at: flag) }
            try take(try split(amount, where: isMeant), OrderDiscount(kind, name, nil))
        }
    }

    mutating func take(_ coupon: Coupon) throws(ShopError) {
        let isMeant = lines.map { coupon.isFor($0.sku) }
        let most = try sum(masked(rest, isMeant))
        let off: [Money]
        var (percent, units): (Percent?, Int64?)
        switch coupon.benefit {
        case .percent(let rate):
            percent = rate
            off = try split(try most.percentage(rate), where: isMeant)
        case .amount(let amount): off = try split(min(amount, most), where: isMeant)
        case .gift(let gift):
            let count = giftCount(gift)
            (percent, units) = (gift.percent, count)
            off = try gifts(gift, count)
        }
        guard try !sum(off).isZero else { throw .couponNotApplicable(coupon, reason(coupon)) }
        try take(off, OrderDiscount(.coupon, coupon.code.text, percent, units: units))
    }

    private func reason(_ coupon: Coupon) -> String {
        if case .gift(let gift) = coupon.benefit {
            return "it takes \(gift.buy.count) of \(gift.buy.sku) and \(gift.get.count) of "
                + "\(gift.get.sku)"
        }
        return coupon.skus.isEmpty
            ? "nothing is left to take it off"
            : "it is for \(coupon.skus.map(\.text).joined(separator: ", "))"
    }

    private func giftCount(_ gift: Coupon.Gift) -> Int64 {
        gift.count { sku in lines.reduce(0) { $1.sku == sku ? $0 + $1.quantity : $0 } }
    }

    /// Units of the cheapest lines first, each at its share of what is left of its line.
    private func gifts(_ gift: Coupon.Gift, _ count: Int64) throws(ShopError) -> [Money] {
        var left = count
        var off = lines.map { _ in Money.zero(currency) }
        let cheapest = lines.indices.filter { lines[$0].sku == gift.get.sku }
            .sorted { (lines[$0].unitPrice, $0) < (lines[$1].unitPrice, $1) }
        for index in cheapest where left > 0 {
            let count = min(left, lines[index].quantity)
            let part = try rest[index].split(by: [count, lines[index].quantity - count])[0]
            off[index] = try part.percentage(gift.percent)
            left -= count
        }
        return off
    }

    private func masked(_ amounts: [Money], _ isMeant: [Bool]) -> [Money] {
        zip(amounts, isMeant).map { $1 ? $0 : .zero(currency) }
    }

    /// A percentage of what is left of each line, rounded by line.
    private func eachPercentage(
        _ percent: Percent, where isMeant: [Bool]
    ) throws(ShopError) -> [Money] {
        var off: [Money] = []
        for amount in masked(rest, isMeant) { off.append(try amount.percentage(percent)) }
        return off
    }

    /// An amount over the lines in proportion to what is left of them.
    private func split(_ amount: Money, where isMeant: [Bool]) throws(ShopError) -> [Money] {
        let weights = masked(rest, isMeant).map(\.minorUnits)
        guard weights.contains(where: { $0 > 0 }) else { return rest.map { _ in .zero(currency) } }
        return try amount.split(by: weights)
    }

    private mutating func take(_ off: [Money], _ discount: OrderDiscount) throws(ShopError) {
        result.discounts.append(discount)
        for (index, amount) in off.enumerated() where !amount.isZero {
            rest[index] = try rest[index].subtracting(amount)
            shares[index].discounts.append(
                PriceShare(of: result.discounts.count, amount: amount.minorUnits))
        }
    }

    // MARK: - Shipping

    mutating func ship(
        _ wanted: Pricing.Shipping, _ goods: [Pricing.Goods]
    ) throws(ShopError) {
        switch wanted {
        case .none: break
        case .amount(let amount): shipping = amount
        case .method(let method):
            var grams: Int64 = 0
            var problems: [ShopError] = []
            for (line, facts) in zip(lines, goods) where method.isByWeight {
                guard let weight = facts.weightGrams else {
                    problems.append(.weightMissing(line.sku, method))
                    continue
                }
                let (product, isOver) = weight.multipliedReportingOverflow(by: line.quantity)
                let (next, isPast) = grams.addingReportingOverflow(product)
                guard !isOver, !isPast else { throw .tooHeavy(method, .max) }
                grams = next
            }
            if let error = ShopError.combining(problems) { throw error }
            shipping = try method.price(of: try sum(rest), grams: grams)
            result.shippingMethod = method.name.text
        }
    }

    // MARK: - Taxes

    mutating func tax(_ pricing: Pricing) throws(ShopError) {
        let shippingClass: TaxClass
        if case .method(let method) = pricing.shipping {
            shippingClass = method.taxClass ?? .standard
        } else {
            shippingClass = .standard
        }
        let classes = pricing.goods.map { $0.taxClass ?? .standard }
        let rates = pricing.rates.filter {
            classes.contains($0.taxClass) || $0.taxClass == shippingClass && $0.isOnShipping
        }
        result.taxes = rates.map { OrderTax($0) }
        for index in lines.indices {
            shares[index].taxes = try taxes(
                on: rest[index], rates, pricing.includesTax
            ) { $0.taxClass == classes[index] }
        }
        guard !shipping.isZero else { return }
        result.shippingTaxes = try taxes(on: shipping, rates, pricing.includesTax) {
            $0.taxClass == shippingClass && $0.isOnShipping
        }
    }

    private func taxes(
        on amount: Money, _ rates: [TaxRate], _ isIncluded: Bool, where isMeant: (TaxRate) -> Bool
    ) throws(ShopError) -> [PriceShare] {
        let meant = rates.indices.filter { isMeant(rates[$0]) }
        let taxes = try TaxAmounts.of(
            amount, meant.map { (rates[$0].rate, rates[$0].isCompound) }, isIncluded: isIncluded)
        return zip(meant, taxes).map { PriceShare(of: $0 + 1, amount: $1.minorUnits) }
    }
}

// MARK: - Errors

extension ShopError {
    static func notDiscounted(_ sku: SKU) -> ShopError {
        ShopError(
            .refused, "not-on-order", "nothing can be taken off \(sku): it is not ordered",
            at: "--item-discount \(sku)")
    }

    static func weightMissing(_ sku: SKU, _ method: ShippingMethod) -> ShopError {
        ShopError(
            .refused, "weight-missing", "\(method.name) goes by weight, and \(sku) has none",
            at: "--shipping-method \(method.name)",
            try: ["shopctl product edit \(sku) --weight 350"])
    }
}
