package import Primitives

/// A line of a bank's or provider's statement: money that came, or below zero went.
package struct StatementRow: Sendable, Equatable {
    /// In the file, from 1.
    package let line: Int
    /// Whatever names it there: a transfer's purpose, a provider's id.
    package let reference: String
    package let amount: Money

    package init(line: Int, reference: String, amount: Money) {
        self.line = line
        self.reference = reference
        self.amount = amount
    }

    /// The parts of the reference that may be names, in small letters.
    fileprivate var words: [String] {
        reference.lowercased().split { letter in
            !(letter.isLetter || letter.isNumber || letter == "-" || letter == "_")
        }.map(String.init) + [reference.lowercased()]
    }
}

/// A movement of money that is on record, by the names that a statement may have for it.
package struct RecordedMovement: Sendable, Equatable {
    package let payment: PaymentNumber
    /// The reference it was recorded with, or what the provider calls the payment.
    package let reference: String?
    package let amount: Money
    fileprivate let names: [String]

    /// What came and went by a payment at the times wanted, oldest first.
    package static func all(
        of payment: Payment, where isWanted: (Timestamp) -> Bool = { _ in true }
    ) -> [RecordedMovement] {
        let names =
            payment.entries.map(\.note.reference) + [
                payment.handle, payment.number.description, payment.order.description,
            ]
        return payment.entries.compactMap { entry in
            guard isWanted(entry.note.at) else { return nil }
            let isOut = entry.kind == .refund || entry.kind == .lost
            guard isOut || entry.kind == .capture else { return nil }
            let units = entry.amount.minorUnits
            return RecordedMovement(
                payment: payment.number, reference: entry.note.reference ?? payment.handle,
                amount: Money(minorUnits: isOut ? -units : units, payment.currency),
                names: names.compactMap { $0?.lowercased() })
        }
    }
}

/// Where a statement and the payments on record do not agree.
package struct StatementDifference: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The statement has it, and nothing on record does.
        case notRecorded
        /// It is on record, and the statement does not have it.
        case notStated
        /// Both have it, with other amounts.
        case amountDiffers
    }

    package let kind: Kind
    package let line: Int?
    package let payment: PaymentNumber?
    package let reference: String?
    package let stated: Money?
    package let recorded: Money?

    /// Pairs each line with a movement of the same name and amount; then, of what is left, with one
    /// of the same name. Each is paired once.
    package static func between(
        _ rows: [StatementRow], _ movements: [RecordedMovement]
    ) -> [StatementDifference] {
        var byName: [String: [Int]] = [:]
        for (index, movement) in movements.enumerated() {
            for name in movement.names { byName[name, default: []].append(index) }
        }
        var isFree = Array(repeating: true, count: movements.count)
        func take(_ row: StatementRow, _ fits: (RecordedMovement) -> Bool) -> Int? {
            for word in row.words {
                for index in byName[word] ?? [] where isFree[index] && fits(movements[index]) {
                    isFree[index] = false
                    return index
                }
            }
            return nil
        }
        let left = rows.filter { row in take(row) { $0.amount == row.amount } == nil }
        var found = left.map { row in
            let match = take(row) { _ in true }.map { movements[$0] }
            return StatementDifference(
                kind: match == nil ? .notRecorded : .amountDiffers, line: row.line,
                payment: match?.payment, reference: row.reference, stated: row.amount,
                recorded: match?.amount)
        }
        for (index, movement) in movements.enumerated() where isFree[index] {
            found.append(
                StatementDifference(
                    kind: .notStated, line: nil, payment: movement.payment,
                    reference: movement.reference, stated: nil, recorded: movement.amount))
        }
        return found
    }
}
