import Formats
import Foundation
import Primitives
import TestSupport
import Testing

@testable import Orders

/// The working out of prices, by example and by property.
@Suite struct PricingTests {
    let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)

    func currency(_ code: String) throws -> Currency { try #require(Currency.named(code)) }

    func line(_ sku: String, _ quantity: Int64, at units: Int64, _ code: String = "USD") throws
        -> LineItem
    {
        try LineItem(
            SKU(parsing: sku), named: sku, Quantity(quantity),
            at: Money(minorUnits: units, currency(code)))
    }

    func order(_ lines: [LineItem], shipping: Int64 = 0) throws -> Order {
        try Order(
            OrderNumber(1001), customer: EmailAddress(parsing: "ana@x.example"), lines: lines,
            shipping: Money(minorUnits: shipping, lines[0].unitPrice.currency), reference: nil,
            by: "[setup]", at: now)
    }

    func priced(
        _ lines: [LineItem], _ change: (inout Pricing) throws -> Void
    ) throws -> Order {
        var order = try order(lines)
        var pricing = Pricing()
        pricing.goods = lines.map { _ in .init(taxClass: nil, weightGrams: nil) }
        try change(&pricing)
        try order.price(by: pricing)
        #expect(order.priceProblems() == [])
        return order
    }

    func rate(
        _ percent: String, _ change: (inout TaxRate.Draft) -> Void = { _ in }, number: Int64 = 1
    ) throws -> TaxRate {
        var draft = try TaxRate.Draft(rate: Percent(parsing: percent))
        draft.name = "VAT"
        change(&draft)
        return try TaxRate(number, draft)
    }

    func coupon(_ benefit: Coupon.Benefit, _ terms: Coupon.Terms = .init()) throws -> Coupon {
        try Coupon(CouponCode(parsing: "SPRING"), benefit, terms, by: "[setup]", at: now)
    }

    func code(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? ShopError)?.code }
        return nil
    }

    // MARK: - By example

    @Test func discountsComeOffItemsThenOffTheOrderThenByCoupon() throws {
        // 3 × 4.50 and 1 × 12.99.
        let order = try priced([line("CUP-2", 3, at: 450), line("MUG-1", 1, at: 1299)]) {
            $0.discounts = [
                try Discount(.item(SKU(parsing: "CUP-2")), .percent(Percent(parsing: "15"))),
                try Discount(.order, .percent(Percent(parsing: "10"))),
            ]
            $0.coupon = try coupon(.amount(Money(minorUnits: 500, currency("USD"))))
        }
        // 15 % of 13.50 is 2.025, so 2.03; 10 % of 24.46 is 2.446, so 2.45; then 5.00.
        #expect(order.pricing?.discounts.map(\.amount) == [203, 245, 500])
        #expect(order.lines.map { $0.discounts.map(\.amount) } == [[203, 115, 234], [130, 266]])
        #expect(order.subtotal.minorUnits == 2649)
        #expect(order.discount.minorUnits == 948)
        #expect(order.total.minorUnits == 1701)
    }

    @Test func aDiscountIsNeverMoreThanWhatIsLeft() throws {
        let usd = try currency("USD")
        let lines = [try line("CUP-2", 1, at: 450)]
        #expect(
            code {
                _ = try priced(lines) {
                    $0.discounts = [try Discount(.order, .amount(Money(minorUnits: 451, usd)))]
                }
            } == "discount-too-large")
        #expect(
            code {
                _ = try priced(lines) {
                    $0.discounts = [
                        try Discount(.item(SKU(parsing: "NO-1")), .percent(Percent(parsing: "1")))
                    ]
                }
            } == "not-on-order")
        // A coupon gives up to its amount.
        let order = try priced(lines) {
            $0.coupon = try coupon(.amount(Money(minorUnits: 1_000, usd)))
        }
        #expect(order.total.isZero)
        for bad in ["0", "100.0001"] {
            #expect(code { _ = try Discount(.order, .percent(Percent(parsing: bad))) } != nil)
        }
    }

    @Test(
        "buy two get one: units for nothing are counted off in turn",
        arguments: zip([1, 2, 3, 4, 5, 6, 7, 9], [0, 0, 1, 1, 1, 2, 2, 3] as [Int64]))
    func gifts(ordered: Int64, free: Int64) throws {
        let sku = try SKU(parsing: "CUP-2")
        let gift = Coupon.Gift(
            buy: UnitCount(sku: sku, count: 2), get: UnitCount(sku: sku, count: 1),
            percent: try Percent(parsing: "100"))
        #expect(gift.count { _ in ordered } == free)
        let lines = [try line("CUP-2", ordered, at: 450)]
        guard free > 0 else {
            #expect(
                code { _ = try priced(lines) { $0.coupon = try coupon(.gift(gift)) } }
                    == "coupon-not-applicable")
            return
        }
        let order = try priced(lines) { $0.coupon = try coupon(.gift(gift)) }
        #expect(order.discount.minorUnits == free * 450)
    }

    @Test func aGiftOfAnotherItemTakesTheCheapestUnitsFirst() throws {
        let (mug, cup) = (try SKU(parsing: "MUG-1"), try SKU(parsing: "CUP-2"))
        let gift = Coupon.Gift(
            buy: UnitCount(sku: mug, count: 2), get: UnitCount(sku: cup, count: 1),
            percent: try Percent(parsing: "50"))
        let order = try priced([
            line("MUG-1", 5, at: 1299), line("CUP-2", 1, at: 450), line("CUP-2", 3, at: 401),
        ]) { $0.coupon = try coupon(.gift(gift)) }
        // Two cups at 4.01, half of 8.02.
        #expect(order.lines.map { $0.discount.minorUnits } == [0, 0, 401])
    }

    @Test(
        "taxes on top and within, plain and compound",
        arguments: [
            // amount, rates (+ is compound), included, taxes
            (1_000, ["20"], false, [200]), (1_000, ["20"], true, [167]),
            (10_000, ["5", "9.975"], false, [500, 998]),
            (10_000, ["5", "+9.975"], false, [500, 1047]),
            (11_547, ["5", "+9.975"], true, [500, 1047]),
            (1_000, ["+20"], true, [167]), (1_000, ["0"], true, [0]),
            (115, ["5", "10"], true, [5, 10]), (1, ["50", "50"], true, [1, 0]),
            (105, ["2.5"], false, [3]), (0, ["20", "+5"], true, [0, 0]),
        ] as [(Int64, [String], Bool, [Int64])])
    func taxes(amount: Int64, rates: [String], isIncluded: Bool, expected: [Int64]) throws {
        let taxes = try TaxAmounts.of(
            Money(minorUnits: amount, currency("USD")),
            rates.map { text in
                (try Percent(parsing: text.replacing("+", with: "")), text.hasPrefix("+"))
            }, isIncluded: isIncluded)
        #expect(taxes.map(\.minorUnits) == expected)
    }

    @Test func ofAClassAndPriorityTheClosestRateApplies() throws {
        let rates = [
            try rate("20", { $0.country = "GB" }, number: 1),
            try rate(
                "5", { ($0.country, $0.taxClass) = ("GB", TaxClass(stored: "reduced-rate")) },
                number: 2),
            try rate("10", { $0.country = "us" }, number: 3),
            try rate(
                "2",
                {
                    ($0.country, $0.state, $0.postcodes) = ("US", "al", ["12345", "352*"])
                    $0.priority = 2
                }, number: 4),
            try rate("4", { ($0.country, $0.state, $0.priority) = ("US", "AL", 2) }, number: 5),
            try rate("1", { $0.priority = 9 }, number: 6),
            try rate(
                "3",
                {
                    ($0.country, $0.postcodes, $0.priority) = ("US", ["99000...99999"], 3)
                }, number: 7),
            try rate(
                "3.5", { ($0.country, $0.cities, $0.priority) = ("US", ["Juneau"], 4) }, number: 8),
        ]
        func numbers(_ region: String) throws -> [Int64] {
            TaxRate.applying(rates, in: try Region(parsing: region)).map(\.number)
        }
        #expect(try numbers("GB") == [2, 1, 6])
        #expect(try numbers("US") == [3, 6])
        #expect(try numbers("us/al/352 42") == [3, 4, 6])
        #expect(try numbers("US/AL/12346") == [3, 5, 6])
        #expect(try numbers("US/AK/99801/ juneau ") == [3, 7, 8, 6])
        #expect(try numbers("FR//75001") == [6])
        #expect(TaxRate.applying(rates, in: nil).map(\.number) == [6])
    }

    @Test func whatIsNoRateIsRefused() throws {
        for change in [
            { $0.country = "GBR" }, { $0.state = "AL" }, { $0.priority = 0 }, { $0.name = "" },
            { $0.postcodes = ["3*5"] }, { $0.postcodes = ["200...100"] },
        ] as [(inout TaxRate.Draft) -> Void] {
            #expect(code { _ = try rate("1", change) } == "invalid-tax-rate")
        }
        for text in ["", "G", "GB/", "GBR", "US/AL/1/2/3"] where text != "GB/" {
            #expect(code { _ = try Region(parsing: text) } == "invalid-region")
        }
        #expect(try Region(parsing: "fr//75 001").text == "FR//75001")
    }

    @Test func shippingGoesByWeightUpToWhatTheMethodTakes() throws {
        let usd = try currency("USD")
        func money(_ units: Int64) -> Money { Money(minorUnits: units, usd) }
        let post = try ShippingMethod(
            SKU(parsing: "POST"),
            [
                .init(upToGrams: 5_000, price: money(690)),
                .init(upToGrams: 1_000, price: money(490)),
            ],
            freeFrom: money(5_000), taxClass: nil, at: now)
        #expect(try post.price(of: money(100), grams: 1_000).minorUnits == 490)
        #expect(try post.price(of: money(100), grams: 1_001).minorUnits == 690)
        #expect(try post.price(of: money(5_000), grams: 1).isZero)
        #expect(code { _ = try post.price(of: money(5_000), grams: 5_001) } == "too-heavy")
        let lines = [try line("CUP-2", 3, at: 450)]
        #expect(code { _ = try priced(lines) { $0.shipping = .method(post) } } == "weight-missing")
        let order = try priced(lines) {
            $0.goods = [.init(taxClass: nil, weightGrams: 350)]
            $0.shipping = .method(post)
            $0.rates = [try rate("20")]
        }
        #expect(order.shipping.minorUnits == 690)
        #expect(order.pricing?.shippingTaxes.map(\.amount) == [138])
        #expect(order.total.minorUnits == 1350 + 690 + 270 + 138)
        #expect(try ShippingMethod(json: post.json) == post)
    }

    @Test(
        "conditions of a coupon are refused in their order",
        arguments: [
            "coupon-ended", "coupon-ended", "coupon-not-begun", "coupon-used-up",
            "coupon-used-up-by-customer", "coupon-minimum", nil,
        ].enumerated().map { ($0, $1) })
    func conditions(met: Int, expected: String?) throws {
        // One condition after the other is met; all that follow are not.
        let usd = try currency("USD")
        var terms = Coupon.Terms()
        terms.until = met > 1 ? now.adding(seconds: 60) : now
        terms.from = met > 2 ? now : now.adding(seconds: met > 1 ? 30 : -30)
        terms.limit = met > 3 ? 3 : 2
        terms.limitPerCustomer = met > 4 ? 2 : 1
        terms.minimum = Money(minorUnits: met > 5 ? 100 : 101, usd)
        var coupon = try coupon(.percent(Percent(parsing: "10")), terms)
        if met == 0 { _ = coupon.end(at: now) }
        #expect(
            code {
                try coupon.check(
                    uses: 2, byCustomer: 1, goods: Money(minorUnits: 100, usd), at: now)
            } == expected)
        #expect(try Coupon(json: coupon.json) == coupon)
    }

    // MARK: - Properties

    /// Orders as they come: 1 to 6 lines, discounts, a coupon, shipping, taxes in or on top; nil
    /// where they would be refused.
    func randomOrder(_ random: inout SeededRandom, _ currency: Currency) throws -> Order? {
        var lines: [LineItem] = []
        for index in 0..<Int(random.number(1...6)) {
            let price = Money(minorUnits: random.number(0...9_999), currency)
            let quantity = try Quantity(random.number(1...9))
            lines.append(
                try LineItem(SKU(stored: "S-\(index % 4)"), named: "x", quantity, at: price))
        }
        var order = try order(lines)
        let pricing = try randomPricing(&random, lines, currency)
        let refused = code { try order.price(by: pricing) }
        guard let refused else { return order }
        #expect(["discount-too-large", "coupon-not-applicable"].contains(refused), "\(random)")
        return nil
    }

    private func randomPricing(
        _ random: inout SeededRandom, _ lines: [LineItem], _ currency: Currency
    ) throws -> Pricing {
        var pricing = Pricing()
        let classes = [
            TaxClass.standard, .init(stored: "reduced-rate"), .init(stored: "zero-rate"),
        ]
        for _ in lines {
            pricing.goods.append(.init(taxClass: random.one(of: classes), weightGrams: 100))
        }
        if random.chance(1, in: 2) {
            let percent = try randomPercent(&random, upTo: 90)
            pricing.discounts.append(try Discount(.item(lines[0].sku), .percent(percent)))
        }
        if random.chance(1, in: 3) {
            let percent = try randomPercent(&random, upTo: 90)
            pricing.discounts.append(try Discount(.order, .percent(percent)))
        } else if random.chance(1, in: 2) {
            let amount = Money(minorUnits: random.number(1...5_000), currency)
            pricing.discounts.append(try Discount(.order, .amount(amount)))
        }
        if random.chance(1, in: 2) { pricing.coupon = try randomCoupon(&random, lines) }
        pricing.includesTax = random.chance(1, in: 2)
        for taxClass in classes {
            for priority in 1...random.number(1...3) {
                var draft = TaxRate.Draft(rate: try randomPercent(&random, upTo: 30))
                draft.taxClass = taxClass
                draft.priority = priority
                draft.isCompound = random.chance(1, in: 2)
                pricing.rates.append(try TaxRate(priority, draft))
            }
        }
        pricing.shipping = .amount(Money(minorUnits: random.number(0...999), currency))
        return pricing
    }

    private func randomPercent(
        _ random: inout SeededRandom, upTo most: Int64
    ) throws -> Percent {
        let units = random.number(1...most * 10_000)
        return try Percent(
            parsing: "\(units / 10_000).\(String(units % 10_000 + 10_000).dropFirst())")
    }

    private func randomCoupon(
        _ random: inout SeededRandom, _ lines: [LineItem]
    ) throws -> Coupon {
        var terms = Coupon.Terms()
        let percent = try randomPercent(&random, upTo: 100)
        switch random.number(0...2) {
        case 0:
            if random.chance(1, in: 2) { terms.skus = [lines[0].sku] }
            return try coupon(.percent(percent), terms)
        case 1:
            let amount = Money(minorUnits: random.number(1...9_000), lines[0].unitPrice.currency)
            return try coupon(.amount(amount), terms)
        default:
            let buy = UnitCount(sku: lines[0].sku, count: random.number(1...3))
            let get = UnitCount(sku: lines[lines.count - 1].sku, count: random.number(1...2))
            return try coupon(.gift(.init(buy: buy, get: get, percent: percent)), terms)
        }
    }

    @Test(
        "pain 12: whatever is taken off and taxed, every sum is that of its parts",
        arguments: ["JPY", "USD", "KWD"])
    func parts(code: String) throws {
        var random = SeededRandom(seed: 20_261_124)
        var priced = 0
        for _ in 0..<2_000 {
            guard let order = try randomOrder(&random, currency(code)) else { continue }
            priced += 1
            #expect(order.priceProblems() == [])
            #expect(!order.total.isNegative)
            for line in order.lines { #expect(line.discount <= line.total) }
            // The record says it all again.
            #expect(try Order(json: order.json) == order)
            let steps = order.priceSteps()
            #expect(steps.last?.amount == order.total)
            #expect(!steps.contains { $0.how.contains("what is left") })
        }
        #expect(priced > 1_000)
    }

    @Test(
        "taken off unit by unit in any order, an order comes to nothing more and nothing less",
        arguments: ["JPY", "USD", "KWD"])
    func unitByUnit(code: String) throws {
        var random = SeededRandom(seed: 7)
        var taken = 0
        for _ in 0..<300 {
            guard var order = try randomOrder(&random, currency(code)) else { continue }
            try order.place(by: "x", at: now)
            _ = try order.invoice(seller: nil, by: "x", at: now) { .first }
            let total = order.total
            var (changed, left) = (Int64(0), order.units)
            while left > 1 {
                let sku = try #require(order.lines.randomElement(using: &random)).sku
                let most = order.quantities.first { $0.sku == sku }?.count ?? 0
                let count = Int64.random(in: 1...most, using: &random)
                guard count < left else { break }
                let before = order.total
                let change = try order.cancel(
                    [UnitCount(sku: sku, count: count)], reason: nil, by: "x", at: now)
                #expect(change.amount <= 0)
                #expect(before.minorUnits + change.amount == order.total.minorUnits)
                #expect(order.priceProblems() == [])
                let number = InvoiceNumber(Int64(order.details.invoices.count) + 1)
                _ = try order.invoice(seller: nil, by: "x", at: now) { number }
                #expect(order.details.invoices.allSatisfy { $0.problem == nil })
                let invoiced = order.details.invoices.sum(\.total)
                #expect(invoiced == order.total.minorUnits, "\(random)")
                #expect(order.details.invoices.sum(\.tax) == order.tax.minorUnits, "\(random)")
                let off = order.details.invoices.sum(\.discount)
                #expect(off == order.discount.minorUnits, "\(random)")
                changed += change.amount
                left -= count
                taken += 1
            }
            #expect(total.minorUnits + changed == order.total.minorUnits)
        }
        #expect(taken > 500)
    }

    @Test(
        "what comes back unit by unit comes to what the lines cost",
        arguments: ["JPY", "USD", "KWD"])
    func backUnitByUnit(code: String) throws {
        var random = SeededRandom(seed: 8)
        for _ in 0..<300 {
            guard var order = try randomOrder(&random, currency(code)) else { continue }
            try order.place(by: "x", at: now)
            _ = try order.ship(carrier: nil, tracking: nil, by: "x", at: now)
            var units = order.quantities.flatMap { sku, count in
                [SKU](repeating: sku, count: Int(count))
            }
            units.shuffle(using: &random)
            for sku in units {
                let back = try order.takeBack(
                    [UnitCount(sku: sku, count: 1)], .restock, reason: nil, by: "x", at: now)
                #expect(back.amount >= 0)
            }
            let shippingTax = order.includesTax ? 0 : order.pricing?.shippingTaxes.sum ?? 0
            let kept = order.shipping.minorUnits + shippingTax
            #expect(order.returned.minorUnits == order.total.minorUnits - kept)
        }
    }
}
