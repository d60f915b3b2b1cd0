import Formats
package import Payments
package import Primitives
import Storage
import Users

/// A bank's or provider's statement beside the payments on record.
extension Shop {
    /// Which movements a statement should have.
    package struct StatementScope: Sendable {
        package var method: PaymentMethod?
        package var provider: String?
        /// Half-open period of the movements.
        package var from: Timestamp?
        package var to: Timestamp?

        package init() {}

        func accepts(_ payment: Payment) -> Bool {
            if let method, payment.method != method { return false }
            if let provider, payment.provider != provider { return false }
            return true
        }

        func accepts(_ time: Timestamp) -> Bool {
            if let from, time < from { return false }
            if let to, time >= to { return false }
            return true
        }
    }

    /// Where the statement and the payments do not agree.
    package func compare(
        _ rows: [StatementRow], with scope: StatementScope
    ) throws(ShopError) -> [StatementDifference] {
        try read(.readPayments) { (view, _) throws(ShopError) in
            var movements: [RecordedMovement] = []
            try view.each(Payment.self, KeyRange(collection: "payments")) {
                (payment) throws(ShopError) in
                if scope.accepts(payment) {
                    movements += RecordedMovement.all(of: payment, where: scope.accepts)
                }
                return true
            }
            return StatementDifference.between(rows, movements)
        }
    }

    /// The lines of a statement in CSV.
    ///
    /// - Parameter columns: what the columns `reference` and `amount` are called there.
    /// - Throws: `statement-damaged` (65), with every line that cannot be.
    package func statement(
        _ bytes: [UInt8], named name: String, columns: [String: String]
    ) throws(ShopError) -> [StatementRow] {
        let reader = CSVReader(bytes)
        do throws(CSVError) {
            guard try reader.next() else { return [] }
        } catch {
            throw .statementDamaged("\(name):\(error.line)", error.reason)
        }
        let header = CSVHeader(reader.fields)
        func position(_ column: String) throws(ShopError) -> Int {
            let wanted = columns[column] ?? column
            if let position = header.position(wanted.lowercased()) { return position }
            throw .statementDamaged(
                "\(name):1", "there is no column \(wanted)",
                try: ["--map \(column)=\(header.name(0))"])
        }
        let (reference, amount) = (try position("reference"), try position("amount"))
        var rows: [StatementRow] = []
        var problems: [ShopError] = []
        while true {
            do throws(CSVError) {
                guard try reader.next() else { break }
            } catch {
                throw .statementDamaged("\(name):\(error.line)", error.reason)
            }
            let place = "\(name):\(reader.line)"
            guard reader.fieldCount == header.count else {
                problems.append(
                    .statementDamaged(
                        place, "\(reader.fieldCount) fields under \(header.count) columns"))
                continue
            }
            do throws(ShopError) {
                rows.append(
                    StatementRow(
                        line: reader.line, reference: reader.field(reference),
                        amount: try statedAmount(reader.field(amount))))
            } catch {
                problems.append(.statementDamaged(place, error.message))
            }
        }
        if let error = ShopError.combining(problems) { throw error }
        return rows
    }

    /// `12.50`, `-12.50` or `+12.50`.
    private func statedAmount(_ text: String) throws(ShopError) -> Money {
        let isOut = text.hasPrefix("-")
        let digits = isOut || text.hasPrefix("+") ? String(text.dropFirst()) : text
        let amount = try Money(parsing: digits, currency, named: "amount")
        return isOut ? Money(minorUnits: -amount.minorUnits, currency) : amount
    }
}

extension ShopError {
    static func statementDamaged(
        _ place: String, _ fact: String, try suggestions: [String] = []
    ) -> ShopError {
        ShopError(.data, "statement-damaged", fact, at: place, try: suggestions)
    }
}
