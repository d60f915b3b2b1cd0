import Catalog
import Formats
import Foundation
import Orders
import Payments
import Primitives
import TestSupport
import Testing

@testable import ShopCore
@testable import Storage

/// Every way into the books of a day that is closed: refused, or a correction that says so.
@Suite struct SealedDayTests {
    private let directory: TemporaryDirectory
    private let root: String
    private let time = SetClock()
    private let sealed = CalendarDay("2026-11-23")

    /// A clock that tests set, and what happens the next time that it is looked at.
    private final class SetClock: @unchecked Sendable {
        private let lock = NSLock()
        private var now = Timestamp(millisecondsSinceEpoch: 0)
        private var event: (() -> Void)?

        func set(_ text: String) { lock.withLock { now = Timestamp(rfc3339: text) ?? now } }
        func atNextLook(_ event: @escaping () -> Void) { lock.withLock { self.event = event } }

        var clock: Clock {
            Clock {
                let event = self.lock.withLock {
                    defer { self.event = nil }
                    return self.event
                }
                event?()
                return self.lock.withLock {
                    self.now = self.now.adding(seconds: 1)
                    return self.now
                }
            }
        }
    }

    /// An order of the 23rd that is paid and shipped on the 24th, and the 23rd closed.
    init() throws {
        directory = try TemporaryDirectory()
        root = directory.file("shop")
        time.set("2026-11-23T12:00:00.000Z")
        try Shop.create(
            in: Shop.store(at: root), currency: Currency(parsing: "USD"), timeZone: .utc,
            clock: time.clock, random: .seeded(1))
        let shop = try opened()
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 1_000, shop.currency)
        _ = try shop.addProduct(SKU(parsing: "MUG-1"), draft, stock: 50)
        _ = try order(shop)
        time.set("2026-11-24T09:00:00.000Z")
        _ = try shop.closeDay(day(sealed))
    }

    private func day(_ day: CalendarDay?) throws -> CalendarDay { try #require(day) }

    private func opened() throws -> Shop {
        try Shop(
            Shop.store(at: root), clock: time.clock, random: .seeded(3),
            request: .init(command: "test"))
    }

    private func order(_ shop: Shop) throws -> Order {
        let item = Shop.ItemRequest(sku: try SKU(parsing: "MUG-1"), quantity: try Quantity(1))
        return try shop.createOrder(
            .init(customer: try EmailAddress(parsing: "ana@x.example"), items: [item]))
    }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ShopError)?.code ?? "\(error)"
        }
    }

    private func found() throws -> [String] {
        try Doctor(root, clock: time.clock, random: .seeded(4)).examine().map(\.code)
    }

    private func sums(_ shop: Shop) throws -> DayTotals.Sums {
        let days = try shop.salesByDay(from: nil, to: nil)
        return days.first { $0.day == sealed }?.sums ?? DayTotals.Sums()
    }

    /// Imports orders of a file in CSV.
    private func take(
        _ rows: String, because reason: String? = nil, into shop: Shop
    ) throws -> ImportSummary {
        var text =
            Array("reference,customer,status,placedAt,captured,sku,quantity,unitPrice\n".utf8)
            + Array(rows.utf8)
        let reader = OrderReader("orders.csv", in: shop.currency, .utc) { buffer in
            let count = min(buffer.count, text.count)
            buffer.copyBytes(from: text.prefix(count))
            text.removeFirst(count)
            return count
        }
        var options = OrderImportOptions()
        options.correction = reason
        return try shop.importOrders(reader, options)
    }

    private static func row(_ number: Int, _ time: String, _ captured: String = "") -> String {
        "W-\(number),bo@x.example,completed,\(time),\(captured),MUG-1,1,10\n"
    }

    @Test("what a file dates into a sealed day is refused, or a correction that adds up")
    func imports() throws {
        let shop = try opened()
        let before = try sums(shop)
        let late = Self.row(1, "2026-11-23T10:00:00Z", "10")
        let early = Self.row(2, "2026-11-20T10:00:00Z", "10")
        for rows in [late, early, Self.row(3, "2026-11-24T01:00:00Z") + early] {
            #expect(code { _ = try take(rows, into: shop) } == "day-sealed")
        }
        #expect(try sums(shop) == before)
        _ = try take(late, because: "till receipt found", into: shop)
        _ = try take(early + Self.row(4, "2026-11-23T11:00:00Z"), because: "two more", into: shop)
        let (seal, corrections) = try shop.closedDay(day(sealed))
        #expect(corrections.map(\.reason) == ["till receipt found", "two more"])
        #expect(corrections.map(\.number) == [1, 2] && seal.figures.sums == before)
        var expected = before
        for correction in corrections { expected.add(correction.totals.sums) }
        #expect(try sums(shop) == expected && expected.orders == before.orders + 2)
        for correction in corrections {
            #expect(try DayCorrection(json: correction.json) == correction)
        }
        #expect(try shop.violations() == [])
        #expect(try found() == [])
    }

    @Test("an import of many rows corrects a sealed day too") func manyRows() throws {
        let shop = try opened()
        let rows = (1...300).map { Self.row($0, "2026-11-23T10:00:00Z", "10") }.joined()
        #expect(code { _ = try take(rows, into: shop) } == "day-sealed")
        _ = try take(rows, because: "the other till", into: shop)
        let correction = try shop.closedDay(day(sealed)).corrections.first
        #expect(correction?.totals.sums.orders == 300)
        #expect(correction?.totals.sums.captured == 300_000)
        #expect(try shop.violations() == [])
    }

    @Test("a clock that is set back stamps nothing before the seal") func clockSetBack() throws {
        let shop = try opened()
        let before = try sums(shop)
        time.set("2026-11-22T08:00:00.000Z")
        let order = try order(shop)
        _ = try shop.capturePayment(for: order.number, .cash, nil, reference: nil)
        #expect(try order.createdAt > shop.closedDay(day(sealed)).seal.at.adding(seconds: -1))
        #expect(try sums(shop) == before)
        #expect(try shop.violations() == [])
        #expect(try found() == ["clock-behind"])
    }

    @Test("in another time zone, in which the sealed day goes on, nothing is done")
    func anotherZone() throws {
        let file = URL(fileURLWithPath: root + "/shop.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing("\"UTC\"", with: "\"Pacific/Honolulu\"")
            .write(to: file, atomically: true, encoding: .utf8)
        let shop = try opened()
        #expect(code { _ = try order(shop) } == "day-sealed")
        let number = try OrderNumber(parsing: "ORD-1001")
        #expect(
            code { _ = try shop.capturePayment(for: number, .cash, nil, reference: nil) }
                == "day-sealed")
        time.set("2026-11-24T10:00:00.000Z")
        _ = try order(shop)
    }

    @Test("what was done on a sealed day is undone today") func undo() throws {
        let shop = try opened()
        let before = try sums(shop)
        _ = try shop.undo(2)
        #expect(try sums(shop) == before)
        #expect(try shop.salesByDay(from: nil, to: nil).last?.sums.cancelledOrders == 1)
        #expect(try shop.violations() == [])
    }

    @Test("a sealed day that changed without a correction is named") func behindItsBack() throws {
        let shop = try opened()
        _ = try take(Self.row(1, "2026-11-23T10:00:00Z"), because: "found", into: shop)
        try shop.store.transact(shop.stamp(by: "[test]")) {
            $0.remove(RecordKey("corrections", "2026-11-23", number: 1))
        }
        #expect(try found() == ["I8"])
    }

    // MARK: - Others at work

    @Test("a day is not closed where an earlier one was closed while it was added up")
    func overtaken() throws {
        let (shop, other) = (try opened(), try opened())
        time.set("2026-11-27T09:00:00.000Z")
        time.atNextLook { _ = try? other.closeDay(CalendarDay("2026-11-24")!) }
        #expect(code { _ = try shop.closeDay(day(CalendarDay("2026-11-25"))) } == "overtaken")
        _ = try shop.closeDay(day(CalendarDay("2026-11-25")))
        #expect(try found() == [])
    }

    @Test("a day is not closed where it was changed while it was added up")
    func overtakenByImport() throws {
        let (shop, other) = (try opened(), try opened())
        time.set("2026-11-27T09:00:00.000Z")
        let row = Self.row(1, "2026-11-24T10:00:00Z")
        time.atNextLook { _ = try? self.take(row, into: other) }
        #expect(code { _ = try shop.closeDay(day(CalendarDay("2026-11-24"))) } == "overtaken")
        #expect(try shop.closeDay(day(CalendarDay("2026-11-24"))).figures.sums.orders == 1)
    }

    @Test("an import is refused where somebody changed one of its products meanwhile")
    func overtakenImport() throws {
        let (shop, other) = (try opened(), try opened())
        var text =
            Array("sku,name,price\nMUG-1,Cup,4\n".utf8)
            + Array((1...300).map { "SKU-\($0),Cup,4\n" }.joined().utf8)
        var draft = Product.Draft()
        draft.name = "Big mug"
        let (sku, edit) = (try SKU(parsing: "MUG-1"), draft)
        let reader = ProductReader("products.csv", as: .auto, in: shop.currency) { buffer in
            if text.isEmpty { _ = try? other.editProduct(sku, edit) }
            let count = min(buffer.count, text.count)
            buffer.copyBytes(from: text.prefix(count))
            text.removeFirst(count)
            return count
        }
        #expect(code { _ = try shop.importProducts(reader, onConflict: .update) } == "overtaken")
        #expect(try shop.products([sku]).first?.product.name == "Big mug")
        #expect(try shop.violations() == [])
    }

    // MARK: - Hands with a text editor and a program for checksums

    /// Changes a line of the journal, and writes the rest anew so that every checksum is right.
    private func forge(_ tx: Int, _ old: String, _ new: String) throws {
        let path = try #require(
            FileManager.default.contentsOfDirectory(atPath: root + "/journal").first)
        let file = URL(fileURLWithPath: "\(root)/journal/\(path)")
        var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .map(String.init)
        var crc = ""
        for index in lines.indices.dropFirst(tx) {
            var line = lines[index]
            if index == tx {
                #expect(line.contains(old))
                line = line.replacing(old, with: new)
            } else {
                let end = try #require(line.range(of: ",\"prev\":\"", options: .backwards))
                line.replaceSubrange(
                    end.upperBound..<line.index(end.upperBound, offsetBy: 8), with: crc)
            }
            var bytes = Array(line.utf8.dropLast(ChecksummedLine.suffixLength))
            crc = CRC32.hex(ChecksummedLine.seal(&bytes))
            lines[index] = String(decoding: bytes.dropLast(), as: UTF8.self)
        }
        try (lines.joined(separator: "\n") + "\n").write(
            to: file, atomically: false, encoding: .utf8)
    }

    private func proof() throws -> [String] {
        try Auditor(root, clock: time.clock, random: .seeded(5)).prove().findings.map(\.code)
    }

    @Test("a journal that was written anew with good checksums is not what was sealed")
    func forgedJournal() throws {
        #expect(try proof() == [])
        try forge(1, "\"command\":\"test\"", "\"command\":\"tset\"")
        #expect(try proof() == ["seal-broken"])
        #expect(try found() == ["seal-broken"])
    }

    @Test("a transaction that is stamped before the one before it is named")
    func wentBack() throws {
        _ = try order(try opened())
        try forge(4, "\"at\":\"2026-11-24T09:", "\"at\":\"2026-11-24T08:")
        #expect(try proof() == ["time-went-back"])
        #expect(try found() == ["time-went-back"])
    }
}
