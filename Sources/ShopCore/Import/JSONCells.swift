import Catalog
import Formats
import Primitives

/// Reads the members of an import's JSON objects.
enum JSONCells {
    static func text(_ value: JSONValue, _ name: String) throws(ShopError) -> String {
        guard let text = value.text else { throw .badCell(name, render(value), "a string") }
        return text
    }

    static func number(_ value: JSONValue, _ name: String) throws(ShopError) -> String {
        switch value {
        case .number(let text), .string(let text): return text
        default: throw .badCell(name, render(value), "a number")
        }
    }

    static func bool(_ value: JSONValue, _ name: String) throws(ShopError) -> String {
        guard case .bool(let flag) = value else {
            throw .badCell(name, render(value), "true or false")
        }
        return flag ? "true" : "false"
    }

    static func list(_ value: JSONValue, _ name: String) throws(ShopError) -> [String] {
        switch value {
        case .string(let text): return ProductText.list(text)
        case .array(let items):
            var texts: [String] = []
            for item in items { texts.append(try text(item, name)) }
            return texts
        default: throw .badCell(name, render(value), "an array of strings")
        }
    }

    static func pairs(
        _ value: JSONValue, _ name: String
    ) throws(ShopError) -> [Product.Pair] {
        guard case .object(let members) = value else {
            throw .badCell(name, render(value), "an object of strings")
        }
        var pairs: [Product.Pair] = []
        for member in members {
            pairs.append(Product.Pair(member.name, try text(member.value, name)))
        }
        return pairs
    }

    /// `{"amount":"12.99","currency":"USD"}`, `"12.99"` or `12.99`.
    static func money(
        _ value: JSONValue, _ name: String, _ currency: Currency
    ) throws(ShopError) -> Money {
        switch value {
        case .number(let text), .string(let text):
            return try Money(parsing: text, currency, named: name)
        case .object:
            guard let amount = value["amount"]?.text, let code = value["currency"]?.text else {
                throw .badCell(name, render(value), "an amount and a currency")
            }
            return try Money(parsing: amount, try Currency(parsing: code), named: name)
        default: throw .badCell(name, render(value), "an amount")
        }
    }

    static func render(_ value: JSONValue) -> String {
        String(decoding: value.json.prefix(80), as: UTF8.self)
    }
}

extension JSONCells {
    static func time(_ value: JSONValue, _ name: String) throws(ShopError) -> Timestamp {
        guard let time = Timestamp(rfc3339: try text(value, name)) else {
            throw .badCell(name, render(value), "a time such as 2026-11-23T18:31:07Z")
        }
        return time
    }

    static func word<Word: RawRepresentable<String>>(
        _ value: JSONValue, _ name: String
    ) throws(ShopError) -> Word {
        guard let word = Word(rawValue: try text(value, name)) else {
            throw .badCell(name, render(value), "one of the words it may be")
        }
        return word
    }

    static func units(_ value: JSONValue, _ name: String) throws(ShopError) -> Int64 {
        try count(try number(value, name), name)
    }

    /// A count of units from 1 up.
    static func count(_ text: String, _ name: String) throws(ShopError) -> Int64 {
        guard let count = Int64(text), (1...Quantity.most).contains(count) else {
            throw .badCell(name, text, "a whole number from 1 up")
        }
        return count
    }

    static func objects(
        _ value: JSONValue, _ name: String
    ) throws(ShopError) -> [[JSONValue.Member]] {
        guard case .array(let items) = value else {
            throw .badCell(name, render(value), "an array of objects")
        }
        var objects: [[JSONValue.Member]] = []
        for item in items {
            guard case .object(let members) = item else { throw .notAnObject(render(item)) }
            objects.append(members)
        }
        return objects
    }
}

/// The lines of `export all`, each an object inside the name of its noun.
package enum ExportNoun: String, Sendable, CaseIterable {
    case products, stock, orders, payments, balances, users

    /// The record of this noun that a line holds, wrapped or not; nil for another noun's.
    func record(in value: JSONValue) -> JSONValue? {
        guard case .object(let members) = value, members.count == 1,
            case .object = members[0].value, let noun = ExportNoun(rawValue: members[0].name)
        else { return value }
        return noun == self ? members[0].value : nil
    }
}
