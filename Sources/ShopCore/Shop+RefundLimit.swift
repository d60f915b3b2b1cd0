import Payments
import Primitives
import Storage
import Users

extension Shop {
    /// Where the person has a limit, it is on what they give back of one order altogether.
    ///
    /// - Throws: `no-permission` (77).
    func checkRefundLimit(
        _ amount: Money, of number: OrderNumber, in work: Work
    ) throws(ShopError) {
        guard let (role, most) = work.access.refundLimit else { return }
        let limit = Money(minorUnits: most, currency)
        var total = amount
        for payment in try work.transaction.payments(of: number) {
            for entry in payment.entries where entry.kind == .refund && entry.note.by == work.by {
                total = try total.adding(entry.amount)
            }
        }
        guard total <= limit else { throw .overRefundLimit(role, limit, total: total, of: number) }
    }
}
