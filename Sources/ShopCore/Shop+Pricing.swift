import Catalog
package import Orders
package import Primitives
import Storage
import Users

/// What an order costs, beyond its products' prices.
extension Shop {
    /// What is asked of an order's price, beside its items.
    package struct PriceRequest: Sendable {
        package var discounts: [Discount] = []
        package var coupon: CouponCode?
        package var shippingMethod: SKU?
        /// Where it goes; nil takes the shop's own region.
        package var region: Region?

        package init() {}

        var isEmpty: Bool {
            discounts.isEmpty && coupon == nil && shippingMethod == nil && region == nil
        }
    }

    /// Works out the prices of a new order; nothing where neither it nor the shop has more than
    /// prices of products.
    ///
    /// - Throws: `coupon-not-found`, `shipping-method-not-found` (3), what `Coupon.check` and
    ///   `Order.price` refuse.
    func price(
        _ order: inout Order, by request: OrderRequest, _ counters: Counters, in work: Work
    ) throws(ShopError) {
        let wanted = request.prices
        guard !wanted.isEmpty || counters.taxRates > 0 || settings.pricesIncludeTax else { return }
        let view = work.transaction
        var pricing = Pricing()
        pricing.discounts = wanted.discounts
        if let code = wanted.coupon {
            let coupon = try view.coupon(code)
            let goods = try order.goods(lessDiscounts: wanted.discounts)
            try check(coupon, of: order, goods, in: work)
            pricing.coupon = coupon
        }
        if let name = wanted.shippingMethod {
            pricing.shipping = .method(try view.shippingMethod(name))
        } else if let amount = request.shipping {
            pricing.shipping = .amount(amount)
        }
        pricing.region = wanted.region ?? settings.region
        if counters.taxRates > 0 {
            pricing.rates = TaxRate.applying(
                try view.taxRates(for: pricing.region), in: pricing.region)
        }
        pricing.includesTax = settings.pricesIncludeTax
        guard !pricing.isPlain else { return }
        for line in order.lines {
            let product = try work.product(line.sku)
            pricing.goods.append(
                .init(taxClass: product.taxClass, weightGrams: product.weightGrams))
        }
        try order.price(by: pricing)
    }

    /// Lines to be put on an order that exists, taxed as it is.
    func linesToAdd(
        _ items: [ItemRequest], to order: inout Order, in work: Work
    ) throws(ShopError) -> [LineItem] {
        let lines = try lineItems(items, in: work)
        guard let pricing = order.pricing, !lines.isEmpty,
            try work.transaction.counters().taxRates > 0
        else { return lines }
        let rates = TaxRate.applying(
            try work.transaction.taxRates(for: pricing.region), in: pricing.region)
        var taxed: [LineItem] = []
        for line in lines {
            let taxClass = try work.product(line.sku).taxClass ?? .standard
            taxed.append(try order.tax(line, at: rates.filter { $0.taxClass == taxClass }))
        }
        return taxed
    }

    private func check(
        _ coupon: Coupon, of order: Order, _ goods: Money, in work: Work
    ) throws(ShopError) {
        let view = work.transaction
        try coupon.check(
            uses: try view.uses(of: coupon.code, by: nil).uses,
            byCustomer: try view.uses(of: coupon.code, by: order.customer).uses,
            goods: goods, at: work.at)
    }

    /// Checks the coupon of an order that is being placed, as it is now, and counts its use.
    func useCoupon(of order: Order, in work: Work) throws(ShopError) {
        guard let code = order.pricing?.coupon else { return }
        let coupon = try work.transaction.coupon(code)
        try check(coupon, of: order, order.goodsBeforeCoupon, in: work)
        try countUse(of: code, by: order.customer, 1, in: work)
    }

    /// An order that had a coupon ended without being fulfilled: others may use it again.
    func returnCoupon(of order: Order, in work: Work) throws(ShopError) {
        guard let code = order.pricing?.coupon else { return }
        try countUse(of: code, by: order.customer, -1, in: work)
    }

    /// An order is another customer's from now on, and so is the use of its coupon.
    func moveCoupon(from old: Order, to order: Order, in work: Work) throws(ShopError) {
        guard let code = old.couponInUse else { return }
        try countUse(of: code, by: old.customer, -1, in: work)
        try countUse(of: code, by: order.customer, 1, in: work)
    }

    private func countUse(
        of code: CouponCode, by customer: EmailAddress, _ difference: Int64, in work: Work
    ) throws(ShopError) {
        for customer in [nil, customer] {
            var uses = try work.transaction.uses(of: code, by: customer)
            uses.uses += difference
            work.transaction.put(uses)
        }
    }
}
