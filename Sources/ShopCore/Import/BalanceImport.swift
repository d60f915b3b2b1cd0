import Formats
import Payments
package import Primitives
import Storage
import Users

/// Reads gift cards and store credit from JSON Lines, as `export balances` and `export all` write
/// them.
package final class BalanceReader {
    /// The file as errors name it.
    package let name: String
    private let currency: Currency
    private let input: ImportInput

    struct Row {
        let line: Int
        let balance: Balance
        let movements: [BalanceMovement]
    }

    /// - Parameter read: fills a buffer and returns the count of bytes; 0 at the end.
    package init(
        _ name: String, in currency: Currency,
        read: @escaping (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int
    ) {
        self.name = name
        self.currency = currency
        input = ImportInput(name, read)
    }

    /// What tells this file from another.
    func identity() throws(ShopError) -> String { try input.identity() }

    /// All rows of the file; what is wrong with others is noted.
    func rows(noting problems: inout RowProblems) throws(ShopError) -> [Row] {
        let lines = JSONLineReader(input)
        var rows: [Row] = []
        func take(_ value: JSONValue, _ line: Int) {
            guard let record = ExportNoun.balances.record(in: value) else { return }
            do throws(ShopError) {
                rows.append(try row(record, line))
            } catch {
                problems.add(error, line: line)
            }
        }
        if let items = try lines.wholeDocument() {
            for (index, item) in items.enumerated() { take(item, index + 1) }
        } else {
            while let (value, line) = try lines.next(noting: &problems) { take(value, line) }
        }
        return rows
    }

    /// A balance is what its history comes to.
    private func row(_ value: JSONValue, _ line: Int) throws(ShopError) -> Row {
        guard case .object = value else { throw .notAnObject(JSONCells.render(value)) }
        guard let holder = value["holder"], let history = value["history"] else {
            throw .balanceUnknown
        }
        let created = try value["createdAt"].map { (value) throws(ShopError) in
            try JSONCells.time(value, "createdAt")
        }
        var balance = Balance(
            of: try Self.holder(holder, "holder"), in: currency,
            at: created ?? Timestamp(millisecondsSinceEpoch: 0))
        var movements: [BalanceMovement] = []
        for members in try JSONCells.objects(history, "history") {
            movements.append(try movement(.object(members), of: &balance))
        }
        let stated = try value["amount"].map { (value) throws(ShopError) in
            try JSONCells.money(value, "amount", currency)
        }
        guard stated == nil || stated == balance.amount, !movements.isEmpty else {
            throw .badCell(
                "amount", stated?.description ?? "nothing",
                "what the history comes to, \(balance.amount)")
        }
        return Row(line: line, balance: balance, movements: movements)
    }

    private func movement(
        _ value: JSONValue, of balance: inout Balance
    ) throws(ShopError) -> BalanceMovement {
        guard let kind = value["kind"], let amount = value["amount"], let at = value["at"] else {
            throw .badCell("history", JSONCells.render(value), "kind, amount and at")
        }
        let word: BalanceMovement.Kind = try JSONCells.word(kind, "kind")
        let money = try JSONCells.signedMoney(amount, "amount", currency)
        let cause = BalanceMovement.Cause(
            at: try JSONCells.time(at, "at"), by: value["by"]?.text ?? "",
            reason: value["reason"]?.text,
            payment: try value["payment"]?.text.map { (text) throws(ShopError) in
                try PaymentNumber(parsing: text)
            })
        let taken = Money(minorUnits: -money.minorUnits, money.currency)
        switch word {
        case .issue, .grant, .giveBack: return try balance.add(money, word, cause)
        case .spend: return try balance.spend(taken, cause)
        case .withdraw: return try balance.withdraw(taken, cause)
        }
    }

    /// `card/` and a SHA-256, or `customer/` and an address.
    static func holder(_ value: JSONValue, _ name: String) throws(ShopError) -> Balance.Holder {
        let text = try JSONCells.text(value, name)
        let wanted = "card/ and a SHA-256, or customer/ and an address"
        switch Balance.Holder(name: text) {
        case .giftCard(let hash)
        where hash.utf8.count == 64 && hash.utf8.allSatisfy { Hex.value($0) != nil }:
            return .giftCard(codeHash: hash.lowercased())
        case .customer(let email): return .customer(try EmailAddress(parsing: email.text))
        default: throw .badCell(name, text, wanted)
        }
    }
}

extension JSONCells {
    /// An amount that may be below zero.
    fileprivate static func signedMoney(
        _ value: JSONValue, _ name: String, _ currency: Currency
    ) throws(ShopError) -> Money {
        guard case .object = value, let text = value["amount"]?.text, text.hasPrefix("-") else {
            return try money(value, name, currency)
        }
        let code = try Currency(parsing: value["currency"]?.text ?? currency.code)
        let amount = try Money(parsing: String(text.dropFirst()), code, named: name)
        return Money(minorUnits: -amount.minorUnits, code)
    }
}

extension Shop {
    /// Adds the gift cards and store credit of a file, with their histories: all or none. One that
    /// the shop has already with the same history changes nothing.
    ///
    /// A movement keeps its payment where the shop has that payment, made with this balance; orders
    /// are imported before.
    ///
    /// - Throws: `balance-exists` (5) for every row in conflict, `currency-mismatch` (6); rows that
    ///   are wrong (65).
    package func importBalances(
        _ reader: BalanceReader, onConflict: ImportConflict
    ) throws(ShopError) -> ImportSummary {
        var noted = RowProblems(file: reader.name)
        let rows = try reader.rows(noting: &noted)
        return try change(.importData, saying: reader.identity) { (work) throws(ShopError) in
            var problems = noted
            var summary = ImportSummary()
            var lines: [String: Int] = [:]
            for row in rows {
                let balance = row.balance
                if let earlier = lines.updateValue(row.line, forKey: balance.holder.name) {
                    problems.add(row.line, "\(balance.id) stands in line \(earlier) already")
                    continue
                }
                let movements = try kept(row.movements, in: work.transaction)
                let key = Records.balance(balance.holder)
                if let known = try work.transaction.find(Balance.self, key) {
                    if try work.transaction.history(of: known).movements == movements {
                        summary.unchanged += 1
                    } else if onConflict == .skip {
                        summary.skipped += 1
                    } else {
                        problems.add(.balanceInConflict(balance), line: row.line)
                    }
                    continue
                }
                work.transaction.put(balance)
                for movement in movements { work.transaction.insert(movement) }
                work.transaction.ids.append(balance.id)
                summary.created += 1
            }
            do throws(ShopError) {
                try problems.check()
            } catch {
                throw error.ofImport
            }
            return summary
        }
    }

    /// The movements, each with its payment only where that is one of this shop.
    private func kept(
        _ movements: [BalanceMovement], in view: View
    ) throws(ShopError) -> [BalanceMovement] {
        var kept: [BalanceMovement] = []
        for movement in movements {
            var isKnown = true
            if let number = movement.cause.payment {
                let payment = try view.find(Payment.self, Records.payment(number))
                isKnown = payment?.holder == movement.holder
            }
            kept.append(isKnown ? movement : movement.withoutPayment)
        }
        return kept
    }
}

extension ShopError {
    static func balanceInConflict(_ balance: Balance) -> ShopError {
        ShopError(
            .conflict, "balance-exists", "\(balance.id) exists already, with another history",
            try: ["--on-conflict skip"])
    }

    fileprivate static var balanceUnknown: ShopError {
        ShopError(.data, "balance-unknown", "the row has no holder or no history", at: "holder")
    }
}
