import Formats
import Orders
package import Payments
package import Primitives
import Storage
import Users

/// Gift cards and store credit: money that customers paid, or were given, before they spend it.
extension Shop {
    /// Makes a gift card.
    ///
    /// - Parameter codes: of which it gets the first that no card has; nil for those of a seed that
    ///   nobody sees again.
    /// - Returns: the balance, and the code that pays with it, which is stored nowhere; nil where a
    ///   repeated command brings other codes.
    /// - Throws: `amount-not-positive`, `currency-mismatch` (6).
    package func issueGiftCard(
        _ amount: Money, reason: String?, codes: GiftCodes? = nil
    ) throws(ShopError) -> (balance: Balance, code: String?) {
        let codes = codes ?? GiftCodes(seed: random.next(32))
        let balance = try change(.refundPayments) { (work) throws(ShopError) in
            var holder = try Balance.Holder(code: codes.code(0))
            // A key that was forgotten and is used again makes another card.
            for number in 1..<GiftCodes.most
            where try work.transaction.record(Records.balance(holder)) != nil {
                holder = try Balance.Holder(code: codes.code(number))
            }
            return try add(amount, to: holder, .issue, work.balanceCause(reason), in: work)
        }
        for number in 0..<GiftCodes.most {
            let code = codes.code(number)
            if try Balance.Holder(code: code) == balance.holder { return (balance, code) }
        }
        return (balance, nil)
    }

    /// Adds to a customer's store credit.
    ///
    /// - Throws: `amount-not-positive`, `currency-mismatch` (6).
    package func grantCredit(
        _ amount: Money, to customer: EmailAddress, reason: String?
    ) throws(ShopError) -> Balance {
        try change(.refundPayments) { (work) throws(ShopError) in
            try add(amount, to: .customer(customer), .grant, work.balanceCause(reason), in: work)
        }
    }

    /// Takes money for an order from a gift card, or from the customer's store credit.
    ///
    /// - Parameters:
    ///   - code: of the gift card; nil takes the store credit of the order's customer.
    ///   - amount: nil takes what is due, or all there is.
    /// - Throws: `order-not-found`, `balance-not-found` (3), `order-not-payable`,
    ///   `payment-unknown` (5), `balance-too-low`, `over-capture` (6).
    package func captureBalance(
        for number: OrderNumber, code: String?, _ amount: Money?
    ) throws(ShopError) -> Payment {
        let card = try code.map { (code) throws(ShopError) in try Balance.Holder(code: code) }
        return try change(.capturePayments, saying: { card?.name ?? "" }) {
            (work) throws(ShopError) in
            let before = try work.transaction.order(number)
            var order = before
            let holder = card ?? .customer(order.customer)
            var balance = try work.balance(of: holder)
            let amount = amount ?? min(order.due, balance.amount)
            if amount.isZero, order.due.isZero, order.takesMoney { throw .nothingDue(order) }
            if amount.isZero, order.takesMoney { throw .noBalance(holder) }
            try order.capture(amount, at: work.at)
            var counters = try work.transaction.counters()
            let note = PaymentEntry.Note(at: work.at, by: work.by)
            let payment = try Payment(
                counters.nextPayment(), for: number, from: holder, capturing: amount, note)
            let movement = try balance.spend(amount, work.balanceCause(of: payment.number))
            try addToDay(in: work) { $0.captured += amount.minorUnits }

            // After this point the money is spent.
            work.transaction.put(counters)
            work.transaction.put(balance)
            work.transaction.insert(movement)
            work.save(payment, was: nil, of: &order)
            work.save(order, was: before)
            work.transaction.ids = [payment.number.description, number.description]
            return payment
        }
    }

    /// Money of a refund goes back to where it came from.
    func giveBack(
        _ amount: Money, of payment: Payment, reason: String?, in work: Work
    ) throws(ShopError) {
        guard let holder = payment.holder else { return }
        _ = try add(
            amount, to: holder, .giveBack,
            work.balanceCause(reason, of: payment.number), in: work)
    }

    private func add(
        _ amount: Money, to holder: Balance.Holder, _ kind: BalanceMovement.Kind,
        _ cause: BalanceMovement.Cause, in work: Work
    ) throws(ShopError) -> Balance {
        var balance =
            try work.transaction.find(Balance.self, Records.balance(holder))
            ?? Balance(of: holder, in: currency, at: work.at)
        let movement = try balance.add(amount, kind, cause)
        work.transaction.put(balance)
        work.transaction.insert(movement)
        if !work.transaction.ids.contains(balance.id) { work.transaction.ids.append(balance.id) }
        return balance
    }

    // MARK: - Reading

    /// A balance with its movements, oldest first.
    package struct BalanceHistory: Sendable {
        package let balance: Balance
        package let movements: [BalanceMovement]
    }

    /// - Parameter id: `GC-9f0c1a2b`, or a customer's address.
    /// - Throws: `balance-not-found` (3).
    package func balance(_ id: String) throws(ShopError) -> BalanceHistory {
        try read(.readPayments) { (view, _) throws(ShopError) in
            var found: Balance?
            if id.lowercased().hasPrefix("gc-") {
                let prefix = "card/\(id.dropFirst(3).lowercased())"
                try view.each(Balance.self, KeyRange(collection: "balances")) {
                    (balance) throws(ShopError) in
                    if balance.holder.name.hasPrefix(prefix) { found = balance }
                    return found == nil
                }
            } else {
                let holder = Balance.Holder.customer(try EmailAddress(parsing: id))
                found = try view.find(Balance.self, Records.balance(holder))
            }
            guard let found else { throw .noBalance(named: id) }
            return try view.history(of: found)
        }
    }

    /// Balances in the order of their names.
    package func eachBalance(
        _ visit: (Balance) throws(ShopError) -> Bool
    ) throws(ShopError) {
        try read(.readPayments) { (view, _) throws(ShopError) in
            try view.each(Balance.self, KeyRange(collection: "balances"), .ascending, visit)
        }
    }
}

extension View {
    func history(of balance: Balance) throws(ShopError) -> Shop.BalanceHistory {
        var movements: [BalanceMovement] = []
        try each(BalanceMovement.self, KeyRange(under: Records.movements(of: balance))) {
            (movement) throws(ShopError) in
            movements.append(movement)
            return true
        }
        return Shop.BalanceHistory(balance: balance, movements: movements)
    }
}

extension Records {
    static func balance(_ holder: Balance.Holder) -> RecordKey {
        switch holder {
        case .giftCard(let hash): RecordKey("balances", "card", hash)
        case .customer(let email): RecordKey("balances", "customer", email.folded)
        }
    }

    static func movements(of balance: Balance) -> RecordKey {
        switch balance.holder {
        case .giftCard(let hash): RecordKey("balance-movements", "card", hash)
        case .customer(let email): RecordKey("balance-movements", "customer", email.folded)
        }
    }
}

extension Balance: StoredRecord {
    var recordKey: RecordKey { Records.balance(holder) }
}

extension BalanceMovement: StoredRecord {
    var recordKey: RecordKey {
        let digits = RecordKey.padded(number)
        return switch holder {
        case .giftCard(let hash): RecordKey("balance-movements", "card", hash, digits)
        case .customer(let email): RecordKey("balance-movements", "customer", email.folded, digits)
        }
    }
}

extension Shop.Work {
    func balanceCause(
        _ reason: String? = nil, of payment: PaymentNumber? = nil
    ) -> BalanceMovement.Cause {
        BalanceMovement.Cause(at: at, by: by, reason: reason, payment: payment)
    }

    /// - Throws: `balance-not-found` (3).
    func balance(of holder: Balance.Holder) throws(ShopError) -> Balance {
        guard let balance = try transaction.find(Balance.self, Records.balance(holder)) else {
            throw .noBalance(holder)
        }
        return balance
    }
}

extension ShopError {
    static func noBalance(_ holder: Balance.Holder) -> ShopError {
        switch holder {
        case .giftCard:
            ShopError(
                .notFound, "balance-not-found", "no gift card with that code has money left",
                try: ["the code as it stands on the card", "another --method"])
        case .customer(let email): noBalance(named: email.text)
        }
    }

    static func noBalance(named id: String) -> ShopError {
        ShopError(
            .notFound, "balance-not-found", "\(id) has no balance", at: id,
            try: ["shopctl balance list"])
    }
}
