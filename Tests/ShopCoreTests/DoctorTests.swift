import Catalog
import Foundation
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// What `doctor` finds in a shop whose files were damaged, and how much of it it mends.
@Suite struct DoctorTests {
    let directory: TemporaryDirectory
    let root: String
    /// What the shop says of itself before anything happened to its files.
    let before: [String]

    init() throws {
        directory = try TemporaryDirectory()
        root = directory.file("shop")
        let usd = try Currency(parsing: "USD")
        let store = Shop.store(at: root, thresholds: ShopModelTests.tiny)
        try Shop.create(
            in: store, currency: usd, timeZone: .utc, clock: .ticking(), random: .seeded(1))
        let shop = try Shop(
            store, clock: .ticking(), random: .seeded(2), request: .init(command: "test"))
        for number in 1...90 {
            shop.request = .init(command: "step \(number)")
            let sku = try SKU(parsing: "SKU-\(number)")
            var draft = Product.Draft()
            draft.name = "Thing \(number)"
            draft.price = Money(minorUnits: Int64(number * 100), usd)
            _ = try shop.addProduct(sku, draft, stock: 10)
            var request = Shop.OrderRequest(
                customer: try EmailAddress(parsing: "a\(number % 7)@x.example"),
                items: [.init(sku: sku, quantity: try Quantity(2))])
            request.isDraft = number % 5 == 0
            let order = try shop.createOrder(request)
            if number % 3 == 0, order.status == .placed {
                _ = try shop.capturePayment(for: order.number, .cash, nil, reference: nil)
            }
            if number % 4 == 0 {
                _ = try shop.cancelOrder(order.number, reason: nil, refunding: true)
            }
            shop.maintain()
        }
        before = try Self.state(of: shop)
    }

    static func state(of shop: Shop) throws -> [String] {
        var lines: [String] = []
        try shop.eachProduct(Shop.ProductFilter()) { (entry) throws(ShopError) in
            lines.append("\(entry.product.sku) \(entry.stock?.onHand ?? -1)")
            return true
        }
        for index in 0..<7 {
            var filter = Shop.OrderFilter()
            filter.customer = try EmailAddress(parsing: "a\(index)@x.example")
            try shop.eachOrder(filter) { (order) throws(ShopError) in
                lines.append("\(order.number) \(order.status) \(order.captured) \(order.total)")
                return true
            }
        }
        for day in try shop.salesByDay(from: nil, to: nil) { lines.append("\(day.sums)") }
        return lines
    }

    func opened() throws -> Shop {
        try Shop(
            Shop.store(at: root), clock: .ticking(), random: .seeded(3),
            request: .init(command: "test"))
    }

    var doctor: Doctor { Doctor(root, clock: .system, random: .seeded(4)) }

    func files(_ folder: String, _ prefix: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
            .filter { $0.hasPrefix(prefix) }.sorted().map { "\(root)/\(folder)/\($0)" }
    }

    func flip(_ path: String, at fraction: Double) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        let index = Int(Double(data.count) * fraction)
        data[index] ^= 4
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// Findings by code, then a repair, then nothing left and the shop as it was.
    func expectMended(_ codes: Set<String>, quarantines: Bool = true) throws {
        let found = try doctor.examine()
        #expect(Set(found.map(\.code)).isSuperset(of: codes), "\(found.map(\.code))")
        #expect(found.allSatisfy { $0.isMendable }, "\(found)")
        let (mended, left) = try doctor.mend(found)
        #expect(!mended.isEmpty)
        #expect(left == [])
        #expect(try Self.state(of: opened()) == before)
        #expect(try opened().violations() == [])
        if quarantines { #expect(try files("quarantine").isEmpty == false) }
    }

    @Test("a whole shop has no findings") func clean() throws {
        #expect(try doctor.examine() == [])
        let left = try doctor.mend([]).left
        #expect(left == [])
    }

    @Test("the shop of these tests has runs, segments and several journals") func variety() throws {
        #expect(try files("recent").isEmpty == false)
        #expect(try files("journal").count > 1)
        #expect(try files("catalog", "movements").count > 0)
    }

    @Test("files that others may use are closed to them") func modes() throws {
        chmod("\(root)/shop.json", 0o644)
        chmod("\(root)/orders", 0o755)
        chmod(try files("journal")[0], 0o660)
        let found = try doctor.examine()
        #expect(found.map(\.code) == Array(repeating: "open-to-others", count: 3))
        try expectMended(["open-to-others"], quarantines: false)
    }

    @Test("every run that is damaged is made again from the journal") func runs() throws {
        for run in try files("recent") { try flip(run, at: 0.4) }
        try expectMended(["stored-file-damaged"])
    }

    @Test("a run that is gone is made again from the journal") func missingRun() throws {
        try FileManager.default.removeItem(atPath: try files("recent")[0])
        try expectMended(["file-missing"], quarantines: false)
    }

    @Test(
        "every segment that is damaged is made again",
        arguments: ["catalog", "orders", "payments", "index"])
    func segments(_ folder: String) throws {
        for segment in try files(folder) { try flip(segment, at: 0.3) }
        try expectMended(["stored-file-damaged"])
    }

    @Test("a segment whose end line is damaged is made again") func endLine() throws {
        for segment in try files("catalog") { try flip(segment, at: 0.999) }
        try expectMended(["stored-file-damaged"])
    }

    @Test("all runs and segments gone are made again from the journal") func allTables() throws {
        for folder in ["recent", "catalog", "orders", "payments", "index"] {
            for file in try files(folder) { try FileManager.default.removeItem(atPath: file) }
        }
        try expectMended(["file-missing"], quarantines: false)
    }

    @Test("a segment that a bulk load wrote cannot come from the journal, and says so")
    func loadedSegment() throws {
        let rows =
            "sku,name,price\n"
            + (0..<300).map { "bulk-\($0),Bulk,1.00\n" }.joined()
        var rest = Array(rows.utf8)
        let shop = try opened()
        let read = ProductReader("bulk.csv", as: .auto, in: shop.currency) {
            (buffer) throws(ShopError) in
            let count = min(buffer.count, rest.count)
            buffer.copyBytes(from: rest[..<count])
            rest.removeFirst(count)
            return count
        }
        _ = try shop.importProducts(read, onConflict: .fail)
        #expect(try doctor.examine() == [])
        let segment = try #require(try files("catalog", "products").last)
        try flip(segment, at: 0.3)
        let found = try doctor.examine()
        #expect(found.map(\.code) == ["stored-file-damaged"])
        let first = try #require(found.first)
        #expect(!first.isMendable && first.mend.contains("backup"))
    }

    @Test("an unacknowledged tail is cut off and kept") func tornTail() throws {
        let journal = try #require(try files("journal").last)
        let handle = try #require(FileHandle(forWritingAtPath: journal))
        handle.seekToEndOfFile()
        handle.write(Data(#"{"tx":99999,"at":"20"#.utf8))
        try handle.close()
        try expectMended(["torn-tail"])
    }

    @Test("a leftover of an interrupted step goes into quarantine") func leftover() throws {
        let path = "\(root)/orders/orders-999999.jsonl"
        try Data("{}\n".utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        try expectMended(["leftover-file"])
    }

    @Test("a manifest that is gone comes back under its second name") func manifest() throws {
        try FileManager.default.removeItem(atPath: "\(root)/MANIFEST.json")
        try expectMended(["manifest-missing"], quarantines: false)
    }

    @Test("a damaged journal is named by file and line, and left alone") func journal() throws {
        let path = try files("journal")[0]
        try flip(path, at: 0.5)
        let found = try doctor.examine()
        #expect(found.map(\.code) == ["journal-damaged"])
        #expect(found.first?.message.contains(path) == true)
        #expect(found.first?.isMendable == false)
        let left = try doctor.mend(found).left
        #expect(left == found)
    }

    @Test("runs cannot come from a damaged journal") func runAndJournal() throws {
        try flip(try files("journal")[0], at: 0.5)
        try flip(try files("recent")[0], at: 0.5)
        let found = try doctor.examine()
        #expect(found.count == 2 && found.allSatisfy { !$0.isMendable })
    }

    @Test("a journal cut below what was acknowledged is said to be so") func cut() throws {
        let journal = try #require(try files("journal").last)
        let data = try Data(contentsOf: URL(fileURLWithPath: journal))
        let shop = try opened()
        var draft = Product.Draft()
        draft.name = "Late"
        draft.price = Money(minorUnits: 100, shop.currency)
        _ = try shop.addProduct(try SKU(parsing: "LATE"), draft, stock: nil)
        try data.write(to: URL(fileURLWithPath: journal))
        chmod(journal, 0o600)
        let found = try doctor.examine()
        #expect(found.map(\.code).contains("acknowledged-data-missing"))
        #expect(found.allSatisfy { !$0.isMendable })
    }

    @Test("a clock behind the last transaction is named") func clock() throws {
        let past = try #require(Timestamp(rfc3339: "2001-01-01T00:00:00.000Z"))
        let found = try Doctor(root, clock: .fixed(past), random: .seeded(4)).examine()
        #expect(found.map(\.code) == ["clock-behind"])
    }

    @Test("a disk that is nearly full is named, and one with room is not") func disk() throws {
        let files = SimulatedFileSystem()
        try ShopSession.make(on: files)
        func findings(free: Int) throws -> [Finding] {
            var disk = files.disk
            disk.capacity = disk.used + free
            let store = ShopSession.store(on: SimulatedFileSystem(disk: disk))
            return try store.examine(at: ShopCommand.probe(1).time, keysLive: 86_400)
        }
        let found = try findings(free: 100 << 20)
        #expect(found.map(\.code) == ["disk-nearly-full"])
        #expect(found.first?.message.contains("100 MiB are free") == true)
        #expect(try findings(free: 200 << 20).isEmpty)
    }

    @Test("a directory that is no shop is not examined") func foreign() throws {
        for path in [directory.path, directory.file("none")] {
            let doctor = Doctor(path, clock: .system, random: .seeded(1))
            #expect(throws: ShopError.self) { try doctor.examine() }
        }
    }
}
