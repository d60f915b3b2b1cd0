import Catalog
import Formats
import Primitives

/// The names of a CSV file's columns, found whatever their case.
struct CSVHeader {
    private let names: [String]
    private let positions: [String: Int]

    init(_ fields: [String]) {
        names = fields
        var positions: [String: Int] = [:]
        for (index, name) in fields.enumerated() where positions[name.lowercased()] == nil {
            positions[name.lowercased()] = index
        }
        self.positions = positions
    }

    var count: Int { names.count }

    func has(_ name: String) -> Bool { positions[name] != nil }

    func position(_ names: String...) -> Int? {
        names.lazy.compactMap { positions[$0] }.first
    }

    func name(_ position: Int) -> String { names[position] }

    /// Names columns that nobody would read: a typo there would lose data silently.
    func check(
        _ known: [String], requiring required: [String], for noun: String,
        _ problems: inout RowProblems
    ) {
        let folded = known.map { $0.lowercased() }
        for (index, name) in names.enumerated() where !folded.contains(name.lowercased()) {
            problems.add(.unknownColumn(name, index + 1, known: known, noun), line: 1)
        }
        for name in required where !has(name.lowercased()) {
            problems.add(1, "there is no column \(name)")
        }
    }
}

/// The project's own columns, in any order.
struct ProductColumns {
    /// Those from `reserved` on are what lists print, and nothing that an import could set.
    static let known = [
        "sku", "name", "price", "currency", "cost", "salePrice", "saleFrom", "saleTo", "barcode",
        "stock", "onHand", "description", "category", "categories", "tags", "images",
        "attributes", "parent", "options", "lowStock", "tracked", "taxClass", "weightGrams",
        "backorders", "kind", "status", "reserved", "available", "sellingPrice", "margin",
        "marginPercent", "createdAt", "updatedAt",
    ]

    let count: Int
    private let text: ProductText
    private let sku, name, price, code, cost, stock, details, categories, tags: Int?
    private let attributes, parent, options, lowStock, tracked, taxClass, weight, kind: Int?
    private let status: Int?
    private let salePrice, saleFrom, saleTo, barcode, images, backorders: Int?

    init(_ header: CSVHeader, _ text: ProductText) {
        self.text = text
        count = header.count
        sku = header.position("sku")
        name = header.position("name")
        price = header.position("price")
        code = header.position("currency")
        cost = header.position("cost")
        stock = header.position("stock", "onhand")
        details = header.position("description")
        categories = header.position("categories", "category")
        tags = header.position("tags")
        attributes = header.position("attributes")
        parent = header.position("parent")
        options = header.position("options")
        lowStock = header.position("lowstock")
        tracked = header.position("tracked")
        taxClass = header.position("taxclass")
        weight = header.position("weightgrams")
        kind = header.position("kind")
        status = header.position("status")
        salePrice = header.position("saleprice")
        saleFrom = header.position("salefrom")
        saleTo = header.position("saleto")
        barcode = header.position("barcode")
        images = header.position("images")
        backorders = header.position("backorders")
    }

    func row(_ reader: CSVReader) throws(ShopError) -> ProductRow {
        func text(_ column: Int?) -> String? {
            guard let column else { return nil }
            return reader.text(column)
        }
        let row = ProductText(
            currency: try text(code).map(Currency.init(parsing:)) ?? self.text.currency,
            zone: self.text.zone)
        guard let sku = text(sku) else { throw .skuMissing }
        var draft = Product.Draft()
        draft.name = text(name)
        draft.price = try row.money(text(price), "price")
        draft.cost = try row.money(text(cost), "cost")
        draft.salePrice = try row.money(text(salePrice), "salePrice")
        draft.saleFrom = try row.beginning(text(saleFrom), "saleFrom")
        draft.saleTo = try row.end(text(saleTo), "saleTo")
        draft.barcode = text(barcode)
        draft.details = text(details)
        draft.categories = text(categories).map(ProductText.list)
        draft.tags = text(tags).map(ProductText.list)
        draft.images = text(images).map(ProductText.list)
        draft.attributes = try text(attributes).map(ProductText.pairs)
        draft.parent = try text(parent).map(SKU.init(parsing:))
        draft.options = try text(options).map(ProductText.pairs)
        draft.lowStock = try row.count(text(lowStock), "lowStock")
        draft.isTracked = try row.bool(text(tracked), "tracked")
        draft.taxClass = try text(taxClass).map(TaxClass.init(parsing:))
        draft.weightGrams = try row.count(text(weight), "weightGrams")
        draft.allowsBackorders = try row.bool(text(backorders), "backorders")
        draft.kind = try row.word(text(kind), "kind")
        draft.status = try row.word(text(status), "status")
        return ProductRow(
            line: reader.line, sku: try SKU(parsing: sku), draft: draft,
            stock: try row.count(text(stock), "stock"))
    }
}

/// Reads the texts of an import's cells.
struct ProductText {
    let currency: Currency
    /// Whose days are meant where a cell names a day.
    let zone: TimeZoneName

    /// A moment, or the first one of a day.
    func beginning(_ text: String?, _ name: String) throws(ShopError) -> Timestamp? {
        try moment(text, name) { $0.beginning(in: zone) }
    }

    /// A moment, or the first one after a day.
    func end(_ text: String?, _ name: String) throws(ShopError) -> Timestamp? {
        try moment(text, name) { $0.adding(days: 1).beginning(in: zone) }
    }

    private func moment(
        _ text: String?, _ name: String, of day: (CalendarDay) -> Timestamp
    ) throws(ShopError) -> Timestamp? {
        guard let text else { return nil }
        if let date = CalendarDay(text) { return day(date) }
        guard let time = Timestamp(rfc3339: text) else {
            throw .badCell(name, text, "a day such as 2026-11-23, or a time")
        }
        return time
    }

    func money(_ text: String?, _ name: String) throws(ShopError) -> Money? {
        guard let text else { return nil }
        return try Money(parsing: text, currency, named: name)
    }

    func count(_ text: String?, _ name: String) throws(ShopError) -> Int64? {
        guard let text else { return nil }
        guard let count = Int64(text), count >= 0, count <= Quantity.most else {
            throw .badCell(name, text, "a whole number from 0 up")
        }
        return count
    }

    func bool(_ text: String?, _ name: String) throws(ShopError) -> Bool? {
        switch text?.lowercased() {
        case nil: return nil
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default: throw .badCell(name, text ?? "", "true or false")
        }
    }

    func word<Word: RawRepresentable<String>>(
        _ text: String?, _ name: String
    ) throws(ShopError) -> Word? {
        guard let text else { return nil }
        guard let word = Word(rawValue: text) else {
            throw .badCell(name, text, "one of the words it may be")
        }
        return word
    }

    /// `a, b` as `a` and `b`; `\,` is a comma that does not part.
    static func list(_ text: String) -> [String] {
        if let items = plainList(text) { return items }
        var items = [""]
        var isEscaped = false
        for character in text {
            if isEscaped {
                items[items.count - 1].append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," {
                items.append("")
            } else {
                items[items.count - 1].append(character)
            }
        }
        return items.map(trimmed).filter { !$0.isEmpty }
    }

    /// The items of ASCII text without backslashes; nil for any other.
    private static func plainList(_ text: String) -> [String]? {
        var bytes = text
        var isOne = false
        let items = bytes.withUTF8 { bytes -> [String]? in
            func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
            var items: [String] = []
            var (start, end) = (0, 0)
            for (index, byte) in bytes.enumerated() {
                guard byte < 0x80, byte != UInt8(ascii: "\\") else { return nil }
                if byte == UInt8(ascii: ",") {
                    if end > start {
                        let item = UnsafeBufferPointer(rebasing: bytes[start..<end])
                        items.append(String(decoding: item, as: UTF8.self))
                    }
                    (start, end) = (index + 1, index + 1)
                } else if !isBlank(byte) {
                    end = index + 1
                } else if end == start {
                    // Blanks before the item.
                    (start, end) = (index + 1, index + 1)
                }
            }
            // Most cells are one item as it stands.
            isOne = start == 0 && end == bytes.count && end > 0
            if end > start, !isOne {
                let item = UnsafeBufferPointer(rebasing: bytes[start..<end])
                items.append(String(decoding: item, as: UTF8.self))
            }
            return items
        }
        return isOne ? [text] : items
    }

    /// `Size=M, Color=Red`.
    static func pairs(_ text: String) throws(ShopError) -> [Product.Pair] {
        var pairs: [Product.Pair] = []
        for item in list(text) {
            guard let equals = item.firstIndex(of: "="), equals != item.startIndex else {
                throw .badCell("attributes", item, "name=value")
            }
            pairs.append(
                Product.Pair(String(item[..<equals]), String(item[item.index(after: equals)...])))
        }
        return pairs
    }

    static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

extension ShopError {
    static var skuMissing: ShopError {
        ShopError(.data, "sku-missing", "the row has no SKU")
    }

    static func unknownColumn(
        _ name: String, _ number: Int, known: [String], _ noun: String
    ) -> ShopError {
        ShopError(
            .data, "unknown-column", "unknown column \"\(name)\"", at: "column \(number)",
            why: "the columns are \(known.joined(separator: ", "))",
            try: ["shopctl import \(noun) --help"])
    }

    static func badCell(_ name: String, _ text: String, _ expected: String) -> ShopError {
        ShopError(.data, "bad-cell", "\(name) \"\(text)\" is not \(expected)", at: name)
    }
}
