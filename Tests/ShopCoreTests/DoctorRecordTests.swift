import Catalog
import Foundation
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing
import Users

/// Records that are not what they should be, although every checksum is right: as a faulty program
/// or a hand with a text editor would leave them.
@Suite struct DoctorRecordTests {
    let directory: TemporaryDirectory
    let root: String

    init() throws {
        directory = try TemporaryDirectory()
        root = directory.file("shop")
        let usd = try Currency(parsing: "USD")
        try Shop.create(
            in: Shop.store(at: root), currency: usd, timeZone: .utc, clock: .ticking(),
            random: .seeded(1))
        let shop = try opened()
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 500, usd)
        _ = try shop.addProduct(try SKU(parsing: "MUG-1"), draft, stock: 9)
        for _ in 0..<2 {
            shop.request.idempotencyKey = try IdempotencyKey(parsing: "key-\(UUID())")
            let order = try shop.createOrder(
                Shop.OrderRequest(
                    customer: try EmailAddress(parsing: "ana@x.example"),
                    items: [.init(sku: try SKU(parsing: "MUG-1"), quantity: try Quantity(2))]))
            shop.request.idempotencyKey = nil
            _ = try shop.capturePayment(for: order.number, .cash, nil, reference: nil)
        }
    }

    func opened() throws -> Shop {
        try Shop(
            Shop.store(at: root), clock: .ticking(), random: .seeded(3),
            request: .init(command: "test"))
    }

    var doctor: Doctor { Doctor(root, clock: .system, random: .seeded(4)) }

    static func stamp(_ key: String? = nil, at time: String? = nil) -> Stamp {
        Stamp(
            at: time.flatMap { Timestamp(rfc3339: $0) } ?? Timestamp(millisecondsSinceEpoch: 0),
            by: "[test]", command: "behind everybody's back", idempotencyKey: key)
    }

    func set(_ key: String, _ body: String?) throws {
        try Shop.store(at: root).transact(Self.stamp()) { (tx) throws(ShopError) in
            let key = RecordKey(escaped: Array(key.utf8))
            if let body { tx.set(key, Array(body.utf8)) } else { tx.remove(key) }
        }
    }

    func record(_ key: String) throws -> String {
        let bytes = try Shop.store(at: root).read { (view) throws(ShopError) in
            try view.record(RecordKey(escaped: Array(key.utf8)))
        }
        return String(decoding: try #require(bytes), as: UTF8.self)
    }

    func edit(_ key: String, _ old: String, _ new: String) throws {
        let text = try record(key)
        #expect(text.contains(old), "\(text)")
        try set(key, text.replacingOccurrences(of: old, with: new))
    }

    struct Fault: CustomTestStringConvertible {
        let key: String
        let old: String
        let new: String
        /// Code, place and record of the finding.
        let finding: [String]
        var isMendable = false
        var testDescription: String { "\(key): \(new) is \(finding[0])" }

        init(
            _ key: String, _ old: String, _ new: String, _ finding: [String], mendable: Bool = false
        ) {
            self.key = key
            self.old = old
            self.new = new
            self.finding = finding
            isMendable = mendable
        }
    }

    static let stock = "catalog/stock"
    static let faults: [Fault] = [
        .init("stock/mug-1", "\"reserved\":4", "\"reserved\":3", ["I1", stock, "MUG-1"]),
        .init("stock/mug-1", "\"onHand\":9", "\"onHand\":8", ["I2", stock, "MUG-1"]),
        .init("stock/mug-1", "\"movements\":3", "\"movements\":4", ["I6", stock, "MUG-1"]),
        .init(
            "orders/0000001001", "\"total\":1000,\"capt", "\"total\":1001,\"capt",
            ["I3", "orders/orders", "ORD-1001"]),
        .init(
            "orders/0000001001", "\"unitPrice\":500", "\"unitPrice\":900",
            ["I3", "orders/orders", "ORD-1001"]),
        .init(
            "orders/0000001002", "\"captured\":1000", "\"captured\":900",
            ["I4", "orders/orders", "ORD-1002"]),
        .init(
            "payments/0000001001", "\"authorized\":1000", "\"authorized\":900",
            ["I4", "payments/payments", "PAY-1001"]),
        .init(
            "payments/0000001001", "\"order\":1001", "\"order\":1077",
            ["I5", "payments/payments", "PAY-1001"]),
        .init(
            "orders/0000001001", "\"sku\":\"MUG-1\"", "\"sku\":\"NONE\"",
            ["I5", "orders/orders", "ORD-1001"]),
        .init(
            "movements/mug-1/0000000002", "\"order\":1001", "\"order\":1077",
            ["I5", "catalog/movements", "MUG-1 movement 2"]),
        .init(
            "products/mug-1", "\"price\":500", "\"price\":\"much\"",
            ["record-damaged", "catalog/products", "mug-1"]),
        .init(
            "orders/0000001002", "\"status\":\"placed\"", "\"status\":\"lost\"",
            ["record-damaged", "orders/orders", "0000001002"]),
        .init(
            "orders/0000001002", "\"number\":1002", "\"number\":1001",
            ["record-damaged", "orders/orders", "0000001002"]),
        .init(
            "counters/shop", "\"orders\":1002", "\"orders\":1009",
            ["I6", "index/counters", "shop"], mendable: true),
        .init(
            "days/1970-01-01", "\"gross\":2000", "\"gross\":1000",
            ["I3", "index/days", "1970-01-01"],
            mendable: true),
    ]

    @Test(
        "a record that breaks a rule is named with its place and what shows more", arguments: faults
    )
    func fault(_ fault: Fault) throws {
        var key = fault.key
        if key.hasPrefix("days/") { key = "days/" + (try day()) }
        #expect(try doctor.examine() == [])
        try edit(key, fault.old, fault.new)
        let found = try doctor.examine()
        let record = fault.key.hasPrefix("days/") ? try day() : fault.finding[2]
        let match = found.first {
            $0.code == fault.finding[0] && $0.file == fault.finding[1] && $0.record == record
        }
        #expect(match != nil, "\(found)")
        #expect(match?.isMendable == fault.isMendable)
        #expect(match?.mend.hasPrefix("shopctl ") == true)
        guard fault.isMendable else { return }
        let left = try doctor.mend(found).left
        #expect(left == [])
    }

    /// The day on which all of it happened.
    func day() throws -> String {
        try #require(try opened().salesByDay(from: nil, to: nil).first).day.description
    }

    @Test("seals that do not follow each other, or not on the journal, are named")
    func seals() throws {
        let shop = try opened()
        let days = try ["2020-01-01", "2020-01-02"].map { try #require(CalendarDay($0)) }
        let seals = try days.map { try shop.closeDay($0) }
        #expect(try doctor.examine() == [])
        try edit("seals/2020-01-02", "\"previousDay\":\"2020-01-01\"", "\"previousDay\":\"2019\"")
        #expect(try doctor.examine().map(\.code) == ["I8"])
        try edit("seals/2020-01-02", seals[1].sha256, seals[0].sha256)
        #expect(Set(try doctor.examine().map(\.code)) == ["I8", "seal-broken"])
        try set("seals/2020-01-02", nil)
        #expect(try doctor.examine().map(\.code) == ["I6"])
    }

    @Test("all damaged records are named, not the first only") func several() throws {
        try edit("orders/0000001001", "\"status\":\"placed\"", "\"status\":\"lost\"")
        try edit("orders/0000001002", "\"status\":\"placed\"", "\"status\":\"lost\"")
        try edit("products/mug-1", "\"price\":500", "\"price\":null")
        let damaged = try doctor.examine().filter { $0.code == "record-damaged" }
        #expect(damaged.map(\.record) == ["mug-1", "0000001001", "0000001002"])
        #expect(damaged.last?.mend == "shopctl audit list --id ORD-1002")
    }

    @Test("an index entry that is missing or too many is worked out again") func index() throws {
        try set("status-orders/placed/9999998998", nil)
        try set("customer-orders/nobody@x.example/9999998998", "{}")
        let found = try doctor.examine()
        #expect(found.map(\.code) == ["I5", "I5"] && found.allSatisfy(\.isMendable))
        #expect(try doctor.mend(found).left == [])
    }

    @Test("a session of nobody and an answer that cannot be read are named") func people() throws {
        try set("sessions/abcdefabcdef", Self.session(until: "2999-01-01T00:00:00.000Z"))
        try set("idempotency/k", "{\"fingerprint\":7}")
        let found = try doctor.examine()
        #expect(found.map(\.code) == ["I5", "record-damaged"])
        #expect(found.map(\.file) == ["users/sessions", "index/idempotency"])
    }

    static func session(until time: String) -> String {
        """
        {"tokenHash":"abcdefabcdef","user":"gone@x.example",\
        "createdAt":"2026-01-01T00:00:00.000Z","expiresAt":"\(time)"}
        """
    }

    @Test("people, their sessions and codes are looked at like other records") func users() throws {
        func user(_ email: String, _ role: String = "clerk") -> String {
            #"{"email":"\#(email)","role":"\#(role)","passwordHash":"*","#
                + #""createdAt":"\#(Self.then)"}"#
        }
        let faults: [(String, String, [String])] = [
            ("users/a@x.example", user("A@x.example"), []),
            ("users/b@x.example", user("b@x.example", "cashier"), ["I5", "b@x.example"]),
            // The key is the one index of addresses: none stands under another's.
            ("users/c@x.example", user("a@x.example"), ["record-damaged", "c@x.example"]),
            ("users/d@x.example", #"{"email":"d@x.example"}"#, ["record-damaged", "d@x.example"]),
            ("codes/e/recover", "{}", ["record-damaged", "e/recover"]),
            ("signin-failures/f", "{}", ["record-damaged", "f"]),
            (
                "sessions/abcdefabcdef",
                #"{"tokenHash":"abcdefabcdef","user":"a@x.example","createdAt":"\#(Self.then)","#
                    + #""expiresAt":"2999-01-01T00:00:00.000Z","role":"cashier"}"#,
                ["I5", "abcdefab"]
            ),
        ]
        var expected: [[String]] = [["I6", "shop"]]
        for (key, record, finding) in faults {
            try set(key, record)
            if !finding.isEmpty { expected.append(finding) }
        }
        let found = try doctor.examine().map { [$0.code, $0.record ?? ""] }
        #expect(Set(found) == Set(expected))
    }

    private static let then = "2026-01-01T00:00:00.000Z"

    @Test("codes that expired long ago are removed, and others stay") func staleCodes() throws {
        let shop = try opened()
        let ana = try EmailAddress(parsing: "ana@x.example")
        try shop.sendCode(to: ana, .recover)
        #expect(try doctor.examine() == [])
        let month = try #require(Timestamp(rfc3339: "2027-01-24T00:00:00.000Z"))
        let later = Doctor(root, clock: .fixed(month), random: .seeded(4))
        let found = try later.examine()
        #expect(found.map(\.code) == ["stale-codes"])
        #expect(try later.mend(found).left == [])
    }

    @Test("sessions that expired long ago are removed") func staleSessions() throws {
        try set("sessions/abcdefabcdef", Self.session(until: "2026-01-02T00:00:00.000Z"))
        let now = try #require(Timestamp(rfc3339: "2026-11-24T00:00:00.000Z"))
        let doctor = Doctor(root, clock: .fixed(now), random: .seeded(4))
        let found = try doctor.examine()
        #expect(found.map(\.code) == ["I5", "stale-sessions"])
        #expect(try doctor.mend(found).left == [])
    }

    @Test("a file of somebody else is named", .enabled(if: getuid() == 0)) func owner() throws {
        #expect(chown(root + "/shop.json", 4711, 4711) == 0)
        let found = try doctor.examine()
        #expect(found.map(\.code) == ["other-owner"] && found[0].file == "shop.json")
        #expect(found[0].mend.hasPrefix("chown "))
    }

    @Test("a key that has two effects while it lives is named, and none after it was forgotten")
    func keys() throws {
        func use(_ key: String, _ time: String) throws {
            try Shop.store(at: root).transact(Self.stamp(key, at: time)) { (tx) throws(ShopError) in
                tx.set(RecordKey("counters", "note"), Array("{\"at\":\"\(time)\"}".utf8))
            }
        }
        try use("again", "2030-01-01T00:00:00.000Z")
        try use("again", "2030-02-01T00:00:00.000Z")
        let now = try #require(Timestamp(rfc3339: "2030-03-05T00:00:00.000Z"))
        let doctor = Doctor(root, clock: .fixed(now), random: .seeded(4))
        #expect(try doctor.examine() == [])
        try use("again", "2030-03-02T00:00:00.000Z")
        let found = try doctor.examine()
        #expect(found.map(\.code) == ["I7"])
        #expect(found.first?.record == "transaction 8", "\(found)")
    }

    @Test("members that this version does not know are no finding, and are kept") func unknown()
        throws
    {
        try edit("products/mug-1", "\"price\":500", "\"price\":500,\"colour\":{\"of\":[\"sky\"]}")
        #expect(try doctor.examine() == [])
        let shop = try opened()
        var changes = Product.Draft()
        changes.name = "Cup"
        _ = try shop.editProduct(try SKU(parsing: "MUG-1"), changes)
        #expect(try record("products/mug-1").contains("\"colour\":{\"of\":[\"sky\"]}"))
    }
}
