import Foundation
import Orders
import Primitives
import Testing

/// Every step in every situation of an order, as docs/orders.md has it in a table.
@Suite struct OrderTransitionTests {
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/orders.md")

    /// Steps that lead to a situation worth looking at, from a draft on.
    static let situations = [
        "", "place", "place, capture", "place, ship A=1", "place, ship A=1, deliver",
        "place, ship A=1, capture", "place, ship", "place, ship A=2, ship B=1, deliver 1",
        "place, ship, deliver", "place, capture, ship", "place, capture, ship, deliver",
        "place, capture, ship, refund", "place, ship, return A=1",
        "place, capture, ship, return A=1", "place, capture, ship, return A=2 B=1, refund",
        "place, cancel A=1", "place, ship A=1, cancel A=1 B=1", "cancel", "place, cancel",
        "place, capture, refund, cancel", "place, expire", "place, edit A=3",
        "place, capture, edit A=3", "place, ship A=1, edit A=1 B=0",
        "place, capture, ship, exchange A=1 C=2", "place, capture, ship, exchange B=1 A=1, capture",
        "place, capture, ship, exchange A=2 B=1, ship",
    ]
    static let steps = [
        "place", "ship", "ship A=1", "ship B=2", "ship C=1", "deliver", "deliver 2", "return A=1",
        "return A=3", "exchange A=1 C=2", "exchange A=3 C=1", "edit A=3", "edit A=1", "edit A=0",
        "edit A=0 B=0", "cancel", "cancel A=1", "cancel A=2 B=1", "expire", "capture", "refund",
    ]

    /// What a situation comes to after one more step, or why there is none.
    static func outcome(_ situation: String, _ step: String) throws -> String {
        var order = try OrderSteps.order()
        for step in situation.split(separator: ",") { try OrderSteps.take(String(step), &order) }
        let before = order
        do {
            try OrderSteps.take(step, &order)
        } catch let error as ShopError {
            #expect(order == before, "\(situation): \(step) was refused and changed the order")
            return "`\(error.code)`"
        }
        return "\(order.status) \(order.fulfillment) \(order.payment)"
    }

    static func table() throws -> String {
        var rows = ["| after | " + steps.map { "`\($0)`" }.joined(separator: " | ") + " |"]
        rows.append("| --- |" + String(repeating: " --- |", count: steps.count))
        for situation in situations {
            let cells = try steps.map { try outcome(situation, $0) }
            let name = situation.isEmpty ? "draft" : "draft, " + situation
            rows.append("| \(name) | " + cells.joined(separator: " | ") + " |")
        }
        return rows.joined(separator: "\n") + "\n"
    }

    /// `UPDATE_DOCS=1 swift test --filter OrderTransitionTests` writes the table anew.
    @Test("the table of docs/orders.md says what every step does, legal or refused")
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
}

/// An order of two mugs and a cup, and the steps it can take, in words.
enum OrderSteps {
    static let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)

    static func order(_ items: [(String, Int64, Int64)] = [("A", 2, 1000), ("B", 1, 500)]) throws
        -> Order
    {
        let usd = try Currency(parsing: "USD")
        return try Order(
            OrderNumber(1001), customer: EmailAddress(parsing: "ana@x.example"),
            lines: try items.map { sku, count, price in
                try LineItem(
                    SKU(parsing: sku), named: sku, Quantity(count),
                    at: Money(minorUnits: price, usd))
            }, shipping: .zero(usd), reference: nil, by: "ana", at: now)
    }

    /// `A=1 B=2`.
    static func units(_ words: [Substring]) throws -> [UnitCount] {
        try words.map { word in
            let parts = word.split(separator: "=")
            return UnitCount(
                sku: try SKU(parsing: String(parts[0])), count: try #require(Int64(parts[1])))
        }
    }

    /// Lines at the prices of today: mugs cost 10.00, and all else 5.00.
    static func lines(_ units: [UnitCount], _ currency: Currency) throws -> [LineItem] {
        try units.map { unit in
            let price = Money(minorUnits: unit.sku.text == "A" ? 1000 : 500, currency)
            return try LineItem(unit.sku, named: "", try Quantity(unit.count), at: price)
        }
    }

    static func take(_ step: String, _ order: inout Order) throws {
        let words = step.split(separator: " ")
        let rest = Array(words.dropFirst())
        switch words.first {
        case "place": try order.place(at: now)
        case "ship":
            _ = try order.ship(
                try units(rest), carrier: nil, tracking: nil, by: "bo", at: now)
        case "deliver": try order.deliver(rest.first.flatMap { Int($0) }, by: "bo", at: now)
        case "return":
            _ = try order.takeBack(try units(rest), .restock, reason: nil, by: "bo", at: now)
        case "edit":
            let (more, less) = try order.difference(to: try units(rest))
            _ = try order.edit(
                adding: try lines(more, order.currency), removing: less, shipping: nil,
                reason: nil, by: "bo", at: now)
        case "exchange":
            _ = try order.exchange(
                try units([rest[0]]), .restock,
                for: try lines(try units([rest[1]]), order.currency), reason: nil, by: "bo",
                at: now)
        case "cancel" where rest.isEmpty: try order.cancel(reason: nil, at: now)
        case "cancel": _ = try order.cancel(try units(rest), reason: nil, by: "bo", at: now)
        case "expire": try order.expire(at: now)
        case "capture":
            let amount = try rest.first.map { try #require(Int64($0)) } ?? order.due.minorUnits
            try order.capture(Money(minorUnits: amount, order.currency), at: now)
        case "refund":
            let amount = try rest.first.map { try #require(Int64($0)) } ?? order.paid.minorUnits
            try order.refund(Money(minorUnits: amount, order.currency), at: now)
        default: Issue.record("no step \(step)")
        }
    }
}
