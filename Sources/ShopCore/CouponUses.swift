package import Formats
package import Orders
package import Primitives
import Storage

/// How often a coupon is in use: by orders that were placed and neither cancelled nor expired,
/// over all or of one customer. Changes in the transaction of the order, so that limits hold.
package struct CouponUses: Sendable, Equatable {
    package let code: CouponCode
    /// nil: of everybody.
    package let customer: EmailAddress?
    package var uses: Int64

    init(_ code: CouponCode, _ customer: EmailAddress?, uses: Int64 = 0) {
        self.code = code
        self.customer = customer
        self.uses = uses
    }
}

extension CouponUses: StoredRecord {
    var recordKey: RecordKey { Records.couponUses(code, customer) }

    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var (code, customer, uses) = ("", String?.none, Int64(0))
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "code": code = try reader.string()
            case "customer": customer = try reader.string()
            case "uses": uses = try reader.int64()
            default: try reader.skip()
            }
        }
        guard !code.isEmpty else {
            throw JSONError(offset: start, reason: "uses of no coupon")
        }
        self.init(
            CouponCode(stored: code), customer.map { EmailAddress(stored: $0) }, uses: uses)
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("code", code.text)
        writer.member("customer", customer?.text)
        writer.member("uses", uses)
        writer.endObject()
    }
}

extension CouponUses {
    /// Adds what an order counts for: once for everybody and once for its customer.
    static func add(_ order: Order, to sums: inout [RecordKey: CouponUses]) {
        guard let code = order.couponInUse else { return }
        for customer in [nil, order.customer] {
            sums[Records.couponUses(code, customer), default: CouponUses(code, customer)].uses += 1
        }
    }
}

extension View {
    func uses(of code: CouponCode, by customer: EmailAddress?) throws(ShopError) -> CouponUses {
        try find(CouponUses.self, Records.couponUses(code, customer)) ?? CouponUses(code, customer)
    }

    func coupon(_ code: CouponCode) throws(ShopError) -> Coupon {
        guard let coupon = try find(Coupon.self, Records.coupon(code)) else {
            throw .noCoupon(code)
        }
        return coupon
    }
}

extension ShopError {
    static func noCoupon(_ code: CouponCode) -> ShopError {
        ShopError(
            .notFound, "coupon-not-found", "no coupon \"\(code)\"", at: code.text,
            try: ["shopctl coupon list"])
    }
}
