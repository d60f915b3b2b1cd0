import Orders
import Primitives
import ShopCore
import Users

/// `shopctl coupon add`.
struct CouponAdd: ShopCommand {
    static var name: String { "coupon add" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add a coupon: what its code takes off an order, and on which conditions",
            discussion:
                "Takes off a percentage, or an amount, or a part of the price of units that\n"
                + "come with others: --buy MUG-1=2 --get CUP-2=1, for nothing unless --percent\n"
                + "says how much is taken off. A use counts when the order is placed, and no\n"
                + "longer when it is cancelled or expires. See docs/prices.md.",
            operand: .one("CODE", "What customers name, such as SPRING-10")
                .read(by: CouponCode.init(parsing:)),
            options: [
                .value("percent", "PERCENT", "How much it takes off, such as 10")
                    .read(by: Percent.init(parsing:)),
                .value("amount", "PRICE", "How much it takes off, at most what there is"),
                .value("buy", "SKU=QTY", "What must be ordered").read(
                    by: CountedItem.init(parsing:)),
                .value("get", "SKU=QTY", "What is for less then").read(
                    by: CountedItem.init(parsing:)),
                .values("for", "SKU", "Only lines of these count").read(by: SKU.init(parsing:)),
                .value("minimum", "PRICE", "What the lines come to before it, at least"),
                .value("limit", "N", "How many orders may use it").read(by: NamedText.count),
                .value("limit-per-customer", "N", "How many orders of one customer")
                    .read(by: NamedText.count),
                .value("from", "DAY", "From this day or time on").read(
                    by: Period.Moment.init(parsing:)),
                .value("to", "DAY", "Up to the end of this day, or up to a time")
                    .read(by: Period.Moment.init(parsing:)),
            ],
            examples: [
                .init("shopctl coupon add SPRING-10 --percent 10 --minimum 20 --limit 100"),
                .init("shopctl coupon add THREE-FOR-TWO --buy MUG-1=2 --get MUG-1=1"),
            ],
            exitCodes: [
                .init(.conflict, "there was a coupon with this code"),
                .init(.notFound, "a product does not exist"),
            ],
            aliases: ["create"], mutates: true, permission: .needs(.writePrices),
            fields: CouponColumns.all.headings())
    }

    private let code: CouponCode
    private let percent: Percent?
    private let amount: String?
    private let gift: (buy: UnitCount, get: UnitCount)?
    private let minimum: String?
    private let dates: (from: Period.Moment?, to: Period.Moment?)
    private var terms = Coupon.Terms()

    init(_ arguments: ParsedArguments) throws(ShopError) {
        code = try arguments.firstOperand(CouponCode.init(parsing:))
        percent = try arguments.value("percent", Percent.init(parsing:))
        amount = arguments.value("amount")
        let buy = try arguments.value("buy", CountedItem.init(parsing:))
        let get = try arguments.value("get", CountedItem.init(parsing:))
        guard (buy == nil) == (get == nil) else { throw .couponBenefit }
        if let buy, let get { gift = (buy.units, get.units) } else { gift = nil }
        let stated = gift == nil ? [percent != nil, amount != nil] : [true, amount != nil]
        guard stated.filter({ $0 }).count == 1 else { throw .couponBenefit }
        minimum = arguments.value("minimum")
        terms.skus = try arguments.values("for", SKU.init(parsing:))
        terms.limit = try arguments.value("limit", NamedText.count)
        terms.limitPerCustomer = try arguments.value("limit-per-customer", NamedText.count)
        dates = (
            try arguments.value("from", Period.Moment.init(parsing:)),
            try arguments.value("to", Period.Moment.init(parsing:))
        )
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var terms = terms
        terms.minimum = try shop.money(minimum, "minimum")
        terms.from = dates.from?.beginning(in: context.zone(of: shop))
        terms.until = dates.to?.end(in: context.zone(of: shop))
        let coupon = try shop.addCoupon(code, try benefit(in: shop), terms)
        return .mutation(
            "Added the coupon \(coupon.code).",
            next: ["shopctl order create --customer EMAIL --item SKU=QTY --coupon \(coupon.code)"],
            ids: [coupon.code.text], CouponColumns.all, [.init(coupon: coupon, uses: 0)])
    }

    private func benefit(in shop: Shop) throws(ShopError) -> Coupon.Benefit {
        if let gift {
            let all = try Percent(parsing: "100")
            return .gift(.init(buy: gift.buy, get: gift.get, percent: percent ?? all))
        }
        if let percent { return .percent(percent) }
        guard let amount = try shop.money(amount, "amount") else { throw .couponBenefit }
        return .amount(amount)
    }
}

extension ShopError {
    static var couponBenefit: ShopError {
        ShopError(
            .usage, "coupon-benefit", "a coupon takes off one thing",
            why: "it is --percent, or --amount, or --buy with --get",
            try: ["--percent 10", "--amount 5.00", "--buy MUG-1=2 --get CUP-2=1"])
    }
}
