import Payments
import Primitives
import ShopCore

/// `--statement FILE` and what narrows down which money it should have.
struct StatementFlags: Sendable {
    private let path: String
    private let columns: [String: String]
    private var scope = Shop.StatementScope()
    private let period: Period

    static var options: [OptionSpec] {
        [
            .value("statement", "FILE", "A CSV with the columns reference and amount; - is input"),
            .values("map", "COLUMN=NAME", "What reference or amount is called there")
                .read(by: column),
            .value(
                "method", "METHOD", "Only money that came this way",
                choices: PaymentMethod.allCases.map(\.rawValue)),
            .value("provider", "NAME", "Only money of this provider"),
        ] + Period.options
    }

    /// - Returns: nil where no statement is named.
    init?(_ arguments: ParsedArguments) throws(ShopError) {
        period = try Period(arguments)
        guard let path = arguments.value("statement") else {
            let given = ["map", "method", "provider", "from", "to", "period"].filter(arguments.has)
            guard given.isEmpty else { throw .statementMissing(given[0]) }
            return nil
        }
        self.path = path
        var columns: [String: String] = [:]
        for pair in try arguments.values("map", Self.column) { columns[pair.column] = pair.name }
        self.columns = columns
        scope.method = arguments.value("method").flatMap(PaymentMethod.init(rawValue:))
        scope.provider = arguments.value("provider")
    }

    @Sendable
    private static func column(
        _ text: String
    ) throws(ShopError) -> (column: String, name: String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, ["reference", "amount"].contains(parts[0]) else {
            throw .badMapping(text)
        }
        return (parts[0], parts[1])
    }

    func report(_ shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let file = try context.input(path)
        var scope = scope
        let zone = context.settings.timeZone ?? shop.settings.timeZone
        (scope.from, scope.to) = period.counted(from: context.environment.clock).times(in: zone)
        let rows = try shop.statement(
            try file.contents(), named: file.name, columns: columns)
        let differences = try shop.compare(rows, with: scope)
        let said = "\(rows.count) lines of \(file.name) agree with what is on record."
        return Report.list(Self.columns, differences, whenEmpty: said)
            .ending(with: differences.isEmpty ? .ok : .findings)
    }

    private static let columns: [Column<StatementDifference>] = [
        .text("kind") { $0.kind.rawValue },
        .integer("line") { $0.line.map(Int64.init) },
        .text("payment") { $0.payment?.description },
        .text("reference", mayBeCut: true) { $0.reference },
        .money("stated") { $0.stated },
        .money("recorded") { $0.recorded },
    ]
}

extension ShopError {
    static func statementMissing(_ flag: String) -> ShopError {
        ShopError(
            .usage, "statement-missing", "--\(flag) goes with --statement", at: "--\(flag)",
            try: ["--statement bank.csv"])
    }

    static func badMapping(_ text: String) -> ShopError {
        ShopError(
            .usage, "bad-mapping", "\"\(text)\" maps no column",
            why: "reference and amount are the columns", try: ["--map reference=Purpose"])
    }
}
