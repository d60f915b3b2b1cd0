package import Orders
package import Primitives
import Storage
package import Users

/// Who buys: an account, or a guest who is known by their orders alone. Nothing is stored of a
/// customer as such; all of it is read from orders and accounts.
package struct Customer: Sendable {
    package let email: EmailAddress
    /// nil for a guest.
    package internal(set) var account: User?
    /// Orders that were placed and neither cancelled nor expired.
    package private(set) var orders: Int64 = 0
    /// Captured and not refunded, in minor units.
    package private(set) var spent: Int64 = 0
    /// What the shop owes the customer; below zero, what the customer owes.
    package private(set) var balance: Int64 = 0
    package private(set) var lastOrderAt: Timestamp?

    init(_ email: EmailAddress, account: User? = nil) {
        self.email = email
        self.account = account
    }

    package var isGuest: Bool { account == nil }

    mutating func add(_ order: Order) {
        lastOrderAt = max(lastOrderAt ?? order.createdAt, order.createdAt)
        if order.placedAt != nil, order.endedAt == nil { orders += 1 }
        spent &+= order.paid.minorUnits
        balance &+= order.overpaid.minorUnits &- order.due.minorUnits
    }
}

extension Shop {
    /// Everybody who ever ordered or has an account as a customer, by address.
    ///
    /// Reads every order once, and keeps a few numbers for each customer.
    package func customers() throws(ShopError) -> [Customer] {
        try read(.readOrders) { (view, _) throws(ShopError) in
            var customers: [EmailAddress: Customer] = [:]
            try view.each(User.self, KeyRange(collection: "users")) { (user) throws(ShopError) in
                if user.role == .customer {
                    customers[user.email] = Customer(user.email, account: user)
                }
                return true
            }
            try view.each(Order.self, KeyRange(collection: "orders")) {
                (order) throws(ShopError) in
                customers[order.customer, default: Customer(order.customer)].add(order)
                return true
            }
            // Somebody of the staff who ordered has an account too.
            for (email, customer) in customers where customer.isGuest {
                customers[email]?.account = try view.find(User.self, Records.user(email))
            }
            return customers.values.sorted { $0.email.folded < $1.email.folded }
        }
    }

    /// One customer with their orders, the newest first; by the index, whatever the shop's size.
    ///
    /// - Throws: `customer-not-found` (3).
    package func customer(
        _ email: EmailAddress
    ) throws(ShopError) -> (customer: Customer, orders: [Order]) {
        try read(.readOrders) { (view, _) throws(ShopError) in
            let account = try view.find(User.self, Records.user(email))
            let orders = try orders(of: email, view)
            guard account != nil || !orders.isEmpty else { throw .noCustomer(email) }
            var customer = Customer(account?.email ?? orders[0].customer, account: account)
            for order in orders { customer.add(order) }
            return (customer, orders)
        }
    }

    /// Puts the orders of a guest into an account, which sees them from then on. Their numbers
    /// stay.
    ///
    /// - Throws: `user-not-found`, `customer-not-found` (3), `customer-has-account` (5).
    package func mergeCustomer(
        _ guest: EmailAddress, into account: EmailAddress
    ) throws(ShopError) -> RecordList<Order> {
        try change(.manageUsers) { (work) throws(ShopError) in
            guard let user = try work.transaction.find(User.self, Records.user(account)) else {
                throw .noUser(account)
            }
            guard try work.transaction.find(User.self, Records.user(guest)) == nil else {
                throw .customerHasAccount(guest)
            }
            let before = try orders(of: guest, work.transaction)
            guard !before.isEmpty else { throw .noCustomer(guest) }
            var moved: [Order] = []
            for old in before {
                var order = old
                order.reassign(to: user.email)
                try moveCoupon(from: old, to: order, in: work)
                work.save(order, was: old)
                moved.append(order)
            }
            work.transaction.ids += [guest.text, user.email.text]
            return RecordList(moved)
        }
    }

    private func orders(of email: EmailAddress, _ view: View) throws(ShopError) -> [Order] {
        var orders: [Order] = []
        try eachOrder(under: Records.orders(of: email), view) { (order) throws(ShopError) in
            orders.append(order)
            return true
        }
        return orders
    }
}

// MARK: - Errors

extension ShopError {
    static func noCustomer(_ email: EmailAddress) -> ShopError {
        ShopError(
            .notFound, "customer-not-found", "\(email) has neither ordered nor an account",
            at: email.text, try: ["shopctl customer list"])
    }

    static func customerHasAccount(_ email: EmailAddress) -> ShopError {
        ShopError(
            .conflict, "customer-has-account", "\(email) has an account of their own",
            at: email.text, why: "only the orders of a guest can be put into another account",
            try: ["shopctl customer show \(email)"])
    }
}
