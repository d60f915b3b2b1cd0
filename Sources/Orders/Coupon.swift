import Formats
package import Primitives

/// The code of a coupon: as a SKU is written, and the same one ignoring case.
package struct CouponCode: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package let folded: String

    /// - Throws: `invalid-coupon-code` (64).
    package init(parsing text: String) throws(ShopError) {
        guard let code = try? SKU(parsing: text) else { throw .invalidCouponCode(text) }
        self.text = code.text
        folded = code.folded
    }

    /// A code from a record, which was checked when it was made.
    package init(stored text: String) {
        self.text = text
        folded = SKU(stored: text).folded
    }

    package static func == (left: Self, right: Self) -> Bool { left.folded == right.folded }
    package func hash(into hasher: inout Hasher) { hasher.combine(folded) }
    package var description: String { text }
}

/// What a customer may have taken off an order by naming a code, and on which conditions.
///
/// How often it was used is no part of it: that follows from the orders that name it.
package struct Coupon: Sendable, Equatable {
    package internal(set) var code: CouponCode
    package internal(set) var benefit: Benefit
    /// Only lines of these count; none means all.
    package internal(set) var skus: [SKU]
    /// What the lines must come to before it, at least.
    package internal(set) var minimum: Money?
    /// Orders that may use it, over all and of one customer.
    package internal(set) var limit: Int64?
    package internal(set) var limitPerCustomer: Int64?
    /// Half-open: from the first moment, until before the last.
    package internal(set) var from: Timestamp?
    package internal(set) var until: Timestamp?
    package internal(set) var createdBy: String
    package internal(set) var createdAt: Timestamp
    /// When somebody ended it by hand.
    package internal(set) var endedAt: Timestamp?
    var unknown = UnknownMembers()

    package enum Benefit: Sendable, Equatable {
        case percent(Percent)
        /// At most what there is to take it off.
        case amount(Money)
        /// Who buys so many of the one gets so many of the other for less.
        case gift(Gift)
    }

    /// Buy `buy.count`, get `get.count` at `percent` off: as often as the units are there.
    package struct Gift: Sendable, Equatable {
        package let buy: UnitCount
        package let get: UnitCount
        package let percent: Percent

        package init(buy: UnitCount, get: UnitCount, percent: Percent) {
            self.buy = buy
            self.get = get
            self.percent = percent
        }

        /// How many units are for less. Of one SKU both kinds are counted off in turn: of seven,
        /// at buy two get one, two are for less.
        func count(among units: (SKU) -> Int64) -> Int64 {
            guard buy.sku == get.sku else {
                return min(units(get.sku), units(buy.sku) / buy.count * get.count)
            }
            let (rounds, rest) = units(buy.sku).quotientAndRemainder(
                dividingBy: buy.count + get.count)
            return rounds * get.count + max(0, rest - buy.count)
        }
    }

    /// The conditions that a person states.
    package struct Terms: Sendable {
        package var skus: [SKU] = []
        package var minimum: Money?
        package var limit: Int64?
        package var limitPerCustomer: Int64?
        package var from: Timestamp?
        package var until: Timestamp?

        package init() {}
    }

    /// - Throws: `invalid-discount`, `invalid-coupon` (64).
    package init(
        _ code: CouponCode, _ benefit: Benefit, _ terms: Terms, by: String, at time: Timestamp
    ) throws(ShopError) {
        switch benefit {
        case .percent(let percent): _ = try Discount(.order, .percent(percent))
        case .amount(let amount): _ = try Discount(.order, .amount(amount))
        case .gift(let gift):
            _ = try Discount(.order, .percent(gift.percent))
            guard terms.skus.isEmpty else {
                throw .invalidCoupon("a gift names its own items; --for is for other discounts")
            }
        }
        for limit in [terms.limit, terms.limitPerCustomer] {
            if let limit, limit < 1 { throw .invalidCoupon("a limit is at least 1") }
        }
        if let from = terms.from, let until = terms.until, until <= from {
            throw .invalidCoupon("it would be over before it begins")
        }
        if let minimum = terms.minimum, minimum.isNegative {
            throw .invalidCoupon("the minimum is below zero")
        }
        self.code = code
        self.benefit = benefit
        skus = terms.skus
        minimum = terms.minimum
        limit = terms.limit
        limitPerCustomer = terms.limitPerCustomer
        from = terms.from
        until = terms.until
        createdBy = by
        createdAt = time
    }

    // MARK: - Queries

    /// Whether it is for a line of this SKU.
    func isFor(_ sku: SKU) -> Bool { skus.isEmpty || skus.contains(sku) }

    /// Refuses a use that its conditions do not allow.
    ///
    /// - Parameters:
    ///   - uses: by orders so far, over all and of this customer.
    ///   - goods: what the order's lines come to before it.
    /// - Throws: `coupon-ended`, `coupon-not-begun`, `coupon-used-up`,
    ///   `coupon-used-up-by-customer`, `coupon-minimum` (6), in this order.
    package func check(
        uses: Int64, byCustomer: Int64, goods: Money, at time: Timestamp
    ) throws(ShopError) {
        if let endedAt { throw .couponEnded(self, endedAt) }
        if let until, time >= until { throw .couponEnded(self, until) }
        if let from, time < from { throw .couponNotBegun(self, from) }
        if let limit, uses >= limit { throw .couponUsedUp(self, limit) }
        if let most = limitPerCustomer, byCustomer >= most {
            throw .couponUsedUpByCustomer(self, most)
        }
        if let minimum, goods < minimum { throw .couponMinimum(self, minimum, goods) }
    }

    // MARK: - Events

    /// Nobody may use it from now on; orders that did keep what it took off.
    ///
    /// - Returns: whether it was not ended before.
    package mutating func end(at time: Timestamp) -> Bool {
        guard endedAt == nil else { return false }
        endedAt = time
        return true
    }
}

// MARK: - Errors

extension ShopError {
    static func invalidCouponCode(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-coupon-code", "\"\(text)\" is no code of a coupon",
            why: "a code is letters, digits, '.', '_' and '-', up to 64 of them",
            try: ["SPRING-10"])
    }

    package static func invalidCoupon(_ fact: String) -> ShopError {
        ShopError(
            .usage, "invalid-coupon", "that is no coupon: \(fact)",
            try: ["shopctl coupon add SPRING-10 --percent 10"])
    }

    private static func coupon(_ coupon: Coupon, _ code: String, _ fact: String) -> ShopError {
        ShopError(
            .refused, code, "the coupon \(coupon.code) \(fact)", at: "--coupon \(coupon.code)",
            try: ["shopctl coupon show \(coupon.code)"])
    }

    static func couponEnded(_ coupon: Coupon, _ time: Timestamp) -> ShopError {
        .coupon(coupon, "coupon-ended", "is over since \(time.rfc3339)")
    }

    static func couponNotBegun(_ coupon: Coupon, _ time: Timestamp) -> ShopError {
        .coupon(coupon, "coupon-not-begun", "is not valid before \(time.rfc3339)")
    }

    static func couponUsedUp(_ coupon: Coupon, _ limit: Int64) -> ShopError {
        .coupon(
            coupon, "coupon-used-up", "was used \(limit) time\(limit == 1 ? "" : "s"), its limit")
    }

    static func couponUsedUpByCustomer(_ coupon: Coupon, _ limit: Int64) -> ShopError {
        .coupon(
            coupon, "coupon-used-up-by-customer",
            "was used \(limit) time\(limit == 1 ? "" : "s") by this customer, the limit for each")
    }

    static func couponMinimum(_ coupon: Coupon, _ minimum: Money, _ goods: Money) -> ShopError {
        .coupon(
            coupon, "coupon-minimum", "is for orders of \(minimum) and more; this one is \(goods)")
    }

    static func couponNotApplicable(_ coupon: Coupon, _ fact: String) -> ShopError {
        .coupon(coupon, "coupon-not-applicable", "takes nothing off this order: \(fact)")
    }
}
