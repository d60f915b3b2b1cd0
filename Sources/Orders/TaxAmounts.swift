package import Primitives

/// What rates make of one amount: the tax of each, every cent of it.
///
/// Each tax is rounded once, half away from zero, on the amount that stands before it:
/// - On a price without tax each plain rate takes its part of the price; compound ones follow, each
///   on the price and all taxes before it.
/// - A price with tax is taken apart from the outside: the last compound rate first, each out of
///   what is left, `rate / (100 + rate)` of it. What is left then contains the plain rates, which
///   are taken out together and share by largest remainder. So net and taxes are the price again.
package enum TaxAmounts {
    /// - Parameter rates: those that apply, in their order.
    /// - Returns: an amount for each.
    package static func of(
        _ amount: Money, _ rates: [(rate: Percent, isCompound: Bool)], isIncluded: Bool
    ) throws(ShopError) -> [Money] {
        isIncluded ? try within(amount, rates) : try upon(amount, rates)
    }

    private static func upon(
        _ net: Money, _ rates: [(rate: Percent, isCompound: Bool)]
    ) throws(ShopError) -> [Money] {
        var taxes = [Money](repeating: .zero(net.currency), count: rates.count)
        var gross = net
        for (index, rate) in rates.enumerated() where !rate.isCompound {
            taxes[index] = try net.percentage(rate.rate)
            gross = try gross.adding(taxes[index])
        }
        for (index, rate) in rates.enumerated() where rate.isCompound {
            taxes[index] = try gross.percentage(rate.rate)
            gross = try gross.adding(taxes[index])
        }
        return taxes
    }

    private static func within(
        _ gross: Money, _ rates: [(rate: Percent, isCompound: Bool)]
    ) throws(ShopError) -> [Money] {
        var taxes = [Money](repeating: .zero(gross.currency), count: rates.count)
        var rest = gross
        for (index, rate) in rates.enumerated().reversed() where rate.isCompound {
            taxes[index] = try contained(rate.rate.units, in: rest)
            rest = try rest.subtracting(taxes[index])
        }
        let plain = rates.indices.filter { !rates[$0].isCompound }
        let weights = plain.map { rates[$0].rate.units }
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return taxes }
        let parts = try contained(sum, in: rest).split(by: weights)
        for (index, part) in zip(plain, parts) { taxes[index] = part }
        return taxes
    }

    /// The tax of `units` (of a percentage) that an amount contains.
    private static func contained(_ units: Int64, in gross: Money) throws(ShopError) -> Money {
        try gross.scaled(numerator: units, denominator: Percent.whole + units)
    }
}
