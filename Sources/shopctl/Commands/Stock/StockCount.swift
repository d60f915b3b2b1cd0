import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl stock count`.
struct StockCount: ShopCommand {
    static var name: String { "stock count" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take what was counted for what is on hand",
            discussion:
                "Reads a line for each unit, as a scanner writes them: the SKU or the barcode,\n"
                + "perhaps with how many, after a space, comma or tab. Lines of one SKU are added\n"
                + "up; SKUs that no line names stay as they are. What differs is shown before\n"
                + "asking, and --dry-run shows it and changes nothing.",
            operand: .one("FILE", "The file, or - for standard input"),
            options: [LocationFlag.option, .recorded("note", "TEXT", "More about it")],
            examples: [
                .init("shopctl stock count shelf-4.txt"),
                .init("shopctl stock count - --yes", "with the scanner as the keyboard"),
            ],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.notFound, "a product does not exist"),
                .init(.refused, "units promised to orders would be missing"),
                .init(.data, "a line is not a SKU, or not a count"),
                .init(.noInput, "the file cannot be read"),
            ],
            mutates: true, permission: .needs(.adjustStock), confirmation: .yesOrNo,
            fields: columns.headings())
    }

    private static let columns: [Column<StockVariance>] = [
        .text("sku", "SKU") { $0.sku.text },
        .integer("onHand") { $0.onHand },
        .integer("counted") { $0.counted },
        .integer("difference") { $0.difference },
    ]

    private let path: String
    private let location: LocationName?
    private let note: String?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        path = try arguments.firstOperand { $0 }
        location = try LocationFlag.location(arguments)
        note = arguments.value("note")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        try context.checkThatAskingIsPossible()
        let counts = try ScannedLines.counts(in: try context.input(path).contents(), of: path)
        func count() throws(ShopError) -> [StockVariance] {
            try shop.countStock(counts, at: location, note: note).items
        }
        var isShown = false
        try context.confirm(
            { found in
                isShown = true
                for line in Self.sentences(found) { context.notice(line) }
                return "Take \(found.count) counts for what is on hand?"
            }, before: count, in: shop)
        let found = try count()
        if !isShown { for line in Self.sentences(found) { context.notice(line) } }
        let units = found.reduce(0) { $0 + $1.difference }
        let differ = found.filter { $0.difference != 0 }
        return .mutation(
            "Counted \(found.count) SKUs: \(differ.count) differ, by \(Words.units(units)) in all.",
            next: ["shopctl stock list"], ids: found.map(\.sku.text), Self.columns, found)
    }

    private static func sentences(_ found: [StockVariance]) -> [String] {
        found.filter { $0.difference != 0 }.map {
            "\($0.sku): \($0.onHand) on hand, \($0.counted) counted, "
                + ($0.difference > 0 ? "\($0.difference) more." : "\(-$0.difference) fewer.")
        }
    }
}

/// What a scanner wrote, added up by SKU.
enum ScannedLines {
    static func counts(
        in bytes: [UInt8], of path: String
    ) throws(ShopError) -> [(sku: SKU, count: Int64)] {
        var counts: [(sku: SKU, count: Int64)] = []
        var places: [SKU: Int] = [:]
        var problems: [ShopError] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            do throws(ShopError) {
                guard let (sku, count) = try read(line) else { continue }
                if let place = places[sku] {
                    counts[place].count += count
                } else {
                    places[sku] = counts.count
                    counts.append((sku, count))
                }
                guard let place = places[sku], counts[place].count <= Quantity.most else {
                    throw .badScannedLine(String(decoding: line, as: UTF8.self))
                }
            } catch {
                var problem = error
                problem.location = "\(path):\(index + 1)"
                problems.append(problem)
                if problems.count == 100 { break }
            }
        }
        if let error = ShopError.combining(problems) { throw error }
        guard !counts.isEmpty else { throw .nothingCounted(path) }
        return counts
    }

    /// Nothing for an empty line.
    private static func read(_ line: ArraySlice<UInt8>) throws(ShopError) -> (SKU, Int64)? {
        let words = line.split { [0x20, 0x09, 0x0d, UInt8(ascii: ",")].contains($0) }
        guard let first = words.first else { return nil }
        let text = String(decoding: line, as: UTF8.self)
        guard words.count <= 2, let sku = try? SKU(parsing: String(decoding: first, as: UTF8.self))
        else { throw .badScannedLine(text) }
        guard words.count == 2 else { return (sku, 1) }
        guard words[1].allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(String(decoding: words[1], as: UTF8.self)), count <= Quantity.most
        else { throw .badScannedLine(text) }
        return (sku, count)
    }
}

extension ShopError {
    static func badScannedLine(_ text: String) -> ShopError {
        ShopError(
            .data, "bad-scanned-line", "\"\(text.prefix(80))\" is no SKU, and no SKU with a count",
            try: ["MUG-1", "MUG-1 12"])
    }

    static func nothingCounted(_ path: String) -> ShopError {
        ShopError(.data, "nothing-counted", "no line names a SKU", at: path)
    }
}
