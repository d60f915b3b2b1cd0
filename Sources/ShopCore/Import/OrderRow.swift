import Formats
import Orders
import Payments
package import Primitives
import Storage

/// One order that an import file tells of, and where.
struct OrderRow {
    /// The line where it begins.
    var line: Int
    /// Where each of its line items stands.
    var itemLines: [Int] = []
    var history: OrderHistory
    /// The number it had where it comes from.
    var number: OrderNumber?
    var method = PaymentMethod.card
    /// Its payments one by one; nil: what was captured and refunded comes to one.
    var payments: [Payment]?

    init(line: Int, history: OrderHistory) {
        self.line = line
        self.history = history
    }

    /// By what the order is known in its file.
    var key: String { history.reference ?? number?.description ?? "" }
}

/// Reads the orders of an import file one after the other, in bounded memory.
package final class OrderReader {
    /// The file as errors name it.
    package let name: String
    var problems: RowProblems
    private(set) var count = 0

    private let input: ImportInput
    private let currency: Currency
    private let zone: TimeZoneName
    private var form: Form?
    /// More line items than any order has: bounds what is kept of one.
    private static let mostLines = 10_000

    private enum Form {
        case rows(CSVOrders)
        case lines(JSONLineReader)
        case items([JSONValue], Int)
        case nothing
    }

    /// - Parameters:
    ///   - name: the file as errors name it.
    ///   - zone: whose days are meant where a day stands for a time.
    ///   - read: fills a buffer and returns the count of bytes; 0 at the end.
    package init(
        _ name: String, in currency: Currency, _ zone: TimeZoneName,
        read: @escaping (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int
    ) {
        self.name = name
        self.currency = currency
        self.zone = zone
        input = ImportInput(name, read)
        problems = RowProblems(file: name)
    }

    /// What was read, for the journal; whole only after the last order.
    var source: BulkSource {
        BulkSource(name: name, bytes: input.bytes, crc: input.crc, records: count)
    }

    /// What tells this file from another.
    func identity() throws(ShopError) -> String { try input.identity() }

    /// The next order without a problem; nil at the end of the file.
    func next() throws(ShopError) -> OrderRow? {
        if form == nil { form = try begin() }
        let row = try nextRow()
        if row != nil { count += 1 }
        return row
    }

    private func nextRow() throws(ShopError) -> OrderRow? {
        switch form {
        case .rows(let orders): return try orders.next(&problems, input)
        case .lines(let lines):
            while let (value, line) = try lines.next(noting: &problems) {
                if let row = take(value, line) { return row }
            }
            return nil
        case .items(let items, var index):
            while index < items.count {
                index += 1
                guard let row = take(items[index - 1], index) else { continue }
                form = .items(items, index)
                return row
            }
            form = .nothing
            return nil
        case .nothing, nil: return nil
        }
    }

    private func begin() throws(ShopError) -> Form {
        let first = try input.firstByte()
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            let lines = JSONLineReader(input)
            guard let items = try lines.wholeDocument() else { return .lines(lines) }
            return .items(items, 0)
        }
        let reader = input.csvReader()
        do throws(CSVError) {
            guard try reader.next() else { return .nothing }
        } catch {
            throw input.error(error)
        }
        let header = CSVHeader(reader.fields)
        header.check(
            OrderCSVColumns.known, requiring: OrderCSVColumns.required, for: "orders", &problems)
        // Every row would only say again what the header lacks.
        guard problems.isEmpty else { return .nothing }
        return .rows(
            CSVOrders(
                reader, header, OrderCSVColumns(header, currency, zone), most: Self.mostLines))
    }

    private func take(_ value: JSONValue, _ line: Int) -> OrderRow? {
        guard let value = ExportNoun.orders.record(in: value) else { return nil }
        do throws(ShopError) {
            let row = try OrderJSON.row(value, line, currency)
            guard row.history.lines.count <= Self.mostLines else {
                throw .tooManyLines(Self.mostLines)
            }
            return row
        } catch {
            problems.add(error, line: line)
            return nil
        }
    }
}

/// Brings the rows of a CSV file together to orders.
private final class CSVOrders {
    private let reader: CSVReader
    private let header: CSVHeader
    private let columns: OrderCSVColumns
    private let mostLines: Int
    /// The reader stands on a row that begins the next order, with this reference.
    private var ahead: String?
    private var isAtEnd = false
    private var cells = OrderCSVColumns.Cells()

    init(_ reader: CSVReader, _ header: CSVHeader, _ columns: OrderCSVColumns, most: Int) {
        self.reader = reader
        self.header = header
        self.columns = columns
        mostLines = most
    }

    /// The next order none of whose rows has a problem.
    func next(
        _ problems: inout RowProblems, _ input: ImportInput
    ) throws(ShopError) -> OrderRow? {
        while true {
            if ahead == nil { ahead = try nextReference(&problems, input) }
            guard let reference = ahead else { return nil }
            if let row = try order(reference, &problems, input) { return row }
        }
    }

    /// Reads the rows of the order that begins here.
    private func order(
        _ reference: String, _ problems: inout RowProblems, _ input: ImportInput
    ) throws(ShopError) -> OrderRow? {
        var row: OrderRow?
        var isWhole = true
        do throws(ShopError) {
            row = try columns.order(reader, reference)
        } catch {
            problems.add(error, line: reader.line)
        }
        columns.note(reader, in: &cells)
        repeat {
            do throws(ShopError) {
                let item = try columns.lineItem(reader)
                guard row?.itemLines.count ?? 0 < mostLines else { throw .tooManyLines(mostLines) }
                row?.history.lines.append(item)
                row?.itemLines.append(reader.line)
                if row?.line != reader.line { try columns.check(reader, against: cells, header) }
            } catch {
                isWhole = false
                problems.add(error, line: reader.line)
            }
            ahead = try nextReference(&problems, input)
        } while ahead == reference
        return isWhole ? row : nil
    }

    /// Goes to the next row that has a reference.
    private func nextReference(
        _ problems: inout RowProblems, _ input: ImportInput
    ) throws(ShopError) -> String? {
        while !isAtEnd {
            do throws(CSVError) {
                isAtEnd = !(try reader.next())
            } catch {
                throw input.error(error)
            }
            guard !isAtEnd else { return nil }
            guard reader.fieldCount == columns.count else {
                problems.add(reader, columns.count)
                continue
            }
            do throws(ShopError) { return try columns.reference(reader) } catch {
                problems.add(error, line: reader.line)
            }
        }
        return nil
    }
}

extension ShopError {
    static func tooManyLines(_ most: Int) -> ShopError {
        ShopError(.data, "too-many-lines", "an order may have \(most) lines at most")
    }
}
