import Orders
import Primitives
import ShopCore
import Users

/// `shopctl coupon end`.
struct CouponEnd: ShopCommand {
    static var name: String { "coupon end" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "End coupons: nobody may use them from now on",
            discussion: "Orders that used them keep what was taken off.",
            operand: .oneOrMore("CODE", "Such as SPRING-10").read(by: CouponCode.init(parsing:)),
            examples: [.init("shopctl coupon end SPRING-10")],
            exitCodes: [.init(.notFound, "there is no such coupon")],
            aliases: ["disable"], mutates: true, permission: .needs(.writePrices),
            fields: CouponColumns.all.headings())
    }

    private let codes: [CouponCode]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        codes = try arguments.operands(CouponCode.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let ids = try shop.endCoupons(codes).items.map(\.code.text)
        return .mutation(
            "Ended \(ids.joined(separator: ", ")).", next: ["shopctl coupon list"], ids: ids,
            CouponColumns.all, try shop.coupons(codes))
    }
}
