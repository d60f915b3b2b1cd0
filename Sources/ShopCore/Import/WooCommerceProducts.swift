import Catalog
import Formats
import Primitives

/// Reads the rows of WooCommerce's product export: columns in any order and case, children
/// before or after their parents.
///
/// - A `simple` row or `variation` is a product, a `variable` row the parent of its variations.
/// - `grouped` and `external` rows are nothing that this shop sells: they are skipped and named.
/// - An empty `Stock` means that units are not counted, not that there are none.
/// - A sale's days are the shop's own, the last one to its end. A sale price that is not below
///   the regular one is none.
struct WooCommerceProducts {
    private let cells: ProductText
    private let header: CSVHeader
    private let id, type, sku, name, published, short, details, stock, low: Int?
    private let sale, saleFrom, saleTo, regular, categories, tags, parent: Int?
    private let taxClass, weight: Int?
    private let barcode, images, backorders: Int?
    private let attributes: [(name: Int, value: Int)]
    /// SKUs by the export's own ids, to which `Parent` may point as `id:741`.
    private var skus: [String: SKU] = [:]
    private var rows: [ProductRow] = []
    private var parents: [(row: Int, text: String)] = []

    init(_ header: CSVHeader, _ cells: ProductText) {
        self.header = header
        self.cells = cells
        id = header.position("id")
        type = header.position("type")
        sku = header.position("sku")
        name = header.position("name")
        published = header.position("published")
        short = header.position("short description")
        details = header.position("description")
        stock = header.position("stock")
        low = header.position("low stock amount")
        sale = header.position("sale price")
        saleFrom = header.position("date sale price starts")
        saleTo = header.position("date sale price ends")
        regular = header.position("regular price")
        categories = header.position("categories")
        tags = header.position("tags")
        parent = header.position("parent")
        taxClass = header.position("tax class")
        weight = header.position("weight (kg)")
        barcode = header.position("gtin, upc, ean, or isbn")
        images = header.position("images")
        backorders = header.position("backorders allowed?")
        attributes = (1...20).compactMap { number in
            guard let name = header.position("attribute \(number) name"),
                let value = header.position("attribute \(number) value(s)")
            else { return nil }
            return (name, value)
        }
    }

    /// Takes the record the reader stands on.
    mutating func take(
        _ reader: CSVReader, _ skipped: inout [SkippedRow], _ problems: inout RowProblems
    ) {
        guard reader.fieldCount == header.count else {
            problems.add(reader, header.count)
            return
        }
        let row = WooRow(reader: reader)
        let kinds = (row.text(type) ?? "simple").lowercased().split(separator: ",").map {
            ProductText.trimmed(String($0))
        }
        let label = row.text(sku) ?? row.text(name) ?? "line \(reader.line)"
        if let kind = kinds.first(where: { $0 == "grouped" || $0 == "external" }) {
            skipped.append(
                .init(line: reader.line, id: label, reason: "\(kind) products are not sold by SKU"))
            return
        }
        let isParent = kinds.contains("variable")
        do throws(ShopError) {
            guard let text = row.text(sku) else { throw .skuMissing }
            let sku = try SKU(parsing: text)
            if let id = row.text(id) { skus[id] = sku }
            let draft = try draft(row, isParent: isParent, isVariation: kinds.contains("variation"))
            guard isParent || draft.price != nil else {
                skipped.append(.init(line: reader.line, id: label, reason: "it has no price"))
                return
            }
            if let parent = row.text(parent) { parents.append((rows.count, parent)) }
            rows.append(
                ProductRow(
                    line: reader.line, sku: sku, draft: draft,
                    stock: isParent ? nil : try cells.count(row.text(stock), "Stock")))
        } catch {
            problems.add(error, line: reader.line)
        }
    }

    /// Points variations to their parents, once all rows are known.
    mutating func finish(_ problems: inout RowProblems) -> [ProductRow] {
        for (index, text) in parents {
            do throws(ShopError) {
                if text.hasPrefix("id:") {
                    guard let sku = skus[String(text.dropFirst(3))] else {
                        throw .badCell("Parent", text, "the ID of a row in this file")
                    }
                    rows[index].draft.parent = sku
                } else {
                    rows[index].draft.parent = try SKU(parsing: text)
                }
            } catch {
                problems.add(error, line: rows[index].line)
            }
        }
        inheritTaxClasses()
        return rows
    }

    /// `0.35` kilograms as whole grams, exactly.
    private static func grams(_ text: String) throws(ShopError) -> Int64 {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = Array((parts.count == 2 ? parts[1] : "").utf8) + Array("000".utf8)
        guard let whole = Int64(parts[0]), (0...Quantity.most / 1_000).contains(whole),
            let rest = Int64(String(decoding: fraction.prefix(3), as: UTF8.self)), rest >= 0,
            fraction.dropFirst(3).allSatisfy({ $0 == UInt8(ascii: "0") })
        else { throw .badCell("Weight (kg)", text, "kilograms with three decimals at most") }
        return whole * 1_000 + rest
    }

    /// A variation may say that it is taxed as its parent is.
    private mutating func inheritTaxClasses() {
        let inherited = TaxClass(stored: "parent")
        guard rows.contains(where: { $0.draft.taxClass == inherited }) else { return }
        var classes: [SKU: TaxClass] = [:]
        for row in rows where row.draft.kind == .parent { classes[row.sku] = row.draft.taxClass }
        for index in rows.indices where rows[index].draft.taxClass == inherited {
            rows[index].draft.taxClass = rows[index].draft.parent.flatMap { classes[$0] }
        }
    }

    private func draft(
        _ row: WooRow, isParent: Bool, isVariation: Bool
    ) throws(ShopError) -> Product.Draft {
        var draft = Product.Draft()
        draft.name = row.text(name)
        draft.details = row.text(details) ?? row.text(short)
        draft.categories = row.text(categories).map(ProductText.list)
        draft.tags = row.text(tags).map(ProductText.list)
        draft.images = row.text(images).map(ProductText.list)
        draft.barcode = row.text(barcode)
        draft.status = row.text(published) ?? "1" == "1" ? .active : .draft
        draft.lowStock = try cells.count(row.text(low), "Low stock amount")
        draft.taxClass = try row.text(taxClass).map(TaxClass.init(parsing:))
        draft.weightGrams = try row.text(weight).map(Self.grams)
        let pairs = attributes.compactMap { column -> Product.Pair? in
            guard let name = row.text(column.name), let value = row.text(column.value) else {
                return nil
            }
            return Product.Pair(name, value)
        }
        guard !isParent else {
            draft.kind = .parent
            draft.isTracked = false
            draft.attributes = pairs.isEmpty ? nil : pairs
            return draft
        }
        draft.isTracked = row.text(stock) != nil
        // 1, and `notify`, which tells the customer.
        if let text = row.text(backorders) { draft.allowsBackorders = text != "0" }
        draft.price = try cells.money(row.text(regular), "Regular price")
        let salePrice = try cells.money(row.text(sale), "Sale price")
        if let salePrice, let price = draft.price, salePrice < price {
            draft.salePrice = salePrice
            draft.saleFrom = try cells.beginning(day(row.text(saleFrom)), "Date sale price starts")
            draft.saleTo = try cells.end(day(row.text(saleTo)), "Date sale price ends")
        }
        draft.price = draft.price ?? salePrice
        draft.attributes = isVariation || pairs.isEmpty ? nil : pairs
        draft.options = isVariation && !pairs.isEmpty ? pairs : nil
        return draft
    }
}

/// `2026-11-23 00:00:00` as its day, which is all that WooCommerce lets a person state.
private func day(_ text: String?) -> String? {
    guard let text, text.utf8.count == 19, let space = text.firstIndex(of: " ") else {
        return text
    }
    return String(text[..<space])
}

/// The cells of one record; an empty cell says nothing.
private struct WooRow {
    let reader: CSVReader

    func text(_ column: Int?) -> String? {
        guard let column else { return nil }
        let bytes = reader.bytes(column)
        guard !bytes.isEmpty else { return nil }
        let text = ProductText.trimmed(String(decoding: bytes, as: UTF8.self))
        return text.isEmpty ? nil : text
    }
}
