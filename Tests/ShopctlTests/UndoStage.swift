import Catalog
import Formats
import Foundation
import Orders
import Payments
import Primitives
import Storage
import TestSupport
import Testing
import Users

@testable import ShopCore
@testable import shopctl

/// A shop with an owner, two products, a place, a coupon and a way of shipping, and what of it a
/// command changes.
struct UndoStage {
    let directory: TemporaryDirectory
    let shop: Shop
    private let token: String
    private let passed = Passed()

    private final class Passed: @unchecked Sendable { var minutes: Int64 = 0 }

    private var clock: Clock {
        let passed = passed
        return Clock { Clock.system.now().adding(seconds: passed.minutes * 60) }
    }

    init() throws {
        directory = try TemporaryDirectory()
        let place = DataDirectory(directory.file("mugs"))
        try place.create(
            currency: Currency(parsing: "USD"), timeZone: .utc, clock: .system, random: .system)
        let file = URL(fileURLWithPath: directory.file("mugs/shop.json"))
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing("\"id\":", with: #""accounts":{"passwordCost":1},"id":"#)
            .write(to: file, atomically: true, encoding: .utf8)
        shop = try place.open(clock: .system, random: .system, request: .init(command: "test"))
        let files = [
            "shelf.txt": "MUG-1,17\n",
            "rates.csv": "country,rate,name\nGB,25,VAT\nDE,19,USt\n",
            "products.csv": "sku,name,price,onHand\nCUP-9,Cup,4,3\nMUG-1,Big mug,11,25\n",
            "many.csv": "sku,name,price\n" + (1...300).map { "CUP-\($0),Cup,4\n" }.joined(),
            "orders.csv": "reference,customer,status,placedAt,sku,quantity,unitPrice\n"
                + "W-9,ana@x.example,draft,,MUG-1,1,10\n"
                + "W-8,ana@x.example,placed,2026-10-02,MUG-1,1,10\n",
            "history.csv": "reference,customer,status,placedAt,captured,sku,quantity,unitPrice\n"
                + "W-9,ana@x.example,completed,2026-10-01,10,MUG-1,1,10\n",
            "balances.jsonl":
                #"{"holder":"customer/cy@x.example","history":[{"kind":"grant","amount":"5","#
                + #""at":"2026-11-01T12:00:00Z"},{"kind":"spend","amount":{"amount":"-2.00","#
                + #""currency":"USD"},"at":"2026-11-02T12:00:00Z","payment":"PAY-1009"}]}"# + "\n",
            "users.jsonl": #"{"email":"di@x.example","role":"customer"}"# + "\n",
            "own.txt": "gnu-lathe-violet\n", "secret.txt": "gnu-lathe-crimson\n",
            "other.txt": "gnu-lathe-orange\n",
        ]
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory.file(name)))
            chmod(directory.file(name), 0o600)
        }
        let config = directory.file(".config/shopctl")
        try FileManager.default.createDirectory(
            atPath: config, withIntermediateDirectories: true)
        try Data(#"{"providers":{"sandbox":{"kind":"sandbox"}}}"#.utf8)
            .write(to: URL(fileURLWithPath: config + "/config.json"))
        let email = try EmailAddress(parsing: "you@shop.example")
        let password = Array("gnu-lathe-violet".utf8)
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 1_000, shop.currency)
        _ = try shop.addProduct(SKU(parsing: "MUG-1"), draft, stock: 20)
        _ = try shop.receiveStock(SKU(parsing: "MUG-1"), Quantity(1), note: nil)
        draft.name = "Pen"
        draft.isTracked = false
        _ = try shop.addProduct(SKU(parsing: "PEN-3"), draft, stock: nil)
        _ = try shop.addLocation(LocationName(stored: "back"))
        _ = try shop.addCoupon(
            CouponCode(parsing: "TEN"), .amount(Money(minorUnits: 100, shop.currency)), .init())
        let postage = Money(minorUnits: 490, shop.currency)
        _ = try shop.setShippingMethod(
            SKU(parsing: "POST"), [.init(upToGrams: nil, price: postage)], freeFrom: nil,
            taxClass: nil)
        _ = try shop.signUp(.init(email: email, password: password))
        token = try shop.signIn(email, password: password).tokens.access
        shop.request.token = token
    }

    /// Runs a line as the owner; `./` is the stage's directory.
    func run(_ line: String) -> Tool.Outcome {
        let variables = [
            "HOME": directory.path, "SHOPCTL_DATA_DIR": directory.file("mugs"),
            "SHOPCTL_TOKEN": token,
        ]
        let words = (try? LineSplitter.words(of: line, number: 1, file: "test")) ?? []
        return Tool.outcome(
            of: words.map { $0.hasPrefix("./") ? directory.file(String($0.dropFirst(2))) : $0 }
                + ["--yes", "--no-input"],
            environment: Environment(
                variable: { variables[$0] }, clock: clock, random: .system),
            console: CapturedConsole(input: [], terminals: []))
    }

    /// Runs a line that comes before the one of interest.
    func prepare(_ line: String) throws {
        if line.hasPrefix("clock ") {
            passed.minutes += Int64(line.dropFirst(6).dropLast()) ?? 0
        } else if line.hasPrefix("? ") {
            _ = run(String(line.dropFirst(2)))
        } else {
            try succeed(line)
        }
    }

    func succeed(_ line: String) throws {
        let outcome = run(line)
        try #require(outcome.code == .ok, "\(line): \(String(describing: outcome.error))")
    }

    /// The last transaction.
    func last() throws -> AuditEntry {
        var last: AuditEntry?
        try shop.store.history { (line) throws(ShopError) in
            last = AuditEntry(line)
            return false
        }
        return try #require(last)
    }

    /// Every record that somebody looks at, as far as an undo gives it back. What was made and has
    /// ended is as good as none: numbers and names stay given.
    func state(withHolds: Bool = true) throws -> [String: String] {
        var state: [String: String] = [:]
        try shop.store.read { (view) throws(ShopError) in
            func each<Record: StoredRecord>(
                _ collection: String, _ text: (Record) -> String?
            ) throws(ShopError) {
                try view.each(Record.self, KeyRange(collection: collection)) { (record) in
                    state[record.recordKey.description] = text(record)
                    return true
                }
            }
            try each("products") { (product: Product) in
                product.status == .archived && product.sku.text.hasPrefix("CUP")
                    ? nil
                    : Self.without(["updatedAt", "priceChanges"], product.json)
            }
            try each("stock") { (level: StockLevel) in
                level.allFigures.allSatisfy(\.isEmpty)
                    ? nil : "\(level.allFigures.map { "\($0.name) \($0.onHand) \($0.reserved)" })"
            }
            try each("orders") { (order: Order) in
                order.status == .cancelled
                    ? nil : Self.text(of: order) + (withHolds ? " \(order.holds.authorized)" : "")
            }
            try each("payments") { (payment: Payment) in
                let kept = payment.captured.minorUnits - payment.refunded.minorUnits
                return kept == 0 && payment.capturable.isZero || !withHolds
                    ? nil : "\(payment.order) \(kept) \(payment.disputed) \(payment.status)"
            }
            try each("coupons") { (coupon: Coupon) in
                coupon.endedAt == nil ? String(decoding: coupon.json, as: UTF8.self) : nil
            }
            try each("shipping-methods") { (method: ShippingMethod) in
                String(decoding: method.json, as: UTF8.self)
            }
            try each("tax-rates") { (rate: TaxRate) in String(decoding: rate.json, as: UTF8.self) }
            try each("locations") { (place: StockLocation) in place.name.text }
            try each("balances") { (balance: Balance) in
                balance.amount.isZero ? nil : balance.amount.decimalText
            }
            try each("users") { (user: User) in String(decoding: user.json, as: UTF8.self) }
            try each("seals") { (seal: DaySeal) in seal.sha256 }
        }
        return state
    }

    private static func text(of order: Order) -> String {
        "\(order.customer) \(order.status) \(order.lines) \(order.shipping) \(order.total) "
            + "\(String(describing: order.pricing)) \(order.due) \(order.paid) \(order.overpaid) "
            + "\(order.fulfillment) \(order.shipments) \(order.returns) \(order.details) "
            + "\(order.reference ?? "") \(order.holds.disputed)"
    }

    private static func without(_ names: [String], _ json: [UInt8]) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
        else { return "" }
        return object.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
