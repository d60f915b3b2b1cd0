import Catalog
import Glibc
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// A provider that loses answers, an impatient operator, cron, several processes at once, and a
/// crash at every call of the storage: never two charges, never a lost one.
///
/// Commands run while another one's request is under way, each as a process of its own, nested up
/// to three deep, and now and then there is no way to the provider. The machine is stopped before
/// each of their calls to the disk, or the call fails. The provider lives on, and its own ledger is
/// the judge.
@Suite struct ProviderInterleavingTests {
    static let tokens = [
        "tok_ok", "tok_lost_before", "tok_lost_after", "tok_decline_do_not_honor", "tok_action",
        "tok_action_refused", "tok_over", "tok_unreachable", "tok_lost_after_refund",
        "tok_lost_before_capture", "tok_lost_after_void",
    ]

    /// The disk and the provider between two calls to the disk.
    struct Moment {
        let next: String
        let disk: SimulatedDisk
        let bank: SandboxBank
    }

    /// One history, made of the seed alone.
    final class History: @unchecked Sendable {
        var random: SeededRandom
        let provider = PlayedProvider()
        let files = SimulatedFileSystem()
        let tokens: [String]
        var moments: [Moment] = []
        var depth = 0
        var nested = 0
        private var processes: UInt64 = 10

        init(seed: UInt64) throws {
            random = SeededRandom(seed: seed)
            let first = random.one(of: ProviderInterleavingTests.tokens)
            tokens = [first, random.one(of: ProviderInterleavingTests.tokens), "tok_ok"]
            try ShopSession.make(on: files)
            let shop = try shop(on: files)
            var draft = Product.Draft()
            draft.name = "Mug"
            draft.price = Money(minorUnits: 1_000, shop.currency)
            _ = try shop.addProduct(try SKU(parsing: "MUG-1"), draft, stock: 9)
            _ = try shop.createOrder(
                .init(
                    customer: EmailAddress(parsing: "ana@x.example"),
                    items: [.init(sku: SKU(parsing: "MUG-1"), quantity: Quantity(3))]))
        }

        /// The shop as another process opens it.
        func shop(on files: SimulatedFileSystem) throws -> Shop {
            processes += 1
            let shop = try Shop(
                ShopSession.store(on: files),
                clock: .fixed(Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)),
                random: .seeded(processes &* 1_000_003 ^ random.seed),
                request: .init(command: "test"))
            shop.providers["acme"] = provider
            return shop
        }

        func run() throws {
            files.observe { [unowned self] call in
                moments.append(
                    Moment(next: "before \(call)", disk: files.disk, bank: provider.bank))
            }
            provider.meanwhile = { [unowned self] in
                guard depth < 4, random.chance(1, in: 2) else { return }
                nested += 1
                act(on: files.anotherProcess())
            }
            provider.isOutOfReach = { [unowned self] in random.chance(1, in: 8) }
            act(on: files.anotherProcess(), random.one(of: [0, 2, 3, 3]))
            for _ in 0..<8 { act(on: files.anotherProcess()) }
            files.observe(nil)
            provider.meanwhile = nil
            provider.isOutOfReach = { false }
            moments.append(Moment(next: "at the end", disk: files.disk, bank: provider.bank))
        }

        /// One command of somebody's; what it is refused is no matter here.
        func act(on files: SimulatedFileSystem, _ choice: Int64? = nil) {
            depth += 1
            defer { depth -= 1 }
            do {
                let shop = try shop(on: files)
                let order = OrderNumber(1001)
                switch choice ?? random.number(0...8) {
                case 0, 1:
                    // The same command each time, as a script repeats it.
                    shop.request.idempotencyKey = try IdempotencyKey(parsing: "web-1")
                    _ = try shop.charge(.init(order, by: "acme", token: tokens[0]))
                case 2:
                    _ = try shop.charge(
                        .init(order, by: "acme", token: random.one(of: tokens)))
                case 3:
                    var hold = Shop.Charge(order, by: "acme", token: random.one(of: tokens))
                    hold.isHold = true
                    _ = try shop.charge(hold)
                case 4:
                    let payments = try payments(of: shop).filter { !$0.capturable.isZero }
                    guard let held = payments.first else { return }
                    _ = try shop.captureHold(of: held.number, nil, reference: nil)
                case 5: _ = try shop.voidPayment(.order(order), reason: nil)
                case 6:
                    _ = try shop.refundPayment(
                        .order(order), Money(minorUnits: 700, shop.currency), reason: nil,
                        restocked: [])
                default: _ = try shop.reconcile()
                }
            } catch let error as ShopError {
                if error.code == "data-directory-locked" {
                    Issue.record("a lock was held while the provider was asked, \(random)")
                }
            } catch { Issue.record(error) }
        }

        func payments(of shop: Shop) throws -> [Payment] {
            var payments: [Payment] = []
            try shop.eachPayment(.init()) { (payment) throws(ShopError) in
                payments.append(payment)
                return true
            }
            return payments
        }
    }

    @Test(
        "never two charges, never a lost one, whoever asks when and wherever it stops",
        arguments: 1...96 as ClosedRange<UInt64>)
    func interleavings(seed: UInt64) throws {
        let history = try History(seed: seed)
        try history.run()
        var random = SeededRandom(seed: seed)
        for moment in history.moments {
            try check(moment, moment.disk, history, "killed", &random)
            for policy in [CrashPolicy.nothing, random.one(of: CrashPolicy.random)] {
                let disk = moment.disk.crashed(choosing: &random, policy)
                try check(moment, disk, history, "\(policy)", &random)
            }
        }
    }

    static let faults: [@Sendable (Int) -> Fault] = [
        { Fault(.error(EIO), at: $0) }, { Fault(.error(EIO), at: $0, forever: true) },
        { Fault(.error(ENOSPC), on: .allocating, at: $0, forever: true) },
        { Fault(.short, on: .writes, at: $0) },
        { Fault(.error(EIO, .everythingWritten), on: .syncs, at: $0) },
        { Fault(.error(EIO), on: .looking, at: 5 * $0) },
    ]

    @Test(
        "the same where a call to the disk fails, once or for ever, and where the disk is full",
        arguments: 1...24 as ClosedRange<UInt64>)
    func failures(seed: UInt64) throws {
        let calm = try History(seed: seed)
        try calm.run()
        var random = SeededRandom(seed: seed)
        func check(_ trouble: String, _ make: (SimulatedFileSystem) -> Void) throws {
            let history = try History(seed: seed)
            make(history.files)
            try history.run()
            history.files.faults = []
            var disk = history.files.disk
            disk.capacity = nil
            let moment = Moment(next: "after \(trouble)", disk: disk, bank: history.provider.bank)
            try self.check(moment, disk, history, "killed", &random)
            let crashed = disk.crashed(choosing: &random, .nothing)
            try self.check(moment, crashed, history, "power cut", &random)
        }
        for call in 1..<calm.moments.count {
            let fault = Self.faults[(call + Int(seed)) % Self.faults.count](call)
            try check("\(fault)") { $0.faults = [fault] }
        }
        let first = try #require(calm.moments.first).disk.used
        let last = calm.files.disk.used
        for part in 0..<5 {
            let room = first + (last - first) * part / 5
            try check("\(room) bytes are all there is") { files in
                var disk = files.disk
                disk.capacity = room
                files.disk = disk
            }
        }
    }

    /// After a crash the operator tries again, cron reconciles, and all is as the provider says.
    private func check(
        _ moment: Moment, _ disk: SimulatedDisk, _ history: History, _ crash: String,
        _ random: inout SeededRandom
    ) throws {
        let at: Comment =
            "seed \(random.seed), \(crash) \(moment.next), tokens \(history.tokens)"
        let files = SimulatedFileSystem(disk: disk)
        history.provider.bank = moment.bank
        for _ in 0..<2 {
            history.act(on: files.anotherProcess(), random.one(of: [0, 7]))
        }
        let shop = try history.shop(on: files)
        for _ in 0..<3 { _ = try shop.reconcile() }
        #expect(try shop.reconcile().isEmpty, at)
        let payments = try history.payments(of: shop)
        let provider = history.provider
        func sum(_ part: (Payment) -> Money) -> Int64 {
            payments.reduce(0) { $0 + part($1).minorUnits }
        }
        let captured = provider.moved(.charge, .capture)
        #expect(sum(\.captured) == captured, at)
        #expect(sum(\.refunded) == provider.moved(.refund), at)
        #expect(sum(\.capturable) + sum(\.voided) >= provider.moved(.void), at)
        #expect(
            sum(\.authorized) - provider.moved(.charge) == provider.moved(.authorize)
                || history.tokens.contains("tok_over"), at)
        // 30.00 is what the order costs; one token takes a cent too much.
        #expect(captured <= 3_001, at)
        let order = try #require(try shop.orders([OrderNumber(1001)]).first)
        #expect(order.captured.minorUnits == captured, at)
        #expect(try shop.violations() == [], at)
    }

    @Test("the histories have commands inside of commands, and movements of every kind")
    func coverage() throws {
        var nested = 0
        var kinds: Set<PaymentIntent.Kind> = []
        var moments = 0
        for seed in 1...96 as ClosedRange<UInt64> {
            let history = try History(seed: seed)
            try history.run()
            nested += history.nested
            moments += history.moments.count
            kinds.formUnion(history.provider.bank.moved.map(\.kind))
        }
        #expect(nested > 20 && moments > 800)
        #expect(kinds == Set(PaymentIntent.Kind.allCases))
    }
}
