import Orders
import Primitives
import ShopCore
import Users

/// `shopctl coupon show`.
struct CouponShow: ShopCommand {
    static var name: String { "coupon show" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Show coupons whole",
            operand: .oneOrMore("CODE", "Such as SPRING-10").read(by: CouponCode.init(parsing:)),
            examples: [.init("shopctl coupon show SPRING-10")],
            exitCodes: [.init(.notFound, "there is no such coupon")],
            permission: .needs(.readPrices), fields: CouponColumns.all.headings())
    }

    private let codes: [CouponCode]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        codes = try arguments.operands(CouponCode.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .records(CouponColumns.all, try shop.coupons(codes))
    }
}
