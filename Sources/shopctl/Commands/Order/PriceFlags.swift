import Orders
import Primitives
import ShopCore

/// The flags of `order create` that its price depends on, beside its items.
struct PriceFlags: Sendable {
    static var options: [OptionSpec] {
        [
            .value("shipping-method", "NAME", "Ship it this way, at its price")
                .read(by: SKU.init(parsing:)),
            .value("coupon", "CODE", "Take off what the coupon is for")
                .read(by: CouponCode.init(parsing:)),
            .value("discount", "PERCENT|PRICE", "Take 10% or 5.00 off the order")
                .read(by: StatedDiscount.init(parsing:)),
            .values(
                "item-discount", "SKU=PERCENT|PRICE", "Take 10% or 5.00 off the lines of a SKU"
            ).read(by: ItemDiscount.init(parsing:)),
            .value("region", "REGION", "Where it goes: COUNTRY/STATE/POSTCODE/CITY")
                .read(by: Region.init(parsing:)),
        ]
    }

    private let discount: StatedDiscount?
    private let itemDiscounts: [ItemDiscount]
    private var request = Shop.PriceRequest()

    init(_ arguments: ParsedArguments) throws(ShopError) {
        discount = try arguments.value("discount", StatedDiscount.init(parsing:))
        itemDiscounts = try arguments.values("item-discount", ItemDiscount.init(parsing:))
        request.coupon = try arguments.value("coupon", CouponCode.init(parsing:))
        request.shippingMethod = try arguments.value("shipping-method", SKU.init(parsing:))
        request.region = try arguments.value("region", Region.init(parsing:))
        guard request.shippingMethod == nil || !arguments.has("shipping") else {
            throw .shippingTwice
        }
    }

    /// The request, its amounts in the shop's currency.
    func request(in shop: Shop) throws(ShopError) -> Shop.PriceRequest {
        var request = request
        for item in itemDiscounts {
            let size = try item.discount.size(in: shop, "item-discount")
            request.discounts.append(try Discount(.item(item.sku), size))
        }
        if let discount {
            let size = try discount.size(in: shop, "discount")
            request.discounts.append(try Discount(.order, size))
        }
        return request
    }
}

/// `10%` or `5.00`.
struct StatedDiscount: Sendable {
    /// nil: an amount, in the shop's currency, which only the shop knows.
    private let percent: Percent?
    private let text: String

    init(parsing text: String) throws(ShopError) {
        self.text = text
        percent = text.hasSuffix("%") ? try Percent(parsing: text) : nil
    }

    func size(in shop: Shop, _ flag: String) throws(ShopError) -> Discount.Size {
        if let percent { return .percent(percent) }
        guard let amount = try shop.money(text, flag, named: "discount") else {
            throw .invalidPercent(text)
        }
        return .amount(amount)
    }
}

/// `SKU=10%` or `SKU=5.00`.
struct ItemDiscount: Sendable {
    let sku: SKU
    let discount: StatedDiscount

    init(parsing text: String) throws(ShopError) {
        let pair = try NamedText(parsing: text)
        sku = try SKU(parsing: pair.name)
        discount = try StatedDiscount(parsing: pair.value)
    }
}

extension ShopError {
    static var shippingTwice: ShopError {
        ShopError(
            .usage, "shipping-twice", "--shipping cannot stand with --shipping-method",
            why: "a way of shipping has its own price")
    }
}
