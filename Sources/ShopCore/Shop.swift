import Catalog
import Formats
package import Orders
package import Primitives
package import Storage
import Users

/// The shop: one method per use case, one transaction each.
///
/// A use case is a ladder of refusals, then the line after which it must succeed, then the
/// writes. What spans two nouns happens here and nowhere else.
package final class Shop {
    let store: Store
    package let settings: ShopSettings
    package let clock: Clock
    let random: RandomBytes
    /// Who asks for what; set anew for every line of `run`.
    package var request: Request
    /// What the person should know although the answer stands.
    private(set) var notices: [String] = []
    /// Who moves money, by name; `manual` is nobody but the operator.
    package var providers: [String: any PaymentProvider] = [:]
    /// The keys of questions that this process put on record and has not asked yet.
    var unasked: Set<String> = []
    /// Whether a code was asked for, be there somebody to send it to or not.
    package var hasAskedForCode = false
    /// Whether a command is tried that nobody typed.
    var isRehearsing = false
    /// What the dry runs since the last `takeRehearsed` would have changed.
    var rehearsed: [RecordDifference] = []
    /// The session and user read last, for the next line of a `run`.
    var knownAccess: KnownAccess?

    /// One command as it reached the shop.
    package struct Request: Sendable {
        /// The command line, secrets removed: for the audit trail.
        package var command: String
        /// What the command asks for, without the flags that only change how it is answered:
        /// what an idempotency key stands for.
        package var content: String
        /// The session token of the person asking; nil when nobody is signed in.
        package var token: String?
        /// The refresh token of that session, where it could not be given another access token:
        /// it shows the same, and lets reading go on where nothing can be written.
        package var refreshToken: String?
        package var idempotencyKey: IdempotencyKey?
        /// Checks everything and writes nothing.
        package var isDryRun: Bool
        /// The moment whose shop is shown; nil for now. Of what only reads.
        package var asOf: Timestamp?

        package init(
            command: String, content: String? = nil, token: String? = nil,
            idempotencyKey: IdempotencyKey? = nil,
            isDryRun: Bool = false
        ) {
            self.command = command
            self.content = content ?? command
            self.token = token
            self.idempotencyKey = idempotencyKey
            self.isDryRun = isDryRun
        }
    }

    /// Opens the shop in a data directory.
    ///
    /// - Throws: `settings-damaged` (65), `open-to-others` (78) and what reading may throw.
    package init(
        _ store: Store, clock: Clock, random: RandomBytes, request: Request
    ) throws(ShopError) {
        self.store = store
        self.clock = clock
        self.random = random
        self.request = request
        try store.checkAccess()
        let text = try store.settings()
        do throws(JSONError) {
            settings = try ShopSettings(json: text)
        } catch {
            throw .settingsDamaged(store.path, error)
        }
        try settings.needs.checkReading("\(store.path)/shop.json")
        store.settingsNeeds = settings.needs
    }

    package var currency: Currency { settings.currency }

    /// A store for a data directory, with the collections of a shop.
    package static func store(
        at path: String, files: any FileSystem = PosixFileSystem(), patience: Int = 5_000,
        thresholds: Thresholds = Thresholds()
    ) -> Store {
        Store(
            path: path, layout: Records.layout, files: files, patience: patience,
            thresholds: thresholds)
    }

    /// Makes a shop's data directory.
    ///
    /// - Throws: `not-a-shop` (78) where something else is, `already-a-shop` (5).
    package static func create(
        in store: Store, currency: Currency, timeZone: TimeZoneName,
        reservationMinutes: Int64? = nil, clock: Clock, random: RandomBytes,
        pricesIncludeTax: Bool = false, region: Region? = nil,
        allowingNetwork: Bool = false
    ) throws(ShopError) {
        let id = Hex.encode(random.next(8))
        let settings = ShopSettings(
            id: id, currency: currency, timeZone: timeZone, createdAt: clock.now(),
            reservationMinutes: reservationMinutes, pricesIncludeTax: pricesIncludeTax,
            region: region)
        try store.create(
            settings: settings.json + [UInt8(ascii: "\n")], shop: id,
            allowingNetwork: allowingNetwork)
    }

    /// At most one bounded step that keeps later commands fast; to be called after the answer.
    package func maintain() {
        store.maintain()
    }

    /// The moment whose shop is shown: now, or that of `--as-of`.
    var moment: Timestamp { request.asOf ?? clock.now() }

    func note(_ sentence: String) {
        if !notices.contains(sentence) { notices.append(sentence) }
    }

    /// What the person should know although the answer stands, said once.
    package func takeNotices() -> [String] {
        defer { notices = [] }
        return notices + store.takeWarnings()
    }

    /// Holds the writer's lock over many changes, letting others in every 20 ms, and their answers
    /// until they are durable. See `Store.grouping`.
    ///
    /// - Parameters:
    ///   - mark: how many answers are held so far.
    ///   - release: shows all answers before a mark.
    package func group<R>(
        mark: @escaping () -> Int, release: @escaping (_ upTo: Int) -> Void,
        _ body: () throws(ShopError) -> R
    ) throws(ShopError) -> R {
        try store.grouping(HeldAnswers(mark: mark, release: release), body)
    }

    /// Gives the disk what a group holds, without waiting for it.
    package func advance() throws(ShopError) { try store.advance() }

    /// Makes durable what a group still holds in memory.
    package func settle() throws(ShopError) { try store.settle() }

    /// Whether a group could not be made durable, so that going on is of no use.
    package var hasLostGroup: Bool { store.hasLostGroup }

    /// Lets others in while `body` runs, which changes nothing, within a batch.
    package func pausingBatch<R>(_ body: () throws(ShopError) -> R) throws(ShopError) -> R {
        try store.releasingLock(body)
    }

    // MARK: - One transaction

    /// What a use case works in: the transaction, the person asking, and the moment.
    struct Work {
        let transaction: Transaction
        let access: Access
        private let seen = SeenProducts()
        var at: Timestamp { transaction.time }
        var by: String { access.name }

        init(_ transaction: Transaction, by access: Access) {
            self.transaction = transaction
            self.access = access
        }

        /// A product, for use cases that leave products as they are: most ask for the same few
        /// several times.
        func product(_ sku: SKU) throws(ShopError) -> Product {
            if let product = seen.products.first(where: { $0.sku == sku }) { return product }
            let product = try transaction.product(sku)
            if seen.products.count < 16 { seen.products.append(product) }
            return product
        }
    }

    private final class SeenProducts {
        var products: [Product] = []
    }

    /// Runs a use case that changes something.
    ///
    /// In this order: who is asking and may they; was this very request answered before; the
    /// use case; the commit. A dry run does all but the commit and takes no lock.
    ///
    /// - Parameter content: what the request says beside its command line.
    func change<Result: JSONRecord>(
        _ action: Action, saying content: Content = { "" },
        _ body: (Work) throws(ShopError) -> Result
    ) throws(ShopError) -> Result {
        func run(_ transaction: Transaction) throws(ShopError) -> Result {
            let access = try access(in: transaction)
            transaction.by = access.name
            try access.require(action)
            let earlier: Result? = try earlierResult(
                in: transaction, at: transaction.time, saying: content)
            if let earlier { return earlier }
            let work = Work(transaction, by: access)
            try requireOpenDay(in: work)
            let result = try body(work)
            try remember(result, saying: content, in: transaction)
            return result
        }
        guard !request.isDryRun else { return try rehearse(run) }
        return try store.transact(stamp(), run)
    }

    /// What the audit trail keeps of the request; who asks is found in the transaction.
    func stamp(by name: String = "") -> Stamp {
        Stamp(
            at: clock.now(), by: name, command: request.command,
            idempotencyKey: request.idempotencyKey?.text)
    }

    /// The stamp with the name of who asks, for what is no `change`.
    func signedStamp() throws(ShopError) -> Stamp {
        try store.read { (view) throws(ShopError) in stamp(by: try access(in: view).name) }
    }

    /// Runs a use case that only reads: in the shop as it stands, or as it stood at the moment
    /// asked for. Who may read is decided by what stands now.
    func read<R>(
        _ action: Action, _ body: (View, Access) throws(ShopError) -> R
    ) throws(ShopError) -> R {
        try store.read { (view) throws(ShopError) in
            let access = try self.access(in: view)
            try access.require(action)
            guard let time = request.asOf else { return try body(view, access) }
            return try body(store.past(of: view, at: time), access)
        }
    }
}

extension ShopError {
    static func settingsDamaged(_ path: String, _ error: JSONError) -> ShopError {
        ShopError(
            .data, "settings-damaged",
            "\(path)/shop.json is not what it should be: \(error.reason)",
            at: "\(path)/shop.json")
    }
}
