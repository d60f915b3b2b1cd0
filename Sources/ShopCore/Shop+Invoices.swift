package import Orders
package import Payments
package import Primitives
import Storage
import Users

extension Shop {
    /// Issues the invoice or credit note that is missing; none where all is said already.
    ///
    /// - Throws: `order-not-found` (3), `order-not-invoiceable` (5).
    package func invoiceOrder(_ number: OrderNumber) throws(ShopError) -> Order {
        try change(.editOrders) { (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            var counters = try work.transaction.counters()
            let invoice = try order.invoice(seller: settings.seller, by: work.by, at: work.at) {
                counters.nextInvoice()
            }
            guard let invoice else { return order }
            work.transaction.put(counters)
            work.save(order, was: before)
            work.transaction.ids.append(invoice.number.description)
            return order
        }
    }

    /// An order and its payments, the oldest first; a customer sees their own only.
    package func orderWithPayments(
        _ number: OrderNumber
    ) throws(ShopError) -> (order: Order, payments: [Payment]) {
        try read(.readOwnOrders) { (view, access) throws(ShopError) in
            guard let order = try view.find(Order.self, Records.order(number)),
                access.mayRead(order)
            else { throw .noOrder(number) }
            return (access.shown(order), try view.payments(of: number))
        }
    }
}
