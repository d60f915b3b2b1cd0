package import Formats
package import Primitives

/// How an order came to its prices: what was taken off, which taxes are on it, and where it goes.
///
/// Discounts and taxes stand here once, in the order they were worked out; lines hold their
/// shares of them. So the record itself says where every cent of the total comes from.
package struct OrderPricing: Sendable, Equatable {
    /// Prices are what customers pay: the tax is in them, not on top.
    package var includesTax = false
    /// Whose taxes are on it.
    package var region: Region?
    package var coupon: CouponCode?
    package var shippingMethod: String?
    package var discounts: [OrderDiscount] = []
    package var taxes: [OrderTax] = []
    /// Taxes on shipping.
    package var shippingTaxes: [PriceShare] = []

    package init() {}

    /// Gives each discount and tax what the lines' shares add up to.
    mutating func sumUp(_ lines: [LineItem]) {
        for index in discounts.indices { discounts[index].amount = 0 }
        for index in taxes.indices { taxes[index].amount = 0 }
        for share in shippingTaxes where taxes.indices.contains(share.of - 1) {
            taxes[share.of - 1].amount &+= share.amount
        }
        for line in lines {
            for share in line.discounts where discounts.indices.contains(share.of - 1) {
                discounts[share.of - 1].amount &+= share.amount
            }
            for share in line.taxes where taxes.indices.contains(share.of - 1) {
                taxes[share.of - 1].amount &+= share.amount
            }
        }
    }
}

/// Something taken off the price of an order or of some of its lines.
package struct OrderDiscount: Sendable, Equatable {
    package let kind: Kind
    /// The SKU or the coupon's code.
    package let name: String?
    /// nil where it is an amount.
    package let percent: Percent?
    /// How many units are for less, where it is not the lines.
    package let units: Int64?
    /// Over all lines, in minor units.
    package internal(set) var amount: Int64
    var unknown = UnknownMembers()

    package enum Kind: String, Sendable, CaseIterable {
        case item, order, coupon
    }

    package init(
        _ kind: Kind, _ name: String?, _ percent: Percent?, units: Int64? = nil, amount: Int64 = 0
    ) {
        self.kind = kind
        self.name = name
        self.percent = percent
        self.units = units
        self.amount = amount
    }
}

/// A tax on an order, as the table said it at that moment.
package struct OrderTax: Sendable, Equatable {
    package let name: String
    package let rate: Percent
    /// nil is `standard`.
    package let taxClass: TaxClass?
    package let isCompound: Bool
    /// Over all lines and shipping, in minor units.
    package internal(set) var amount: Int64
    var unknown = UnknownMembers()

    package init(
        _ name: String, _ rate: Percent, _ taxClass: TaxClass?, isCompound: Bool, amount: Int64 = 0
    ) {
        self.name = name
        self.rate = rate
        self.taxClass = taxClass
        self.isCompound = isCompound
        self.amount = amount
    }
}

extension OrderTax {
    init(_ rate: TaxRate) {
        self.init(
            rate.name, rate.rate, rate.taxClass == .standard ? nil : rate.taxClass,
            isCompound: rate.isCompound)
    }

    func isSame(as other: OrderTax) -> Bool {
        name == other.name && rate == other.rate && taxClass == other.taxClass
            && isCompound == other.isCompound
    }
}

/// The share of a line, or of shipping, in a discount or tax of its order.
package struct PriceShare: Sendable, Equatable {
    /// Which of the order's discounts or taxes, from 1.
    package let of: Int
    /// In minor units.
    package let amount: Int64

    package init(of: Int, amount: Int64) {
        self.of = of
        self.amount = amount
    }
}

extension [PriceShare] {
    var sum: Int64 { reduce(0) { $0 &+ $1.amount } }

    /// What is left of the shares when so much of their sum goes, by largest remainder.
    func without(_ amount: Money) throws(ShopError) -> Self {
        guard !amount.isZero else { return self }
        let parts = try amount.split(by: map(\.amount))
        return zip(self, parts).map { PriceShare(of: $0.of, amount: $0.amount - $1.minorUnits) }
    }
}

extension OrderPricing {
    /// The taxes on shipping when its price becomes another: by the rates that it has.
    func shippingTaxes(on shipping: Money) throws(ShopError) -> [PriceShare] {
        let own = shippingTaxes.filter { taxes.indices.contains($0.of - 1) }
        let rates = own.map { (taxes[$0.of - 1].rate, taxes[$0.of - 1].isCompound) }
        let amounts = try TaxAmounts.of(shipping, rates, isIncluded: includesTax)
        return zip(own, amounts).map { PriceShare(of: $0.of, amount: $1.minorUnits) }
    }
}

extension Order {
    package var includesTax: Bool { pricing?.includesTax ?? false }

    /// A line that is put on the order later, with its taxes: at the rates of today, which stand
    /// with those of the order from now on.
    package mutating func tax(
        _ line: LineItem, at rates: [TaxRate]
    ) throws(ShopError) -> LineItem {
        guard var pricing, !rates.isEmpty else { return line }
        let taxes = try TaxAmounts.of(
            line.total, rates.map { ($0.rate, $0.isCompound) }, isIncluded: pricing.includesTax)
        var shares: [PriceShare] = []
        for (rate, amount) in zip(rates, taxes) {
            let tax = OrderTax(rate)
            let known = pricing.taxes.firstIndex { $0.isSame(as: tax) }
            if known == nil { pricing.taxes.append(tax) }
            let of = (known ?? pricing.taxes.count - 1) + 1
            shares.append(PriceShare(of: of, amount: amount.minorUnits))
        }
        self.pricing = pricing
        return line.sharing(.init(discounts: [], taxes: shares))
    }

    /// Why the order's total is not what its record adds up to (I3); nothing in a sound order.
    package func priceProblems() -> [String] {
        var problems: [String] = []
        // Wrapping, since a record may say anything; what overflows is not equal either.
        var (subtotal, taken, taxed) = (Int64(0), Int64(0), pricing?.shippingTaxes.sum ?? 0)
        for line in lines {
            subtotal &+= line.unitPrice.minorUnits &* line.quantity
            taken &+= line.discounts.sum
            taxed &+= line.tax.minorUnits
            if line.discounts.sum > line.total.minorUnits {
                problems.append("more is taken off \(line.sku) than it costs")
            }
            if !line.taxes.isEmpty, line.taxes.sum != line.tax.minorUnits {
                problems.append("the taxes on \(line.sku) add up to \(line.taxes.sum)")
            }
        }
        if subtotal != self.subtotal.minorUnits { problems.append("lines add up to \(subtotal)") }
        if taken != discount.minorUnits { problems.append("discounts add up to \(taken)") }
        if taxed != tax.minorUnits { problems.append("taxes add up to \(taxed)") }
        var total = subtotal &- taken &+ shipping.minorUnits
        if !includesTax { total &+= taxed }
        if total != self.total.minorUnits {
            problems.append("the total is not the sum of its parts")
        }
        return problems + shareProblems()
    }

    private func shareProblems() -> [String] {
        var problems: [String] = []
        let pricing = pricing ?? OrderPricing()
        var expected = pricing
        expected.sumUp(lines)
        for (stated, sum) in zip(pricing.discounts, expected.discounts)
        where stated.amount != sum.amount {
            problems.append("the shares of a discount of \(stated.amount) add up to \(sum.amount)")
        }
        for (stated, sum) in zip(pricing.taxes, expected.taxes) where stated.amount != sum.amount {
            let (name, amount) = (stated.name, stated.amount)
            problems.append("the shares of \(name) of \(amount) add up to \(sum.amount)")
        }
        let taxes = lines.flatMap(\.taxes) + pricing.shippingTaxes
        if lines.contains(where: { $0.discounts.contains { $0.of > pricing.discounts.count } })
            || taxes.contains(where: { $0.of > pricing.taxes.count })
        {
            problems.append("lines share in discounts or taxes that the order does not have")
        }
        return problems
    }
}
