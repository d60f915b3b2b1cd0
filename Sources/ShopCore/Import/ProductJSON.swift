import Catalog
import Formats
import Primitives

/// Products as JSON objects: the members that `product list --json` prints.
enum ProductJSON {
    static func row(
        _ value: JSONValue, _ line: Int, _ currency: Currency
    ) throws(ShopError) -> ProductRow {
        guard case .object(let members) = value else {
            throw .notAnObject(render(value))
        }
        var row = ProductRow(line: line, sku: SKU(stored: ""), draft: Product.Draft())
        let cells = ProductText(currency: currency)
        for member in members {
            let (name, value) = (member.name, member.value)
            switch name {
            case "sku": row.sku = try SKU(parsing: try text(value, name))
            case "name": row.draft.name = try text(value, name)
            case "price": row.draft.price = try money(value, name, currency)
            case "cost": row.draft.cost = try money(value, name, currency)
            case "description": row.draft.details = try text(value, name)
            case "categories", "category": row.draft.categories = try list(value, name)
            case "tags": row.draft.tags = try list(value, name)
            case "attributes": row.draft.attributes = try pairs(value, name)
            case "options": row.draft.options = try pairs(value, name)
            case "parent": row.draft.parent = try SKU(parsing: try text(value, name))
            case "lowStock": row.draft.lowStock = try cells.count(try number(value, name), name)
            case "tracked": row.draft.isTracked = try cells.bool(try bool(value, name), name)
            case "kind": row.draft.kind = try cells.word(try text(value, name), name)
            case "status": row.draft.status = try cells.word(try text(value, name), name)
            case "stock", "onHand": row.stock = try cells.count(try number(value, name), name)
            // Shown by lists, and nothing that an import could set.
            case "reserved", "available", "createdAt", "updatedAt", "currency": break
            default: throw .unknownMember(name)
            }
        }
        guard !row.sku.text.isEmpty else { throw .skuMissing }
        return row
    }

    private static func text(_ value: JSONValue, _ name: String) throws(ShopError) -> String {
        guard let text = value.text else { throw .badCell(name, render(value), "a string") }
        return text
    }

    private static func number(_ value: JSONValue, _ name: String) throws(ShopError) -> String {
        switch value {
        case .number(let text), .string(let text): return text
        default: throw .badCell(name, render(value), "a number")
        }
    }

    private static func bool(_ value: JSONValue, _ name: String) throws(ShopError) -> String {
        guard case .bool(let flag) = value else {
            throw .badCell(name, render(value), "true or false")
        }
        return flag ? "true" : "false"
    }

    private static func list(_ value: JSONValue, _ name: String) throws(ShopError) -> [String] {
        switch value {
        case .string(let text): return ProductText.list(text)
        case .array(let items):
            var texts: [String] = []
            for item in items { texts.append(try text(item, name)) }
            return texts
        default: throw .badCell(name, render(value), "an array of strings")
        }
    }

    private static func pairs(
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
    private static func money(
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

    private static func render(_ value: JSONValue) -> String {
        String(decoding: value.json.prefix(80), as: UTF8.self)
    }
}

extension ShopError {
    static func notAnObject(_ text: String) -> ShopError {
        ShopError(.data, "not-an-object", "\(text) is not a JSON object")
    }

    static func unknownMember(_ name: String) -> ShopError {
        ShopError(
            .data, "unknown-member", "unknown member \"\(name)\"", at: name,
            try: ["shopctl schema product"])
    }
}
