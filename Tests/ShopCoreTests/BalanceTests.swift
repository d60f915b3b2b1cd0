import Catalog
import Formats
import Orders
import Payments
import Primitives
import ShopCore
import TestSupport
import Testing

/// Gift cards and store credit: what is paid with them, and what goes back.
@Suite struct BalanceTests {
    let directory: TemporaryDirectory
    let shop: Shop
    let number = OrderNumber(1001)
    let ana: EmailAddress

    /// A shop with orders of 30.00 each.
    init() throws {
        directory = try TemporaryDirectory()
        ana = try EmailAddress(parsing: "ana@x.example")
        let store = Shop.store(at: directory.file("shop"))
        try Shop.create(
            in: store, currency: Currency(parsing: "USD"), timeZone: .utc, clock: .ticking(),
            random: .seeded(1))
        shop = try Shop(
            store, clock: .ticking(), random: .seeded(2), request: .init(command: "test"))
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = money(1_000)
        _ = try shop.addProduct(try SKU(parsing: "MUG-1"), draft, stock: 9)
        for _ in 0..<3 {
            _ = try shop.createOrder(
                .init(
                    customer: ana,
                    items: [.init(sku: SKU(parsing: "MUG-1"), quantity: Quantity(3))]))
        }
    }

    func money(_ cents: Int64) -> Money { Money(minorUnits: cents, shop.currency) }

    func code(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "ok"
        } catch { return (error as? ShopError)?.code ?? "\(error)" }
    }

    @Test("an order is paid by a gift card, store credit and cash, and each gets its own back")
    func several() throws {
        let (card, secret) = try shop.issueGiftCard(money(1_200), reason: nil)
        _ = try shop.grantCredit(money(500), to: ana, reason: "late")
        // However the code is typed.
        let first = try shop.captureBalance(
            for: number, code: try #require(secret).lowercased().replacing("-", with: " "), nil)
        #expect(first.method == .giftCard && first.captured == money(1_200))
        let second = try shop.captureBalance(for: number, code: nil, nil)
        #expect(second.method == .storeCredit && second.captured == money(500))
        _ = try shop.capturePayment(for: number, .cash, nil, reference: nil)
        #expect(try shop.orders([number])[0].payment == .captured)
        #expect(try shop.balance(card.id).balance.amount.isZero)
        #expect(
            code { _ = try shop.captureBalance(for: OrderNumber(1002), code: secret, nil) }
                == "balance-not-found")
        #expect(try shop.violations() == [])
        _ = try shop.refundPayment(.order(number), money(2_500), reason: "broken", restocked: [])
        let history = try shop.balance(card.id)
        #expect(history.balance.amount == money(700))
        #expect(history.movements.map(\.kind) == [.issue, .spend, .giveBack])
        #expect(history.movements.map(\.amount) == [money(1_200), money(-1_200), money(700)])
        #expect(try shop.balance("ana@x.example").balance.amount == money(500))
        #expect(try shop.violations() == [])
    }

    @Test("nobody pays with more than there is, or with what is not theirs") func refusals() throws
    {
        let (_, secret) = try shop.issueGiftCard(money(1_000), reason: nil)
        #expect(
            code { _ = try shop.captureBalance(for: number, code: secret, money(1_001)) }
                == "balance-too-low")
        #expect(
            code { _ = try shop.captureBalance(for: number, code: "AAAA-BBBB-CCCC", nil) }
                == "balance-not-found")
        #expect(
            code { _ = try shop.captureBalance(for: number, code: "short", nil) }
                == "invalid-gift-code")
        #expect(
            code { _ = try shop.captureBalance(for: number, code: nil, nil) }
                == "balance-not-found")
        #expect(code { _ = try shop.issueGiftCard(money(0), reason: nil) } == "amount-not-positive")
        #expect(code { _ = try shop.balance("GC-00000000") } == "balance-not-found")
        _ = try shop.cancelOrder(number, reason: nil, refunding: false)
        #expect(
            code { _ = try shop.captureBalance(for: number, code: secret, money(1)) }
                == "order-not-payable")
        #expect(try shop.violations() == [])
    }

    @Test("a cancelled order gives back what it was paid with") func cancelled() throws {
        let (card, secret) = try shop.issueGiftCard(money(3_000), reason: nil)
        _ = try shop.captureBalance(for: number, code: secret, nil)
        _ = try shop.cancelOrder(number, reason: nil, refunding: true)
        #expect(try shop.balance(card.id).balance.amount == money(3_000))
        #expect(try shop.violations() == [])
    }

    @Test("the same key issues one card", arguments: [1, 2] as [UInt64]) func keys(_: UInt64) throws
    {
        shop.request.idempotencyKey = try IdempotencyKey(parsing: "gift-1")
        let first = try shop.issueGiftCard(money(100), reason: nil)
        let second = try shop.issueGiftCard(money(100), reason: nil)
        #expect(first.balance == second.balance)
        let holder = try Balance.Holder(code: try #require(first.code))
        #expect(holder == first.balance.holder)
        // Who cannot work the code out again is told none.
        #expect(second.code == nil)
    }

    @Test(
        "a balance is the sum of its movements and never below zero",
        arguments: [1, 2, 3, 4] as [UInt64])
    func sums(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var cards: [(id: String, code: String)] = []
        for _ in 0..<120 {
            let amount = money(random.number(1...900))
            let order = OrderNumber(1_000 + random.number(1...3))
            // What is refused changes nothing, and is no matter here.
            _ = code {
                switch random.number(0...5) {
                case 0:
                    let (balance, code) = try shop.issueGiftCard(amount, reason: nil)
                    cards.append((balance.id, code ?? ""))
                case 1: _ = try shop.grantCredit(amount, to: ana, reason: nil)
                case 2: _ = try shop.captureBalance(for: order, code: nil, amount)
                case 3:
                    let code = cards.isEmpty ? nil : random.one(of: cards).code
                    _ = try shop.captureBalance(for: order, code: code, nil)
                default:
                    _ = try shop.refundPayment(.order(order), amount, reason: nil, restocked: [])
                }
            }
        }
        #expect(try shop.violations() == [], "\(random)")
        var owed: Int64 = 0
        try shop.eachBalance { (balance) throws(ShopError) in
            #expect(!balance.amount.isNegative, "\(random)")
            owed += balance.amount.minorUnits
            return true
        }
        var paid: Int64 = 0
        var put: Int64 = 0
        try shop.eachPayment(.init()) { (payment) throws(ShopError) in
            paid += payment.captured.minorUnits - payment.refunded.minorUnits
            return true
        }
        for id in cards.map(\.id) + ["ana@x.example"] {
            let movements = (try? shop.balance(id))?.movements ?? []
            put += movements.filter { $0.kind == .issue || $0.kind == .grant }
                .reduce(0) { $0 + $1.amount.minorUnits }
            for movement in movements {
                #expect(try BalanceMovement(json: movement.json) == movement)
            }
        }
        // What was put in is either still owed or has paid for something.
        #expect(put == owed + paid, "\(random)")
    }
}
