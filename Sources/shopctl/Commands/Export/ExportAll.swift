import Formats
import Primitives
import ShopCore
import Users

/// `shopctl export all`.
struct ExportAll: ShopCommand {
    static var name: String { "export all" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Print products, stock, orders, payments, balances and users",
            discussion:
                "Prints JSON Lines, each record in the name of its noun, as imports take them\n"
                + "back; with -o DIR one file a noun, for a directory that is there or a name\n"
                + "that ends in a slash. All lines show one moment of the shop. See\n"
                + "docs/moving.md.",
            options: [ExportColumns.hashes],
            examples: [
                .init("shopctl export all -o shop.jsonl"),
                .init("shopctl export all -o shop/"),
            ],
            permission: .needs(.exportData), isExport: true)
    }

    private let withHashes: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        withHashes = arguments.has("with-password-hashes")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let lines = ExportLines(withHashes: withHashes)
        if let path = context.settings.outputPath, OutputDirectory.isMeant(by: path) {
            return try write(shop, lines, to: try OutputDirectory(path))
        }
        if let format = context.settings.format, format != .jsonl {
            throw .exportForm(format)
        }
        return Report(
            body: .lines { visit throws(ShopError) in
                try shop.export(ExportNoun.allCases, withSecrets: withHashes) {
                    (noun, record) throws(ShopError) in
                    try visit(try lines.line(record, in: noun))
                }
            })
    }

    /// How many records went into a file.
    private struct Written: Sendable {
        let noun: ExportNoun
        let path: String
        var records: Int64 = 0
    }

    private static let columns: [Column<Written>] = [
        .text("file") { $0.path },
        .integer("records") { $0.records },
    ]

    /// Each file appears when it is whole; they are whole when the last record was read.
    private func write(
        _ shop: Shop, _ lines: ExportLines, to directory: OutputDirectory
    ) throws(ShopError) -> Report {
        var sinks: [(file: OutputFile, sink: ResultSink)] = []
        var written: [Written] = []
        for noun in ExportNoun.allCases {
            let path = directory.path(of: "\(noun).jsonl")
            let file = try OutputFile(path: path, mode: 0o600)
            sinks.append((file, ResultSink(.file(file))))
            written.append(Written(noun: noun, path: path))
        }
        try shop.export(ExportNoun.allCases, withSecrets: withHashes) {
            (noun, record) throws(ShopError) in
            guard let index = written.firstIndex(where: { $0.noun == noun }) else { return }
            written[index].records += 1
            try sinks[index].sink.write(try lines.line(record, in: nil))
        }
        for (file, sink) in sinks {
            try sink.flush()
            try file.finish()
        }
        return .list(Self.columns, written)
    }
}

/// Records as lines of JSON.
struct ExportLines {
    private let products = ExportLine(ProductColumns.all)
    private let stock = ExportLine(StockColumns.levels)
    private let orders = ExportLine(ExportColumns.orders)
    private let payments = ExportLine(ExportColumns.payments)
    private let balances = ExportLine(BalanceColumns.exported)
    private let users: ExportLine<User>

    init(withHashes: Bool) {
        users = ExportLine(ExportColumns.users(withHashes: withHashes))
    }

    /// - Parameter noun: the name that the record is put into; nil for the bare record.
    func line(_ record: ExportedRecord, in noun: ExportNoun?) throws(ShopError) -> [UInt8] {
        var writer = JSONWriter()
        if let noun {
            writer.beginObject()
            writer.name(text: noun.rawValue)
        }
        switch record {
        case .product(let entry): try products.write(entry, to: &writer)
        case .stock(let level): try stock.write(level, to: &writer)
        case .order(let order): try orders.write(order, to: &writer)
        case .payment(let payment): try payments.write(payment, to: &writer)
        case .balance(let history): try balances.write(history, to: &writer)
        case .user(let user): try users.write(user, to: &writer)
        }
        if noun != nil { writer.endObject() }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

/// One kind of record as an object of all its columns.
struct ExportLine<Row> {
    private let columns: [Column<Row>]
    private let headings: [ColumnHeading]

    init(_ columns: [Column<Row>]) {
        self.columns = columns
        headings = columns.headings()
    }

    func write(_ row: Row, to writer: inout JSONWriter) throws(ShopError) {
        try writer.object(headings, columns.map { $0.cell(row) })
    }
}

extension ShopError {
    static func exportForm(_ format: OutputFormat) -> ShopError {
        ShopError(
            .usage, "export-form", "all nouns together are JSON Lines, not \(format.rawValue)",
            at: "--format", try: ["shopctl export all", "shopctl export products --format csv"])
    }
}
