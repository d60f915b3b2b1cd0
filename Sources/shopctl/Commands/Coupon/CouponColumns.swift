import Orders
import Primitives
import ShopCore

/// The columns of every command that shows coupons.
enum CouponColumns {
    static let all: [Column<Shop.CouponEntry>] = [
        .text("code") { $0.coupon.code.text },
        .text("percent") { $0.coupon.percent?.text },
        .money("amount") { $0.coupon.amount },
        .pairs("buy", shown: .always) { units($0.coupon.gift?.buy) },
        .pairs("get", shown: .always) { units($0.coupon.gift?.get) },
        .list("for", shown: .wide) { $0.coupon.skus.map(\.text) },
        .money("minimum") { $0.coupon.minimum },
        .integer("uses") { $0.uses },
        .integer("limit") { $0.coupon.limit },
        .integer("limitPerCustomer", "EACH") { $0.coupon.limitPerCustomer },
        .time("from") { $0.coupon.from },
        .time("until") { $0.coupon.until },
        .time("endedAt", shown: .wide) { $0.coupon.endedAt },
        .text("createdBy", shown: .wide) { $0.coupon.createdBy },
        .time("createdAt", shown: .wide) { $0.coupon.createdAt },
    ]

    private static func units(_ units: UnitCount?) -> [(name: String, value: String)] {
        units.map { [($0.sku.text, String($0.count))] } ?? []
    }
}

extension Coupon {
    fileprivate var percent: Percent? {
        switch benefit {
        case .percent(let percent): percent
        case .amount: nil
        case .gift(let gift): gift.percent
        }
    }

    fileprivate var amount: Money? {
        if case .amount(let amount) = benefit { amount } else { nil }
    }

    fileprivate var gift: Gift? {
        if case .gift(let gift) = benefit { gift } else { nil }
    }
}
