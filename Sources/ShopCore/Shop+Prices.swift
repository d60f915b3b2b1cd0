package import Orders
package import Primitives
import Storage
import Users

/// Coupons, ways of shipping and taxes: what the shop has set up to price orders with.
extension Shop {
    // MARK: - Coupons

    /// A coupon, and how many orders use it.
    package struct CouponEntry: Sendable {
        package let coupon: Coupon
        package let uses: Int64

        package init(coupon: Coupon, uses: Int64) {
            self.coupon = coupon
            self.uses = uses
        }
    }

    /// - Throws: `coupon-exists` (5), `product-not-found` (3), `currency-mismatch` (6), what
    ///   `Coupon.init` refuses.
    package func addCoupon(
        _ code: CouponCode, _ benefit: Coupon.Benefit, _ terms: Coupon.Terms
    ) throws(ShopError) -> Coupon {
        try change(.writePrices) { (work) throws(ShopError) in
            let view = work.transaction
            guard try view.find(Coupon.self, Records.coupon(code)) == nil else {
                throw .couponExists(code)
            }
            var skus = terms.skus
            var amounts = [terms.minimum]
            switch benefit {
            case .percent: break
            case .amount(let amount): amounts.append(amount)
            case .gift(let gift): skus += [gift.buy.sku, gift.get.sku]
            }
            for sku in skus { _ = try work.product(sku) }
            for case .some(let amount) in amounts where amount.currency != currency {
                throw .currencyMismatch(currency, amount.currency)
            }
            let coupon = try Coupon(code, benefit, terms, by: work.by, at: work.at)

            // After this point the coupon must be added.
            view.ids = [code.text]
            view.put(coupon)
            return coupon
        }
    }

    /// Ends coupons; orders that used them keep what was taken off.
    ///
    /// - Throws: `coupon-not-found` (3).
    package func endCoupons(_ codes: [CouponCode]) throws(ShopError) -> RecordList<Coupon> {
        try change(.writePrices) { (work) throws(ShopError) in
            var coupons: [Coupon] = []
            for code in codes { coupons.append(try work.transaction.coupon(code)) }
            for index in coupons.indices where coupons[index].end(at: work.at) {
                work.transaction.ids.append(coupons[index].code.text)
                work.transaction.put(coupons[index])
            }
            return RecordList(coupons)
        }
    }

    /// - Throws: `coupon-not-found` (3) for each that is not there.
    package func coupons(_ codes: [CouponCode]) throws(ShopError) -> [CouponEntry] {
        try read(.readPrices) { (view, _) throws(ShopError) in
            var entries: [CouponEntry] = []
            var problems: [ShopError] = []
            for code in codes {
                if let coupon = try view.find(Coupon.self, Records.coupon(code)) {
                    entries.append(
                        CouponEntry(coupon: coupon, uses: try view.uses(of: code, by: nil).uses))
                } else {
                    problems.append(.noCoupon(code))
                }
            }
            if let error = ShopError.combining(problems) { throw error }
            return entries
        }
    }

    package func eachCoupon(
        _ visit: (CouponEntry) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try read(.readPrices) { (view, _) throws(ShopError) in
            try view.each(Coupon.self, KeyRange(collection: "coupons")) {
                (coupon) throws(ShopError) in
                let uses = try view.uses(of: coupon.code, by: nil).uses
                return try visit(CouponEntry(coupon: coupon, uses: uses))
            }
        }
    }

    // MARK: - Shipping

    /// Adds a way of shipping, or changes what it costs.
    ///
    /// - Throws: `currency-mismatch` (6), what `ShippingMethod.init` refuses.
    package func setShippingMethod(
        _ name: SKU, _ rates: [ShippingMethod.Rate], freeFrom: Money?, taxClass: TaxClass?
    ) throws(ShopError) -> ShippingMethod {
        try change(.writePrices) { (work) throws(ShopError) in
            for amount in rates.map(\.price) + [freeFrom].compactMap({ $0 })
            where amount.currency != currency {
                throw .currencyMismatch(currency, amount.currency)
            }
            let method = try ShippingMethod(
                name, rates, freeFrom: freeFrom, taxClass: taxClass, at: work.at)
            work.transaction.ids = [name.text]
            work.transaction.put(method)
            return method
        }
    }

    /// - Throws: `shipping-method-not-found` (3).
    package func removeShippingMethods(
        _ names: [SKU]
    ) throws(ShopError) -> RecordList<ShippingMethod> {
        try change(.writePrices) { (work) throws(ShopError) in
            var methods: [ShippingMethod] = []
            for name in names { methods.append(try work.transaction.shippingMethod(name)) }
            for method in methods {
                work.transaction.ids.append(method.name.text)
                work.transaction.remove(method.recordKey)
            }
            return RecordList(methods)
        }
    }

    package func shippingMethods() throws(ShopError) -> [ShippingMethod] {
        try read(.readProducts) { (view, _) throws(ShopError) in
            var methods: [ShippingMethod] = []
            try view.each(ShippingMethod.self, KeyRange(collection: "shipping-methods")) {
                methods.append($0)
                return true
            }
            return methods
        }
    }

    // MARK: - Taxes

    /// Adds a rate to the table, or changes the one that says the same of class, place, priority
    /// and name.
    package func setTaxRate(_ draft: TaxRate.Draft) throws(ShopError) -> TaxRate {
        try change(.writePrices) { (work) throws(ShopError) in
            var table = try TaxTable(work.transaction)
            let (rate, _) = try table.set(draft)
            work.transaction.ids = [String(rate.number)]
            table.save(in: work.transaction)
            return rate
        }
    }

    /// - Throws: `tax-rate-not-found` (3).
    package func removeTaxRates(_ numbers: [Int64]) throws(ShopError) -> RecordList<TaxRate> {
        try change(.writePrices) { (work) throws(ShopError) in
            let all = try work.transaction.taxRates()
            var rates: [TaxRate] = []
            for number in numbers {
                guard let rate = all.first(where: { $0.number == number }) else {
                    throw .noTaxRate(number)
                }
                rates.append(rate)
            }
            for rate in rates {
                work.transaction.ids.append(String(rate.number))
                work.transaction.remove(rate.recordKey)
            }
            return RecordList(rates)
        }
    }

    /// The table, by number; of a region only those that apply there.
    package func taxRates(in region: Region?) throws(ShopError) -> [TaxRate] {
        try read(.readPrices) { (view, _) throws(ShopError) in
            let rates = try view.taxRates()
            guard let region else { return rates.sorted { $0.number < $1.number } }
            return TaxRate.applying(rates, in: region)
        }
    }

    /// Takes in a table of rates: all of a file or none.
    ///
    /// - Throws: what `TaxRate.init` refuses and `bad-row` (65), each with its line.
    package func importTaxRates(_ reader: TaxRateReader) throws(ShopError) -> ImportSummary {
        let drafts = try reader.drafts()
        return try change(.writePrices, saying: reader.identity) { (work) throws(ShopError) in
            var table = try TaxTable(work.transaction)
            var summary = ImportSummary()
            for draft in drafts {
                switch try table.set(draft).outcome {
                case .created: summary.created += 1
                case .updated: summary.updated += 1
                case .unchanged: summary.unchanged += 1
                }
            }
            table.save(in: work.transaction)
            return summary
        }
    }
}

/// The table of taxes while it is being changed.
private struct TaxTable {
    enum Outcome { case created, updated, unchanged }

    private var rates: [String: TaxRate] = [:]
    private var counters: Counters
    private var changed: [TaxRate] = []

    init(_ view: View) throws(ShopError) {
        counters = try view.counters()
        for rate in try view.taxRates() { rates[rate.line] = rate }
    }

    mutating func set(
        _ draft: TaxRate.Draft
    ) throws(ShopError) -> (rate: TaxRate, outcome: Outcome) {
        let next = try TaxRate(counters.taxRates + 1, draft)
        let earlier = rates[next.line]
        let rate = earlier.map { next.numbered($0.number) } ?? next
        guard rate != earlier else { return (rate, .unchanged) }
        if earlier == nil { counters.taxRates += 1 }
        rates[rate.line] = rate
        changed.append(rate)
        return (rate, earlier == nil ? .created : .updated)
    }

    func save(in transaction: Transaction) {
        guard !changed.isEmpty else { return }
        for rate in changed { transaction.put(rate) }
        transaction.put(counters)
    }
}

extension View {
    func shippingMethod(_ name: SKU) throws(ShopError) -> ShippingMethod {
        guard let method = try find(ShippingMethod.self, Records.shippingMethod(name)) else {
            throw .noShippingMethod(name)
        }
        return method
    }

    /// The whole table of taxes.
    func taxRates() throws(ShopError) -> [TaxRate] {
        try taxRates(KeyRange(collection: "tax-rates"))
    }

    /// The rates that may apply in a region: those of its country and those of anywhere.
    func taxRates(for region: Region?) throws(ShopError) -> [TaxRate] {
        let anywhere = try taxRates(KeyRange(under: Records.taxRates(of: "")))
        guard let region else { return anywhere }
        return anywhere + (try taxRates(KeyRange(under: Records.taxRates(of: region.country))))
    }

    private func taxRates(_ range: KeyRange) throws(ShopError) -> [TaxRate] {
        var rates: [TaxRate] = []
        try each(TaxRate.self, range) {
            rates.append($0)
            return true
        }
        return rates
    }
}

extension ShopError {
    static func couponExists(_ code: CouponCode) -> ShopError {
        ShopError(
            .conflict, "coupon-exists", "there is a coupon \(code) already", at: code.text,
            why: "a code is given once: what it took off stays on record under it",
            try: ["shopctl coupon show \(code)"])
    }

    static func noShippingMethod(_ name: SKU) -> ShopError {
        ShopError(
            .notFound, "shipping-method-not-found", "no way of shipping \"\(name)\"",
            at: name.text, try: ["shopctl shipping list"])
    }

    static func noTaxRate(_ number: Int64) -> ShopError {
        ShopError(
            .notFound, "tax-rate-not-found", "no tax rate \(number)", at: String(number),
            try: ["shopctl tax list"])
    }
}
