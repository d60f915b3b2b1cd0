package import Catalog
package import Formats
package import Primitives
import Storage
import Users

/// What counting one SKU found beside what the shop knew.
package struct StockVariance: Sendable, Equatable {
    package let sku: SKU
    /// Units on hand before, and as they were counted.
    package let onHand: Int64
    package let counted: Int64

    package var difference: Int64 { counted - onHand }
}

extension StockVariance: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var sku = ""
        var (onHand, counted): (Int64, Int64) = (0, 0)
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "sku": sku = try reader.string()
            case "onHand": onHand = try reader.int64()
            case "counted": counted = try reader.unitCount()
            default: try reader.skip()
            }
        }
        self.init(sku: SKU(stored: sku), onHand: onHand, counted: counted)
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sku", sku.text)
        writer.member("onHand", onHand)
        writer.member("counted", counted)
        writer.endObject()
    }
}

extension Shop {
    /// Takes the units that were counted for those on hand, SKU by SKU, all or none; what was not
    /// counted stays as it is.
    ///
    /// - Parameter counts: each SKU once, or in its place the barcode of a product.
    /// - Throws: `product-not-found` (3), `stock-untracked`, `stock-below-reserved` (6), each SKU
    ///   of them named.
    package func countStock(
        _ counts: [(sku: SKU, count: Int64)], at location: LocationName? = nil, note: String?
    ) throws(ShopError) -> RecordList<StockVariance> {
        func said() -> String { counts.map { "\($0.sku) \($0.count)" }.joined(separator: "\n") }
        return try change(.adjustStock, saying: said) { (work) throws(ShopError) in
            try requireLocation(location, in: work.transaction)
            var found: [StockVariance] = []
            var moved: [(StockLevel, StockMovement)] = []
            var problems: [ShopError] = []
            for (sku, count) in try resolved(counts, &problems, in: work.transaction) {
                do throws(ShopError) {
                    var (level, product) = try counted(sku, in: work.transaction)
                    found.append(
                        StockVariance(
                            sku: level.sku, onHand: level.figures(at: location).onHand,
                            counted: count))
                    let movement = try level.count(
                        count, allowsBackorders: product.allowsBackorders,
                        work.cause(at: location, note: note))
                    moved.append((level, movement))
                } catch {
                    problems.append(error)
                }
            }
            if let error = ShopError.combining(problems) { throw error }
            for (level, movement) in moved { work.put(level, movement) }
            return RecordList(found)
        }
    }

    /// The counts by SKU: what is no SKU is looked for among the barcodes, in one pass.
    private func resolved(
        _ counts: [(sku: SKU, count: Int64)], _ problems: inout [ShopError], in view: View
    ) throws(ShopError) -> [(sku: SKU, count: Int64)] {
        var found: [String: [SKU]] = [:]
        for (sku, _) in counts where try view.record(Records.product(sku)) == nil {
            found[sku.text] = []
        }
        guard !found.isEmpty else { return counts }
        try view.each(Product.self, KeyRange(collection: "products")) { product in
            if let barcode = product.barcode { found[barcode]?.append(product.sku) }
            return true
        }
        var sums: [(sku: SKU, count: Int64)] = []
        for (code, count) in counts {
            let owners = found[code.text] ?? [code]
            if owners.count > 1 { problems.append(.barcodeOfSeveral(code.text, owners)) }
            guard owners.count < 2 else { continue }
            let sku = owners.first ?? code
            if let index = sums.firstIndex(where: { $0.sku == sku }) {
                sums[index].count += count
            } else {
                sums.append((sku, count))
            }
        }
        return sums
    }

    /// Takes units off the shelf for good.
    ///
    /// - Throws: `product-not-found` (3), `stock-untracked`, `stock-below-reserved` (6).
    package func writeOffStock(
        _ sku: SKU, _ quantity: Quantity, reason: String, at location: LocationName? = nil,
        note: String?
    ) throws(ShopError) -> StockLevel {
        try change(.adjustStock) { (work) throws(ShopError) in
            try requireLocation(location, in: work.transaction)
            var (level, product) = try counted(sku, in: work.transaction)
            let movement = try level.writeOff(
                quantity, allowsBackorders: product.allowsBackorders,
                work.cause(reason: reason, at: location, note: note))
            work.put(level, movement)
            return level
        }
    }
}

// MARK: - Errors

extension ShopError {
    static func barcodeOfSeveral(_ barcode: String, _ skus: [SKU]) -> ShopError {
        ShopError(
            .refused, "barcode-of-several",
            "\(barcode) is the barcode of \(skus.map(\.text).joined(separator: " and "))",
            at: barcode, try: skus.map { "shopctl product edit \($0) --barcode CODE" })
    }
}
