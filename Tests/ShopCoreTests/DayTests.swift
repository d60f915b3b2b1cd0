import Catalog
import Formats
import Foundation
import Orders
import Payments
import Primitives
import Storage
import TestSupport
import Testing

@testable import ShopCore

/// Days that are closed: what they come to, and what the seal over them covers.
@Suite struct DayTests {
    let directory: TemporaryDirectory
    let root: String
    let shop: Shop
    private let begin = Clock.ticking().now()

    /// Some days of orders, payments and refunds, five hours from one command to the next.
    init() throws {
        directory = try TemporaryDirectory()
        root = directory.file("shop")
        let ticks = Clock.ticking()
        let begin = begin
        let clock = Clock {
            let passed = ticks.now().millisecondsSinceEpoch - begin.millisecondsSinceEpoch
            return begin.adding(seconds: passed / 1_000 * 18_000)
        }
        let store = Shop.store(at: root, thresholds: ShopModelTests.tiny)
        try Shop.create(
            in: store, currency: Currency(parsing: "EUR"),
            timeZone: TimeZoneName(parsing: "Pacific/Auckland"), clock: clock, random: .seeded(1))
        shop = try Shop(
            store, clock: clock, random: .seeded(1), request: .init(command: "test"))
        let sku = try SKU(parsing: "MUG-1")
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 1_299, shop.currency)
        _ = try shop.addProduct(sku, draft, stock: 500)
        let ana = try EmailAddress(parsing: "ana@x.example")
        for number in 0..<24 {
            let item = Shop.ItemRequest(sku: sku, quantity: try Quantity(Int64(number % 3 + 1)))
            let order = try shop.createOrder(.init(customer: ana, items: [item]))
            let method: PaymentMethod = number % 4 == 0 ? .cash : .card
            if number % 2 == 0 {
                _ = try shop.capturePayment(for: order.number, method, nil, reference: nil)
            }
            if number % 6 == 0 {
                _ = try shop.cancelOrder(order.number, reason: nil, refunding: true)
            }
            shop.maintain()
        }
    }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ShopError)?.code
        }
    }

    private func proof() throws -> AuditProof {
        try Auditor(root, clock: .system, random: .seeded(5)).prove()
    }

    @Test("every day that is over comes to its totals, and its seal to what anybody computes")
    func closing() throws {
        let days = try shop.salesByDay(from: nil, to: nil)
        #expect(days.count > 6)
        var previous: DaySeal?
        for day in days.dropLast() {
            let seal = try shop.closeDay(day.day)
            #expect(seal.figures.sums == day.sums)
            #expect(seal.figures.methods.reduce(0) { $0 + $1.captured } == day.sums.captured)
            #expect(seal.figures.methods.reduce(0) { $0 + $1.refunded } == day.sums.refunded)
            #expect(seal.previous == previous?.sha256 && seal.previousDay == previous?.day)
            #expect(try DaySeal(json: seal.json) == seal)
            #expect(try shop.closedDay(day.day).seal == seal)
            let expected = try hash(
                of: lines(after: previous?.tx ?? 0, upTo: seal.tx), after: previous)
            #expect(seal.sha256 == expected)
            previous = seal
        }
        let proof = try proof()
        #expect(proof.findings == [] && proof.seals == Int64(days.count - 1))
    }

    /// The journal's lines as a text editor shows them.
    private func lines(after first: Int64, upTo last: Int64) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + "/journal").sorted()
            .flatMap { name in
                try String(contentsOfFile: "\(root)/journal/\(name)", encoding: .utf8)
                    .split(separator: "\n").map(String.init)
            }
            .filter { line in
                guard line.hasPrefix("{\"tx\":") else { return false }
                let number = Int64(line.dropFirst(6).prefix { $0.isNumber }) ?? 0
                return number > first && number <= last
            }
    }

    private func hash(of lines: [String], after previous: DaySeal?) -> String {
        let text = (previous?.sha256 ?? "") + lines.map { $0 + "\n" }.joined()
        return Hex.encode(SHA256.of(Array(text.utf8)))
    }

    @Test("days are closed once, when they are over, and in their order") func refusals() throws {
        let days = try shop.salesByDay(from: nil, to: nil).map(\.day)
        let today = try #require(days.last).adding(days: 400)
        #expect(code { _ = try shop.closeDay(today) } == "day-not-over")
        _ = try shop.closeDay(days[2])
        #expect(code { _ = try shop.closeDay(days[2]) } == "day-closed")
        #expect(code { _ = try shop.closeDay(days[0]) } == "day-closed")
        #expect(code { _ = try shop.closedDay(days[1]).seal } == "day-not-closed")
        _ = try shop.closeDay(days[3])
    }

    @Test("a day whose totals are not what the records say is not sealed") func footing() throws {
        var wrong = try shop.salesByDay(from: nil, to: nil)[1]
        wrong.sums.captured += 1
        let record = wrong
        try shop.store.transact(shop.stamp(by: "[test]")) { $0.put(record) }
        #expect(code { _ = try shop.closeDay(wrong.day) } == "day-does-not-foot")
        #expect(code { _ = try shop.closedDay(wrong.day).seal } == "day-not-closed")
    }

    @Test("a day whose movements are not what was on hand is not sealed") func stock() throws {
        let day = try shop.salesByDay(from: nil, to: nil)[0].day
        let view = try shop.store.read { (view) throws(ShopError) in
            try view.find(
                StockMovement.self,
                RecordKey("movements", SKU(stored: "MUG-1").folded, number: 2))
        }
        let known = try #require(view)
        let wrong = StockMovement(
            sku: known.sku, number: 2, kind: known.kind, onHand: known.onHand - 1,
            reserved: known.reserved, onHandAfter: known.onHandAfter,
            reservedAfter: known.reservedAfter, cause: known.cause)
        try shop.store.transact(shop.stamp(by: "[test]")) { $0.put(wrong) }
        #expect(code { _ = try shop.closeDay(day) } == "day-does-not-foot")
    }

    @Test("a seal that the journal does not agree with is named") func broken() throws {
        let days = try shop.salesByDay(from: nil, to: nil).map(\.day)
        _ = try shop.closeDay(days[0])
        let seal = try shop.closeDay(days[1])
        _ = try shop.closeDay(days[2])
        let text = String(decoding: seal.json, as: UTF8.self)
        let forged = text.replacing(seal.sha256.prefix(8), with: "00000000")
        try shop.store.transact(shop.stamp(by: "[test]")) {
            $0.set(Records.seal(seal.day), Array(forged.utf8))
        }
        let found = try proof().findings
        #expect(Set(found.map(\.code)) == ["seal-broken"])
        #expect(found.first?.message.contains(seal.day.description) == true, "\(found)")
    }
}
