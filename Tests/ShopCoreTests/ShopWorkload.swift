import Catalog
import Formats
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import Synchronization
import TestSupport

/// One command of a random workload: the same number does the same in the same shop.
struct ShopCommand: Hashable, Sendable {
    enum Kind: Sendable, CaseIterable {
        /// The first command: products with stock.
        case open
        case add, edit, receive, order, orderWithKey, pay, ship, refund, cancel
        /// An import in one journal line, and one so large that it goes straight into segments.
        case importFew, importMany, importOrders, importManyOrders
        /// Holds and disputes, as the operator records them.
        case hold, captureHold, void, dispute
        /// A provider is asked and says nothing; is not reached when asked again; answers. Each is
        /// one transaction.
        case ask, askAgain, answer
        /// A person found out what became of it.
        case settle
        /// Gift cards and store credit, and paying with them.
        case issue, grant, spend
        /// Closes the day before.
        case closeDay
    }

    let number: Int
    let kind: Kind
    let seed: UInt64

    /// What every check does last: always possible, and with a key.
    static func probe(_ number: Int) -> ShopCommand {
        ShopCommand(number: number, kind: .orderWithKey, seed: 1)
    }

    /// Twenty hours between two commands, and keys that live for a day: old ones go all the time.
    var time: Timestamp {
        let position = number < 1_000 ? number : number - 900
        return Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)
            .adding(seconds: Int64(position) * 72_000)
    }

    func run(in session: ShopSession) throws {
        var random = SeededRandom(seed: seed)
        let shop = session.shop
        session.now.withLock { $0 = time }
        shop.request = Shop.Request(command: "op \(number)")
        let sku = try SKU(parsing: "S-\(random.number(0...5))")
        let order = OrderNumber(1_000 + random.number(1...8))
        let amount = Money(minorUnits: random.number(1...400), try ShopSession.currency)
        // What is asked of a provider is one transaction, and its answer another command.
        let provider = Voice(.unknown("the answer was lost"))
        shop.providers["acme"] = provider
        do {
            try act(shop, sku, order, amount, &random)
        } catch let error as ShopError {
            guard provider.wasAsked, error.code == "provider-silent" else { throw error }
        }
    }

    private func act(
        _ shop: Shop, _ sku: SKU, _ order: OrderNumber, _ amount: Money,
        _ random: inout SeededRandom
    ) throws {
        switch kind {
        case .open:
            let rows = (1...5).map { "S-\($0),Thing \($0),3.00,9\n" }.joined()
            try importProducts("sku,name,price,stock\nS-0,Thing 0,2.00,1000000\n" + rows, shop)
        case .add:
            let stock = random.number(0...9)
            _ = try shop.addProduct(
                try SKU(parsing: "N-\(number)"), try draft("New \(number)", &random),
                stock: stock)
        case .edit: _ = try shop.editProduct(sku, try draft("Edited in \(number)", &random))
        case .receive:
            _ = try shop.receiveStock(sku, try Quantity(random.number(1...9)), note: nil)
        case .order, .orderWithKey: try create(sku, &random, shop)
        case .pay:
            let isPart = random.chance(1, in: 2)
            _ = try shop.capturePayment(for: order, .card, isPart ? amount : nil, reference: nil)
        case .ship: _ = try shop.shipOrder(order, carrier: "Post", tracking: "T-\(number)")
        case .refund:
            _ = try shop.refundPayment(.order(order), amount, reason: "broken", restocked: [])
        case .cancel: _ = try shop.cancelOrder(order, reason: nil, refunding: true)
        case .importFew: try importProducts(3, &random, shop)
        case .importMany: try importProducts(12, &random, shop)
        case .importOrders: try importOrders(2, &random, shop)
        case .importManyOrders: try importOrders(10, &random, shop)
        case .hold, .captureHold, .void, .dispute, .ask, .askAgain, .answer, .settle, .issue,
            .grant, .spend, .closeDay:
            try MoneyStep(self, shop, order, amount).run(&random)
        }
    }

    private func draft(
        _ name: String, _ random: inout SeededRandom
    ) throws -> Product.Draft {
        var draft = Product.Draft()
        draft.name = name
        draft.price = Money(minorUnits: random.number(100...900), try ShopSession.currency)
        draft.tags = ["a", "tag-\(random.number(0...9))"]
        return draft
    }

    private func create(_ sku: SKU, _ random: inout SeededRandom, _ shop: Shop) throws {
        if kind == .orderWithKey {
            shop.request.idempotencyKey = try IdempotencyKey(parsing: "key-\(number)")
        }
        var items = [Shop.ItemRequest(sku: try SKU(parsing: "S-0"), quantity: try Quantity(1))]
        // A probe asks for nothing that may be out of stock.
        if number < 1_000 { items.append(.init(sku: sku, quantity: try Quantity(2))) }
        var request = Shop.OrderRequest(
            customer: try EmailAddress(parsing: "c\(random.number(0...2))@x.example"),
            items: items)
        request.reference = "R-\(number)"
        _ = try shop.createOrder(request)
    }

    /// New products, and one that is there already with other content.
    private func importProducts(
        _ count: Int, _ random: inout SeededRandom, _ shop: Shop
    ) throws {
        var text = "sku,name,price,stock\n"
        for row in 0..<count { text += "I-\(number)-\(row),Imported \(row),1.50,\(row)\n" }
        text += "S-\(random.number(1...5)),Renamed in \(number),2.50,\n"
        try importProducts(text, shop)
    }

    private func importProducts(_ text: String, _ shop: Shop) throws {
        let reader = ProductReader(
            "file.csv", as: .auto, in: try ShopSession.currency, read: source(text))
        _ = try shop.importProducts(reader, onConflict: .update)
    }

    /// Orders of other shops: some wait for their goods, the others are done.
    private func importOrders(_ count: Int, _ random: inout SeededRandom, _ shop: Shop) throws {
        var text = "reference,customer,status,placedAt,captured,refunded,sku,quantity,unitPrice\n"
        for row in 0..<count {
            let isDone = random.chance(1, in: 2)
            text += "I-\(number)-\(row),c\(random.number(0...2))@x.example,"
            text += isDone ? "completed,2026-01-02,2.00,," : "placed,2026-01-03,,,"
            text += "S-0,1,2.00\n"
        }
        let reader = OrderReader(
            "file.csv", in: try ShopSession.currency, .utc, read: source(text))
        _ = try shop.importOrders(reader, .init())
    }

    private func source(
        _ text: String
    ) -> (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int {
        var rest = Array(text.utf8)[...]
        return { (buffer) throws(ShopError) in
            let part = rest.prefix(buffer.count)
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
    }
}

/// A shop opened on a simulated disk, as one process does.
struct ShopSession {
    static var currency: Currency { get throws { try Currency(parsing: "USD") } }
    let store: Store
    let shop: Shop
    let now: SharedTime

    final class SharedTime: Sendable {
        private let time = Mutex(Timestamp(millisecondsSinceEpoch: 0))

        func withLock<R: Sendable>(_ body: (inout sending Timestamp) -> sending R) -> R {
            time.withLock(body)
        }
    }

    /// So small that a few commands fold, merge, rebase, rotate and list segments.
    static var tiny: Thresholds {
        var tiny = Thresholds()
        tiny.foldBytes = 4_000
        tiny.foldLines = 3
        tiny.smallBase = 5_000
        tiny.runsPerSize = 2
        tiny.largestRun = 12_000
        tiny.segmentBytes = 2_500
        tiny.journalBytes = 16_000
        tiny.loadBufferBytes = 1_000
        tiny.inlineSegments = 2
        tiny.rowsInJournal = 8
        return tiny
    }

    static func store(on files: SimulatedFileSystem) -> Store {
        Shop.store(at: "/shop", files: files, patience: 0, thresholds: tiny)
    }

    static func make(on files: SimulatedFileSystem) throws {
        let settings = ShopSettings(
            id: "crash", currency: try currency, timeZone: .utc,
            createdAt: Timestamp(millisecondsSinceEpoch: 0), idempotencyDays: 1)
        try store(on: files).create(settings: settings.json + [0x0a], shop: "crash")
    }

    init(on files: SimulatedFileSystem) throws {
        let now = SharedTime()
        self.now = now
        store = Self.store(on: files)
        shop = try Shop(
            store, clock: Clock { now.withLock { $0 } },
            // The same in whatever process a command runs.
            random: RandomBytes { count in
                let time = now.withLock { $0.millisecondsSinceEpoch }
                var random = SeededRandom(seed: UInt64(time))
                return random.bytes(count)
            },
            request: .init(command: "test"))
    }

    /// The numbers of the commands that are in the journal, oldest first.
    func history() throws -> [Int] {
        var numbers: [Int] = []
        var keys: Set<String> = []
        var twice: String?
        try store.history { (entry) throws(ShopError) in
            numbers.append(Int(entry.command.dropFirst(3)) ?? -1)
            // I7: one key, one effect.
            if let key = entry.idempotencyKey, !keys.insert(key).inserted { twice = key }
            return true
        }
        if let twice { throw Contradiction("I7: two transactions of key \(twice)") }
        return numbers.reversed()
    }

    /// - Parameter byKey: looks each record up as well.
    func digest(byKey: Bool = false) throws -> StoreDigest {
        try StoreDigest(store, Self.collections, byKey: byKey)
    }

    /// Every record of every collection.
    func contents() throws -> [String] {
        var lines: [String] = []
        _ = try StoreDigest(store, Self.collections) { lines.append($0) }
        return lines
    }

    static let collections = [
        "products", "prices", "stock", "movements", "locations", "orders", "payments", "users",
        "sessions",
        "customer-orders", "status-orders", "order-payments", "pending-payments", "days",
        "counters", "idempotency", "key-ages", "balances", "balance-movements",
    ]
}
