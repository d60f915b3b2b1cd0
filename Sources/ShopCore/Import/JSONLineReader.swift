import Formats
import Primitives

/// Reads JSON Lines a line at a time, and tells them from one JSON document.
final class JSONLineReader {
    private let input: ImportInput
    /// The number of the line read last, from 1.
    private var line = 0
    /// Lines read to look at them, not handed out yet.
    private var ahead: [UInt8]?

    init(_ input: ImportInput) {
        self.input = input
    }

    /// The elements of a document that is one array, or one object with `items`; nil for lines,
    /// which are then still all there.
    func wholeDocument() throws(ShopError) -> [JSONValue]? {
        let first = try input.readLine() ?? []
        // A first line that is an object by itself is one of many, unless it is a whole list.
        if let value = try? JSONValue(parsing: first) {
            if let items = Self.items(of: value) { return items }
            ahead = first
            return nil
        }
        let rest = try input.contents()
        let all = rest.isEmpty ? first : first + [0x0a] + rest
        if let value = try? JSONValue(parsing: all), let items = Self.items(of: value) {
            return items
        }
        input.putBack(all)
        return nil
    }

    private static func items(of value: JSONValue) -> [JSONValue]? {
        switch value {
        case .array(let items): return items
        case .object:
            if case .array(let items)? = value["items"] { return items }
            return nil
        default: return nil
        }
    }

    /// The next value and its line; empty lines are passed over, bad ones noted.
    func next(noting problems: inout RowProblems) throws(ShopError) -> (JSONValue, Int)? {
        while true {
            let text: [UInt8]
            if let first = ahead {
                text = first
                ahead = nil
            } else if let more = try input.readLine() {
                text = more
            } else {
                return nil
            }
            line += 1
            if text.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) { continue }
            do throws(JSONError) {
                return (try JSONValue(parsing: text), line)
            } catch {
                problems.add(line, "not JSON: \(error.reason)", column: error.offset + 1)
            }
        }
    }
}
