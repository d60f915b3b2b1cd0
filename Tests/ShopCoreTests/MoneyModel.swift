/// Orders of 30.00 and their money as a naive model keeps them: numbers, and no storage at all.
struct MoneyModel {
    static let price: Int64 = 3_000

    struct Pay {
        let order: Int
        /// `cash`, `acme`, or the name of a balance.
        let by: String
        var token = "tok_ok"
        var authorized: Int64 = 0
        var captured: Int64 = 0
        var voided: Int64 = 0
        var refunded: Int64 = 0
        var disputed: Int64 = 0
        /// What a provider owes an answer to: taking, or else holding, so much.
        var pending: (takes: Bool, amount: Int64)?

        var capturable: Int64 { authorized - captured - voided }
        var refundable: Int64 { captured - refunded - disputed }

        mutating func take(_ amount: Int64) {
            captured += amount
            authorized = max(authorized, captured + voided)
        }
    }

    var isCancelled: [Bool] = []
    var pays: [Pay] = []
    var balances: [String: Int64] = [:]
    /// What the day has seen so far.
    var day = (captured: Int64(0), refunded: Int64(0))

    func own(_ order: Int) -> [Int] { pays.indices.filter { pays[$0].order == order } }

    func sum(_ order: Int, _ part: (Pay) -> Int64) -> Int64 {
        own(order).reduce(0) { $0 + part(pays[$1]) }
    }

    func due(_ order: Int) -> Int64 { max(0, Self.price - sum(order, \.captured)) }
    func unsecured(_ order: Int) -> Int64 { max(0, due(order) - sum(order, \.capturable)) }
    func isUnknown(_ order: Int) -> Bool { own(order).contains { pays[$0].pending != nil } }

    func isPayable(_ order: Int) -> Bool {
        isCancelled.indices.contains(order) && !isCancelled[order] && !isUnknown(order)
    }

    // MARK: - Steps: each says whether it is legal, and does it if so.

    mutating func capture(_ order: Int, _ amount: Int64?, by: String) -> Bool {
        guard isPayable(order) else { return false }
        let amount = amount ?? due(order)
        guard amount > 0, amount <= due(order) else { return false }
        var pay = Pay(order: order, by: by)
        pay.take(amount)
        pays.append(pay)
        day.captured += amount
        return true
    }

    mutating func spend(_ order: Int, _ holder: String) -> Bool {
        guard isPayable(order), let balance = balances[holder] else { return false }
        let amount = min(due(order), balance)
        guard amount > 0, capture(order, amount, by: holder) else { return false }
        balances[holder] = balance - amount
        return true
    }

    mutating func hold(_ order: Int, _ amount: Int64?) -> Bool {
        guard isPayable(order) else { return false }
        let amount = amount ?? unsecured(order)
        guard amount > 0, amount <= unsecured(order) else { return false }
        var pay = Pay(order: order, by: "cash")
        pay.authorized = amount
        pays.append(pay)
        return true
    }

    /// - Returns: whether the provider was asked and said yes.
    mutating func charge(_ order: Int, _ token: String, isHold: Bool) -> Bool {
        guard isPayable(order), unsecured(order) > 0 else { return false }
        pays.append(Pay(order: order, by: "acme", token: token))
        let last = pays.count - 1
        pays[last].pending = (!isHold, unsecured(order))
        switch token {
        case "tok_decline_expired_card", "tok_unreachable": pays[last].pending = nil
        case "tok_ok", "tok_over":
            settle(last, true)
            return true
        default: break
        }
        return false
    }

    mutating func settle(_ index: Int, _ isDone: Bool, byHand: Bool = false) {
        guard let pending = pays[index].pending else { return }
        pays[index].pending = nil
        guard isDone else { return }
        guard pending.takes else {
            pays[index].authorized += pending.amount
            return
        }
        let amount = pending.amount + (pays[index].token == "tok_over" && !byHand ? 1 : 0)
        pays[index].take(amount)
        day.captured += amount
    }

    mutating func captureHold(_ index: Int, _ amount: Int64?) -> Bool {
        guard pays.indices.contains(index), pays[index].capturable > 0 else { return false }
        let due = due(pays[index].order)
        let held = min(pays[index].capturable, due)
        let amount = amount ?? (held == 0 ? pays[index].capturable : held)
        guard isPayable(pays[index].order), amount <= pays[index].capturable, amount <= due
        else { return false }
        pays[index].take(amount)
        day.captured += amount
        return true
    }

    mutating func void(_ index: Int) -> Bool {
        guard pays.indices.contains(index), pays[index].pending == nil else { return false }
        guard pays[index].capturable > 0 else {
            return pays[index].captured == 0 && pays[index].voided > 0
        }
        pays[index].voided += pays[index].capturable
        return true
    }

    /// Over the payments of an order, newest first, all or nothing.
    mutating func refund(_ order: Int, _ amount: Int64?) -> Bool {
        guard isCancelled.indices.contains(order) else { return false }
        return refund(own(order).reversed(), amount)
    }

    mutating func refund(_ indices: [Int], _ amount: Int64?) -> Bool {
        let given = indices.filter { pays[$0].refundable > 0 }
        let left = given.reduce(0) { $0 + pays[$1].refundable }
        let amount = amount ?? left
        guard amount > 0, amount <= left else { return false }
        var rest = amount
        var parts: [(Int, Int64)] = []
        for index in given where rest > 0 {
            guard pays[index].pending == nil else { return false }
            parts.append((index, min(rest, pays[index].refundable)))
            rest -= parts[parts.count - 1].1
        }
        for (index, part) in parts {
            pays[index].refunded += part
            if balances[pays[index].by] != nil { balances[pays[index].by, default: 0] += part }
        }
        day.refunded += amount
        return true
    }

    mutating func dispute(_ index: Int, _ amount: Int64?) -> Bool {
        guard pays.indices.contains(index), pays[index].pending == nil,
            pays[index].disputed == 0, pays[index].refundable > 0
        else { return false }
        let amount = amount ?? pays[index].refundable
        guard amount <= pays[index].refundable else { return false }
        pays[index].disputed = amount
        return true
    }

    mutating func endDispute(_ index: Int, isWon: Bool) -> Bool {
        guard pays.indices.contains(index), pays[index].disputed > 0 else { return false }
        if !isWon {
            pays[index].refunded += pays[index].disputed
            day.refunded += pays[index].disputed
        }
        pays[index].disputed = 0
        return true
    }

    mutating func cancel(_ order: Int, refunding: Bool) -> Bool {
        guard isCancelled.indices.contains(order) else { return false }
        guard !isCancelled[order] else { return true }
        let paid = sum(order, \.captured) - sum(order, \.refunded)
        guard !isUnknown(order), sum(order, \.capturable) == 0 else { return false }
        if paid > 0 {
            // A provider is not asked in passing.
            let isOurs = own(order).allSatisfy {
                pays[$0].by != "acme" || pays[$0].refundable == 0
            }
            guard refunding, isOurs, refund(order, paid) else { return false }
        }
        isCancelled[order] = true
        return true
    }
}
