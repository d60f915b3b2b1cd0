import Catalog
import Formats
import Primitives

/// Products as JSON objects: the members that `product list --json` prints.
enum ProductJSON {
    static func row(
        _ value: JSONValue, _ line: Int, _ cells: ProductText
    ) throws(ShopError) -> ProductRow {
        guard case .object(let members) = value else {
            throw .notAnObject(JSONCells.render(value))
        }
        var row = ProductRow(line: line, sku: SKU(stored: ""), draft: Product.Draft())
        let currency = cells.currency
        for member in members {
            let (name, value) = (member.name, member.value)
            switch name {
            case "sku": row.sku = try SKU(parsing: try JSONCells.text(value, name))
            case "name": row.draft.name = try JSONCells.text(value, name)
            case "price": row.draft.price = try JSONCells.money(value, name, currency)
            case "cost": row.draft.cost = try JSONCells.money(value, name, currency)
            case "salePrice": row.draft.salePrice = try JSONCells.money(value, name, currency)
            case "saleFrom":
                row.draft.saleFrom = try cells.beginning(try JSONCells.text(value, name), name)
            case "saleTo": row.draft.saleTo = try cells.end(try JSONCells.text(value, name), name)
            case "barcode": row.draft.barcode = try JSONCells.text(value, name)
            case "description": row.draft.details = try JSONCells.text(value, name)
            case "categories", "category": row.draft.categories = try JSONCells.list(value, name)
            case "tags": row.draft.tags = try JSONCells.list(value, name)
            case "images": row.draft.images = try JSONCells.list(value, name)
            case "attributes": row.draft.attributes = try JSONCells.pairs(value, name)
            case "options": row.draft.options = try JSONCells.pairs(value, name)
            case "parent": row.draft.parent = try SKU(parsing: try JSONCells.text(value, name))
            case "lowStock":
                row.draft.lowStock = try cells.count(try JSONCells.number(value, name), name)
            case "tracked":
                row.draft.isTracked = try cells.bool(try JSONCells.bool(value, name), name)
            case "taxClass":
                row.draft.taxClass = try TaxClass(parsing: try JSONCells.text(value, name))
            case "weightGrams":
                row.draft.weightGrams = try cells.count(try JSONCells.number(value, name), name)
            case "backorders":
                row.draft.allowsBackorders = try cells.bool(try JSONCells.bool(value, name), name)
            case "kind": row.draft.kind = try cells.word(try JSONCells.text(value, name), name)
            case "status": row.draft.status = try cells.word(try JSONCells.text(value, name), name)
            case "stock", "onHand":
                row.stock = try cells.count(try JSONCells.number(value, name), name)
            // Shown by lists, and nothing that an import could set.
            case "reserved", "available", "createdAt", "updatedAt", "currency", "sellingPrice",
                "margin", "marginPercent":
                break
            default: throw .unknownMember(name, of: "product")
            }
        }
        guard !row.sku.text.isEmpty else { throw .skuMissing }
        return row
    }
}

extension ShopError {
    static func notAnObject(_ text: String) -> ShopError {
        ShopError(.data, "not-an-object", "\(text) is not a JSON object")
    }

    static func unknownMember(_ name: String, of noun: String) -> ShopError {
        ShopError(
            .data, "unknown-member", "unknown member \"\(name)\"", at: name,
            try: ["shopctl schema \(noun)"])
    }
}
