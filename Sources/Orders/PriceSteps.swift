package import Primitives

/// One step from the lines of an order to its total.
package struct PriceStep: Sendable, Equatable {
    /// `price`, `discount`, `VAT`, `total`: what is worked out.
    package let what: String
    /// The SKU of the line, or `shipping`; nil for the whole order.
    package let on: String?
    /// From what: `3 × 4.50`, `10 % of 13.50`.
    package let how: String
    /// The amount before rounding, where that says more.
    package let exact: String?
    /// Below zero where something is taken off.
    package let amount: Money
}

extension Order {
    /// Every step of the order's price, from its record alone: lines, what is taken off each,
    /// shipping, taxes, and the sums.
    ///
    /// Where units were taken off an order later, shares are what is left of the first ones, and
    /// say so.
    package func priceSteps() -> [PriceStep] {
        var steps: [PriceStep] = []
        var rest = lines.map(\.total)
        for line in lines {
            let how = "\(line.quantity) × \(line.unitPrice.decimalText)"
            steps.append(step("price", line.sku.text, how, line.total))
        }
        for (index, discount) in (pricing?.discounts ?? []).enumerated() {
            steps += self.steps(discount, index + 1, &rest)
        }
        if !shipping.isZero || pricing?.shippingMethod != nil {
            steps.append(
                step("shipping", "shipping", pricing?.shippingMethod ?? "as stated", shipping))
        }
        for (line, rest) in zip(lines, rest) {
            if line.taxes.isEmpty {
                if !line.tax.isZero {
                    steps.append(step("tax", line.sku.text, "as stated", line.tax))
                }
            } else {
                steps += taxSteps(on: line.sku.text, rest, line.taxes)
            }
        }
        if let pricing { steps += taxSteps(on: "shipping", shipping, pricing.shippingTaxes) }
        return steps + sums()
    }

    private func sums() -> [PriceStep] {
        var steps = [step("subtotal", nil, "the lines", subtotal)]
        var how = "subtotal"
        if !discount.isZero {
            steps.append(step("discount", nil, "what is taken off the lines", negative(discount)))
            how += " − discount"
        }
        if !shipping.isZero {
            steps.append(step("shipping", nil, pricing?.shippingMethod ?? "as stated", shipping))
            how += " + shipping"
        }
        if !tax.isZero {
            steps.append(step("tax", nil, includesTax ? "within the prices" : "on top", tax))
            if !includesTax { how += " + tax" }
        }
        return steps + [step("total", nil, how, total)]
    }

    private func step(
        _ what: String, _ on: String?, _ how: String, _ amount: Money, exact: String? = nil
    ) -> PriceStep {
        PriceStep(what: what, on: on, how: how, exact: exact, amount: amount)
    }

    private func money(_ units: Int64) -> Money { Money(minorUnits: units, currency) }
    private func negative(_ amount: Money) -> Money { money(-amount.minorUnits) }

    // MARK: - Discounts

    private func steps(
        _ discount: OrderDiscount, _ number: Int, _ rest: inout [Money]
    ) -> [PriceStep] {
        let sharing = lines.indices.compactMap { index in
            lines[index].discounts.first { $0.of == number }.map { (index, money($0.amount)) }
        }
        let what = discount.name.map { "\(discount.kind.rawValue) discount \($0)" } ?? "discount"
        let base = money(sharing.reduce(0) { $0 &+ rest[$1.0].minorUnits })
        let whole = money(discount.amount)
        var steps: [PriceStep] = []
        let isPerLine = discount.kind == .item && discount.percent != nil
        if !isPerLine {
            let (how, exact) = self.how(discount, base, whole)
            steps.append(step(what, nil, how, negative(whole), exact: exact))
        }
        for (index, share) in sharing {
            if isPerLine {
                let (how, exact) = percentage(discount.percent, of: rest[index], is: share)
                steps.append(step(what, lines[index].sku.text, how, negative(share), exact: exact))
            } else if lines.count > 1 {
                steps.append(
                    step(
                        what, lines[index].sku.text, "its share of \(whole.decimalText)",
                        negative(share)))
            }
            rest[index] = money(rest[index].minorUnits &- share.minorUnits)
        }
        return steps
    }

    private func how(
        _ discount: OrderDiscount, _ base: Money, _ whole: Money
    ) -> (how: String, exact: String?) {
        guard let percent = discount.percent else { return ("an amount", nil) }
        guard let units = discount.units else { return percentage(percent, of: base, is: whole) }
        return ("\(percent) of \(units) unit\(units == 1 ? "" : "s")", nil)
    }

    private func percentage(
        _ percent: Percent?, of base: Money, is amount: Money
    ) -> (how: String, exact: String?) {
        guard let percent else { return ("an amount", nil) }
        let exact = Fraction(base, percent.units, Percent.whole)
        guard (try? base.percentage(percent)) == amount else {
            let whose = changes.isEmpty ? "of what it is for" : "when ordered, what is left of it"
            return ("\(percent) \(whose)", nil)
        }
        return ("\(percent) of \(base.decimalText)", exact.text)
    }

    // MARK: - Taxes

    private func taxSteps(on: String, _ amount: Money, _ shares: [PriceShare]) -> [PriceStep] {
        let all = pricing?.taxes ?? []
        let taxes = shares.filter { all.indices.contains($0.of - 1) }.map {
            (tax: all[$0.of - 1], amount: money($0.amount))
        }
        let plain = taxes.filter { !$0.tax.isCompound }
        let compound = taxes.filter { $0.tax.isCompound }
        return includesTax
            ? within(on, amount, plain, compound) : upon(on, amount, plain + compound)
    }

    private typealias Taxed = (tax: OrderTax, amount: Money)

    private func upon(_ on: String, _ net: Money, _ taxes: [Taxed]) -> [PriceStep] {
        var gross = net
        return taxes.map { tax, amount in
            let base = tax.isCompound ? gross : net
            gross = money(gross.minorUnits &+ amount.minorUnits)
            let exact = Fraction(base, tax.rate.units, Percent.whole)
            return taxStep(tax, on, "\(tax.rate) of \(base.decimalText)", exact, amount)
        }
    }

    private func within(
        _ on: String, _ gross: Money, _ plain: [Taxed], _ compound: [Taxed]
    ) -> [PriceStep] {
        var rest = gross
        var steps: [PriceStep] = []
        for (tax, amount) in compound.reversed() {
            let exact = Fraction(rest, tax.rate.units, Percent.whole + tax.rate.units)
            let how = "\(tax.rate) within \(rest.decimalText)"
            steps.append(taxStep(tax, on, how, exact, amount))
            rest = money(rest.minorUnits &- amount.minorUnits)
        }
        let sum = plain.reduce(0) { $0 &+ $1.tax.rate.units }
        return steps
            + plain.map { tax, amount in
                let exact = Fraction(rest, tax.rate.units, Percent.whole &+ sum)
                let how = "\(tax.rate) within \(rest.decimalText)"
                return taxStep(tax, on, how, exact, amount)
            }
    }

    private func taxStep(
        _ tax: OrderTax, _ on: String, _ how: String, _ exact: Fraction, _ amount: Money
    ) -> PriceStep {
        guard exact.isNear(amount) else {
            return step(tax.name, on, "\(tax.rate) when ordered, what is left of it", amount)
        }
        return step(tax.name, on, how, amount, exact: exact.text)
    }
}

/// An amount that is no whole number of minor units yet.
private struct Fraction {
    let numerator: Int128
    let denominator: Int128
    let currency: Currency

    init(_ amount: Money, _ numerator: Int64, _ denominator: Int64) {
        self.numerator = Int128(amount.minorUnits) * Int128(numerator)
        self.denominator = Int128(denominator)
        currency = amount.currency
    }

    /// Whether an amount is less than one minor unit away: all that sharing may do.
    func isNear(_ amount: Money) -> Bool {
        (Int128(amount.minorUnits) * denominator - numerator).magnitude < denominator.magnitude
    }

    /// With four more digits than the currency has, `…` where that is not all; nil where it is a
    /// whole number of minor units.
    var text: String? {
        guard numerator % denominator != 0 else { return nil }
        let (scaled, rest) = (numerator * 10_000).quotientAndRemainder(dividingBy: denominator)
        let digits = String(scaled)
        let places = currency.exponent + 4
        let padded =
            String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
        var text = "\(padded.dropLast(places)).\(padded.suffix(places))"
        guard rest == 0 else { return text + "…" }
        while text.last == "0" { text.removeLast() }
        return text
    }
}
