import Catalog
import Formats
import Orders
import Payments
import Primitives
import Storage
import TestSupport
import Testing
import Users

@testable import ShopCore

/// Taking accounts away, and people out of the records.
@Suite struct ErasureTests {
    let stage: SigninTests
    let shop: Shop
    let sku: SKU

    private init(stage: SigninTests, shop: Shop, sku: SKU) {
        self.stage = stage
        self.shop = shop
        self.sku = sku
    }

    init() throws {
        stage = try SigninTests()
        shop = stage.shop
        sku = try SKU(parsing: "MUG-1")
        try asOwner()
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 1_000, shop.currency)
        _ = try shop.addProduct(sku, draft, stock: 90)
    }

    func asOwner() throws { stage.actAs(try shop.signIn(stage.owner, password: stage.password)) }

    func code(_ body: () throws -> Void) -> String? { stage.refusal(body)?.code }

    @discardableResult
    func order(_ customer: EmailAddress, completed: Bool = true) throws -> OrderNumber {
        let item = Shop.ItemRequest(sku: sku, quantity: try Quantity(1))
        let order = try shop.createOrder(.init(customer: customer, items: [item]))
        if completed {
            _ = try shop.capturePayment(for: order.number, .cash, nil, reference: nil)
            _ = try shop.shipOrder(order.number, carrier: nil, tracking: nil)
        }
        return order.number
    }

    /// Every record that names an address, whatever its case.
    func records(naming text: String) throws -> [String] {
        let store = Shop.store(at: stage.directory.file("mugs"))
        return try store.read { (view) throws(ShopError) in
            var found: [String] = []
            for collection in Records.layout.collections {
                try view.scan(KeyRange(collection: collection.name)) { (scanned) in
                    let key = String(decoding: scanned.key, as: UTF8.self)
                    let record = String(decoding: scanned.record, as: UTF8.self)
                    if "\(key) \(record)".lowercased().contains(text) {
                        found.append("\(collection.name)/\(key)")
                    }
                    return true
                }
            }
            return found
        }
    }

    @Test("an erased person is in no record, and what was sold and paid is as it was")
    func erasing() throws {
        let banana = try EmailAddress(parsing: "banana@x.example")
        let theirs = try [order(stage.ana), order(stage.ana)]
        let other = try order(banana)
        stage.actAs(try shop.signIn(stage.ana, password: stage.password))
        let own = try shop.createOrder(
            .init(customer: stage.ana, items: [.init(sku: sku, quantity: Quantity(2))]))
        try asOwner()
        #expect(code { _ = try shop.erasePerson(stage.ana) } == "has-open-orders")
        _ = try shop.capturePayment(for: own.number, .card, nil, reference: nil)
        _ = try shop.shipOrder(own.number, carrier: nil, tracking: nil)
        try shop.sendCode(to: stage.ana, .recover)
        _ = stage.fail(stage.ana)
        try asOwner()
        let before = try shop.orders(theirs + [own.number, other])
        #expect(try records(naming: "ana@x.example").count > 10)

        let deletion = try shop.erasePerson(stage.ana)
        let pseudonym = try #require(deletion.pseudonym)
        #expect(pseudonym.text.hasSuffix("@erased.invalid") && deletion.records > 5)
        let left = try records(naming: "ana@x.example")
        #expect(left.allSatisfy { $0.contains("banana") || $0.hasPrefix("orders/") }, "\(left)")
        let hash = Records.hash(of: stage.ana)
        #expect(try records(naming: hash).isEmpty)
        let after = try shop.orders(theirs + [own.number, other])
        for (old, new) in zip(before, after) {
            #expect(new.customer == (old.customer == stage.ana ? pseudonym : banana))
            #expect(new.total == old.total && new.lines == old.lines && new.paid == old.paid)
            #expect(new.placedAt == old.placedAt && new.status == old.status)
        }
        #expect(after[2].createdBy == pseudonym.text && after[0].createdBy == stage.owner.text)
        #expect(try shop.violations().isEmpty)
        #expect(
            code { _ = try shop.signIn(stage.ana, password: stage.password) }
                == "wrong-credentials")
        try asOwner()
        #expect(code { _ = try shop.users([stage.ana]) } == "user-not-found")
        // Once more there is nobody; and the address is free again.
        #expect(
            code { _ = try shop.erasePerson(try .init(parsing: "x@y.example")) }
                == "user-not-found")
        _ = try shop.signUp(.init(email: stage.ana, password: stage.password))
        #expect(try shop.violations().isEmpty)
    }

    @Test("who never had an account can be erased too")
    func guests() throws {
        let guest = try EmailAddress(parsing: "Guest@x.example")
        let number = try order(guest)
        let deletion = try shop.erasePerson(guest)
        #expect(try shop.orders([number])[0].customer == deletion.pseudonym)
        #expect(try records(naming: "guest@x.example").isEmpty)
        #expect(try shop.violations().isEmpty)
    }

    /// Does something when it is counted the second time.
    private final class SecondCall: @unchecked Sendable {
        private(set) var calls = 0
        private let body: () -> Void

        init(_ body: @escaping () -> Void) { self.body = body }

        func count() {
            calls += 1
            if calls == 2 { body() }
        }
    }

    @Test("what is written while the records are looked through is erased too, or refused")
    func overtaken() throws {
        _ = try order(stage.ana)
        let other = try SigninTests.open(stage.directory.file("mugs"), stage.hands.clock)
        other.request.token = shop.request.token
        for isCompleted in [false, true] {
            let meanwhile = ErasureTests(stage: stage, shop: other, sku: sku)
            // The clock is asked for the time of the change after the look through the records.
            let second = SecondCall {
                do {
                    _ = try meanwhile.order(stage.ana, completed: isCompleted)
                } catch {
                    Issue.record(error)
                }
            }
            let hands = stage.hands.clock
            let clock = Clock {
                second.count()
                return hands.now()
            }
            let slow = try SigninTests.open(stage.directory.file("mugs"), clock)
            slow.request.token = shop.request.token
            let refused = code { _ = try slow.erasePerson(stage.ana) }
            #expect(refused == (isCompleted ? nil : "has-open-orders") && second.calls > 2)
            guard !isCompleted else { continue }
            _ = try shop.cancelOrder(OrderNumber(1_002), reason: nil, refunding: false)
        }
        let left = try records(naming: "ana@x.example")
        #expect(left == [], "\(left)")
        #expect(try shop.violations().isEmpty)
    }

    @Test("a deleted account leaves orders under the address, and no session, code or failure")
    func deleting() throws {
        let signin = try shop.signIn(stage.ana, password: stage.password)
        try asOwner()
        let number = try order(stage.ana)
        try shop.sendCode(to: stage.ana, .recover)
        try asOwner()
        let deletion = try shop.deleteUser(stage.ana)
        #expect(deletion.pseudonym == nil)
        #expect(try shop.orders([number])[0].customer == stage.ana)
        #expect(try records(naming: Records.hash(of: stage.ana)).isEmpty)
        #expect(try records(naming: signin.session.tokenHash).isEmpty)
        #expect(code { _ = try shop.deleteUser(stage.ana) } == "user-not-found")
        stage.actAs(signin)
        #expect(code { _ = try shop.whoAmI() } == "session-expired")
        #expect(try shop.violations().isEmpty)
    }

    @Test("the last owner stays, and only who manages users deletes any")
    func refusals() throws {
        #expect(code { _ = try shop.deleteUser(stage.owner) } == "last-owner")
        #expect(code { _ = try shop.erasePerson(stage.owner) } == "last-owner")
        stage.actAs(try shop.signIn(stage.ana, password: stage.password))
        #expect(code { _ = try shop.deleteUser(stage.ana) } == "no-permission")
        #expect(code { _ = try shop.erasePerson(stage.ana) } == "no-permission")
        shop.request.token = nil
        #expect(code { _ = try shop.deleteUser(stage.ana) } == "not-signed-in")
        #expect(code { _ = try shop.erasePerson(stage.ana) } == "not-signed-in")
        try asOwner()
        _ = try shop.setRole(.owner, of: stage.ana)
        _ = try shop.deleteUser(stage.owner)
        #expect(try shop.violations().isEmpty)
    }

    @Test(
        "an address is found by itself, whatever its case, and not inside another one",
        arguments: [
            ("ana@x.example", "p@e.invalid"), ("say ANA@X.example.", "say p@e.invalid."),
            ("banana@x.example", nil), ("ana@x.example.org", nil), ("ana@x.examples", nil),
            ("b.ana@x.example", nil), ("a+ana@x.example", nil),
            ("users/ana@x.example/7", "users/p@e.invalid/7"),
            ("<ana@x.example>, ana@x.example", "<p@e.invalid>, p@e.invalid"),
        ] as [(String, String?)])
    func texts(text: String, expected: String?) throws {
        let redaction = Redaction(
            of: try .init(parsing: "Ana@x.example"), as: .init(stored: "p@e.invalid"))
        let bytes = Array(text.utf8)
        #expect(bytes.withUnsafeBytes(redaction.concerns) == (expected != nil))
        #expect(String(decoding: redaction.redacted(bytes), as: UTF8.self) == expected ?? text)
    }

    @Test("of a record about the person only what is the shop's own is left")
    func records() throws {
        let redaction = Redaction(
            of: try .init(parsing: "ana@x.example"), as: .init(stored: "p@e.invalid"))
        let record = #"""
            {"key":"0000001001","number":1001,"customer":"Ana@x.example",\#
            "total":2598,"shipTo":"1 Lane",\#
            "billTo":"2 Lane","notes":[{"at":"2026","by":"bo@shop.example","text":"rings twice"}],\#
            "lines":[{"name":"Mug"}],"createdBy":"ana@x.example"}
            """#
        let redacted = try redaction.redacted(
            Records.order(OrderNumber(1_001)), Array(record.utf8))
        #expect(
            String(decoding: redacted.record, as: UTF8.self) == #"""
                {"number":1001,"customer":"p@e.invalid","total":2598,"notes":[\#
                {"at":"2026","by":"bo@shop.example","text":"[erased]"}],\#
                "lines":[{"name":"Mug"}],"createdBy":"p@e.invalid"}
                """#)
    }
}
