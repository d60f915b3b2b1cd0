import Formats
import Foundation
import Payments
import Primitives
import Testing

/// Every step in every situation of a payment, as docs/payments.md has it in a table.
@Suite struct PaymentTransitionTests {
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/payments.md")

    static let situations = [
        "hold", "hold, capture 400", "hold, capture 400, void", "hold, capture", "hold, void",
        "take", "take, refund 300", "take, refund", "take, dispute", "take, dispute 400",
        "take, dispute, won", "take, dispute, lost", "take, dispute 400, lost",
        "take, refund 300, dispute", "ask charge", "ask charge, yes", "ask charge, no",
        "ask charge, unreached", "ask charge, again", "ask charge, agree", "ask charge, agree, yes",
        "ask authorize, yes", "ask authorize, yes, ask capture", "ask authorize, yes, ask void",
        "ask authorize, yes, ask capture, no", "ask charge, yes, ask refund",
        "ask charge, yes, ask refund, yes", "ask charge, yes, ask refund, no",
    ]
    static let steps = [
        "capture", "capture 400", "void", "refund", "refund 300", "dispute", "dispute 400", "won",
        "lost", "ask capture", "ask void", "ask refund", "yes", "no", "never", "unreached",
        "silence", "agree",
    ]

    /// What a situation comes to after one more step, or why there is none.
    static func outcome(_ situation: String, _ step: String) throws -> String {
        var payment = try PaymentSteps.payment(situation)
        let before = payment
        do {
            try PaymentSteps.take(step, &payment)
        } catch let error as ShopError {
            #expect(payment == before, "\(situation): \(step) was refused and changed it")
            return "`\(error.code)`"
        }
        #expect(payment.amountProblems() == [], "\(situation), \(step)")
        #expect(try Payment(json: payment.json) == payment, "\(situation), \(step)")
        return payment == before ? "as it was" : payment.status.rawValue
    }

    static func table() throws -> String {
        var rows = ["| after | " + steps.map { "`\($0)`" }.joined(separator: " | ") + " |"]
        rows.append("| --- |" + String(repeating: " --- |", count: steps.count))
        for situation in situations {
            let cells = try steps.map { try outcome(situation, $0) }
            let status = try PaymentSteps.payment(situation).status.rawValue
            rows.append("| \(situation): \(status) | " + cells.joined(separator: " | ") + " |")
        }
        return rows.joined(separator: "\n") + "\n"
    }

    /// `UPDATE_DOCS=1 swift test --filter PaymentTransitionTests` writes the table anew.
    @Test("the table of docs/payments.md says what every step does, legal or refused")
    func transitions() throws {
        let (begin, end) = ("<!-- transitions -->\n", "<!-- end -->")
        var text = try String(contentsOf: Self.page, encoding: .utf8)
        let start = try #require(text.range(of: begin)).upperBound
        let stop = try #require(text.range(of: end)).lowerBound
        let table = try Self.table()
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
            text.replaceSubrange(start..<stop, with: table)
            try text.write(to: Self.page, atomically: true, encoding: .utf8)
            return
        }
        #expect(String(text[start..<stop]) == table)
    }

    @Test("a payment's history, replayed, comes to the same payment") func replayed() throws {
        for situation in Self.situations {
            let payment = try PaymentSteps.payment(situation)
            guard payment.pending == nil else { continue }
            let again = try Payment(
                payment.method, provider: payment.provider, handle: payment.handle,
                entries: payment.entries
            ).numbered(payment.number, for: payment.order)
            #expect(again == payment, "\(situation)")
        }
    }
}

/// A payment of 10.00, and the steps it can take, in words.
enum PaymentSteps {
    static let at = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)
    static let note = PaymentEntry.Note(at: at, by: "bo")

    static func money(_ cents: Int64) throws -> Money {
        Money(minorUnits: cents, try Currency(parsing: "USD"))
    }

    static func intent(_ kind: String, _ amount: Money) throws -> PaymentIntent {
        PaymentIntent(
            try #require(PaymentIntent.Kind(rawValue: kind)), amount, key: "key-\(kind)", note,
            token: "tok_visa")
    }

    static func payment(_ situation: String) throws -> Payment {
        let steps = situation.components(separatedBy: ", ")
        let (number, order) = (PaymentNumber(1001), OrderNumber(1001))
        var payment: Payment
        switch steps[0] {
        case "hold":
            payment = try Payment(number, for: order, .card, authorizing: try money(1000), note)
        case "take":
            payment = try Payment(number, for: order, .card, capturing: try money(1000), note)
        default:
            payment = try Payment(
                number, for: order, .card, by: "acme",
                asking: try intent(String(steps[0].dropFirst(4)), try money(1000)))
        }
        for step in steps.dropFirst() { try take(step, &payment) }
        return payment
    }

    static func take(_ step: String, _ payment: inout Payment) throws {
        let words = step.components(separatedBy: " ")
        let amount = try words.dropFirst().first.flatMap { Int64($0) }.map { try money($0) }
        switch words[0] {
        case "capture": try payment.capture(amount, note)
        case "void": try payment.void(note)
        case "refund": try payment.refund(amount ?? payment.refundable, restocked: [], note)
        case "dispute": try payment.dispute(amount, note)
        case "won", "lost": try payment.endDispute(won: words[0] == "won", note)
        case "ask":
            let held = words[1] == "refund" ? payment.refundable : payment.capturable
            try payment.ask(try intent(words[1], held))
        case "yes": try payment.settle(.succeeded(handle: "pay_7"), at: at)
        case "no":
            try payment.settle(.declined(code: "insufficient_funds", message: "no"), at: at)
        case "unreached":
            try payment.settle(.unreached(code: "unreachable", message: "no network"), at: at)
        case "again": payment.askAgain()
        case "never": try payment.settle(.failed(code: "no-such-token", message: "no"), at: at)
        case "silence": try payment.settle(.unknown("no answer"), at: at)
        case "agree":
            try payment.settle(.actionRequired(handle: "pay_7", url: "https://x.example"), at: at)
        default: Issue.record("no step \(step)")
        }
    }
}
