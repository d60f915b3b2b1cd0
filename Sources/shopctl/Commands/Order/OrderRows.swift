import Formats
import Primitives
import ShopCore

/// The rows of `order create --from`: JSON Lines, each an order whose members are the flags of
/// `order create`, answered by one line of JSON each.
///
/// A row is run as the command line that it stands for, as `run` does it: a transaction of its
/// own, with a key of its own where the command has one, on the disk before its answer is printed.
struct OrderRows {
    /// One row of the file, read but not run.
    private struct Row {
        let line: Int
        let words: Result<[String], ShopError>
    }

    private let rows: [Row]
    private let name: String

    /// Reads the file before the shop is opened: a file that is not there makes no shop.
    init(_ path: String, _ context: CommandContext) throws(ShopError) {
        let file = try context.input(path)
        name = file.name
        var rows: [Row] = []
        let texts = try file.contents()
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, text) in texts.enumerated() {
            guard !text.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) else { continue }
            do throws(ShopError) {
                rows.append(Row(line: index + 1, words: .success(try Self.words(of: Array(text)))))
            } catch {
                rows.append(Row(line: index + 1, words: .failure(error)))
            }
        }
        self.rows = rows
    }

    // MARK: - Running

    /// Runs all rows, whatever becomes of each, and prints what became of it.
    func run(
        in shop: Shop, _ console: any Console, _ context: CommandContext
    ) throws(ShopError) -> Report {
        var failed = 0
        for row in rows {
            var answer = JSONWriter()
            answer.beginObject()
            answer.member("row", Int64(row.line))
            do throws(ShopError) {
                let sink = RowConsole(console)
                let words = context.keyed(try row.words.get(), number: row.line)
                _ = try context.perform(words, shop, sink)
                answer.name("order")
                answer.raw(sink.output)
            } catch {
                guard !shop.hasLostGroup else { throw error }
                failed += 1
                answer.name("error")
                answer.raw(ErrorOutput.object(error.within("\(name):\(row.line)")))
            }
            answer.endObject()
            (answer.bytes + [UInt8(ascii: "\n")]).withUnsafeBytes { _ = console.write($0) }
            if !context.isDryRun { try shop.advance() }
        }
        guard failed > 0 else { return .nothing }
        return Report.nothing.noting("\(failed) of \(rows.count) rows failed.")
            .ending(with: .partial)
    }

    // MARK: - Reading

    /// The command line that a row stands for.
    private static func words(of text: [UInt8]) throws(ShopError) -> [String] {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: text)
        } catch {
            throw .malformedRow("not JSON: \(error.reason)")
        }
        guard case .object(let members) = value else { throw .malformedRow("it is no object") }
        var words = OrderCreate.name.split(separator: " ").map(String.init) + ["--json"]
        for member in members { words += try flags(member.name, member.value) }
        return words
    }

    private static func flags(
        _ name: String, _ value: JSONValue
    ) throws(ShopError) -> [String] {
        let options = OrderCreate.rowOptions
        guard let option = options.first(where: { $0.name == name }) else {
            throw .malformedRow(
                "an order has no \"\(name)\"",
                why: "its members are " + options.map(\.name).joined(separator: ", "))
        }
        switch value {
        case .string(let text) where option.takesValue: return ["--\(name)=\(text)"]
        case .number(let text) where option.takesValue: return ["--\(name)=\(text)"]
        case .array(let items) where option.isRepeatable:
            var words: [String] = []
            for item in items {
                guard case .string(let text) = item else {
                    throw .malformedRow("\"\(name)\" is a list of texts")
                }
                words.append("--\(name)=\(text)")
            }
            return words
        case .bool(let flag) where !option.takesValue: return flag ? ["--\(name)"] : []
        case .null: return []
        default:
            let form =
                option.isRepeatable
                ? "a list of texts" : option.takesValue ? "a text" : "true or false"
            throw .malformedRow("\"\(name)\" is \(form)")
        }
    }
}

/// Keeps what one row prints, for its line of the answer.
private final class RowConsole: Console {
    private let console: any Console
    private(set) var output: [UInt8] = []

    init(_ console: any Console) { self.console = console }

    func write(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
        output += bytes.filter { $0 != UInt8(ascii: "\n") }
        return .done
    }

    func writeError(_ text: String) { console.writeError(text) }
    func isTerminal(_ stream: StandardStream) -> Bool { false }
    var width: Int { console.width }
    func readLine() -> String? { nil }
    func readHidden(prompt: String) -> HiddenLine { .end }
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int { 0 }
}

extension ShopError {
    static func malformedRow(_ fact: String, why: String? = nil) -> ShopError {
        ShopError(
            .data, "malformed-row", "the row is no order: \(fact)", why: why,
            try: [#"{"customer":"ana@x.example","item":["MUG-1=2"]}"#])
    }

    /// The same error, saying also where its line stands.
    func within(_ place: String) -> ShopError {
        var error = self
        error.location = location.map { "\(place), \($0)" } ?? place
        return error
    }
}
