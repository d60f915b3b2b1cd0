import Orders
import Primitives
import ShopCore

/// `shopctl init`.
struct Init: ShoplessCommand {
    static var name: String { "init" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Make a new shop in the data directory",
            discussion:
                "Currency and time zone stay what they are: amounts and days are kept in them.",
            operand: .optional("DIR", "Where; --data-dir and its defaults otherwise"),
            options: [
                .value("currency", "CODE", "Currency of all amounts", default: "USD")
                    .read(by: Currency.init(parsing:)),
                .value("timezone", "ZONE", "Whose days the reports show", default: "UTC")
                    .read(by: TimeZoneName.init(parsing:)),
                .switch("prices-include-tax", "Prices are what customers pay, the tax in them"),
                .value("region", "REGION", "Whose taxes are on orders that do not say")
                    .read(by: Region.init(parsing:)),
                .value("hold", "AGE", "How long an order holds its units unpaid, such as 60m")
                    .read(by: Age.init(parsing:)),
                .switch("allow-network", "Allow a network file system, at your own risk"),
            ],
            examples: [
                .init("shopctl init --currency EUR --timezone Europe/Berlin"),
                .init("shopctl init ~/shops/garden"),
            ],
            exitCodes: [
                .init(.conflict, "there is a shop already"),
                .init(.config, "the directory holds something else, or is on a network"),
            ],
            mutates: true)
    }

    private let path: String?
    private let currency: Currency
    private let timeZone: TimeZoneName?
    private let includesTax: Bool
    private let region: Region?
    private let hold: Age?
    private let allowsNetwork: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        path = arguments.operands.first
        currency = try Currency(parsing: arguments.value("currency") ?? "USD")
        timeZone = try arguments.value("timezone", TimeZoneName.init(parsing:))
        includesTax = arguments.has("prices-include-tax")
        region = try arguments.value("region", Region.init(parsing:))
        hold = try arguments.value("hold", Age.init(parsing:))
        allowsNetwork = arguments.has("allow-network")
    }

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        let directory: DataDirectory
        if let path {
            directory = DataDirectory(path)
        } else {
            directory = try context.dataDirectory()
        }
        let isAbsent = try directory.isAbsent()
        if !context.isDryRun || !isAbsent {
            try directory.create(
                currency: currency, timeZone: timeZone ?? context.settings.timeZone ?? .utc,
                reservationMinutes: hold.map { $0.seconds / 60 },
                clock: context.environment.clock, random: context.environment.random,
                pricesIncludeTax: includesTax, region: region, allowingNetwork: allowsNetwork)
        }
        let columns: [Column<String>] = [.text("dataDir") { $0 }]
        return .mutation(
            "Made a new shop in \(directory.path), in \(currency.code).",
            next: ["shopctl user signup you@shop.example", "shopctl import products -f FILE"],
            ids: [directory.path], columns, [directory.path])
    }
}
