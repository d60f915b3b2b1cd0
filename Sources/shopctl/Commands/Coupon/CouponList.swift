import Primitives
import ShopCore
import Users

/// `shopctl coupon list`.
struct CouponList: ShopCommand {
    static var name: String { "coupon list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List coupons and how many orders use them", options: RowSelection.options,
            examples: [.init("shopctl coupon list")], permission: .needs(.readPrices),
            fields: CouponColumns.all.headings())
    }

    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        rows = try RowSelection(arguments, among: CouponColumns.all.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        .list(
            rows.listing(CouponColumns.all, whenEmpty: "There are no coupons.") {
                visit throws(ShopError) in
                try shop.eachCoupon(visit)
            })
    }
}
