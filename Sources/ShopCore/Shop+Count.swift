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
    /// - Parameter counts: each SKU once.
    /// - Throws: `product-not-found` (3), `stock-untracked`, `stock-below-reserved` (6), each SKU
    ///   of them named.
    package func countStock(
        _ counts: [(sku: SKU, count: Int64)], at location: LocationName? = nil, note: String?
    ) throws(ShopError) -> RecordList<StockVariance> {
        try change(.adjustStock) { (work) throws(ShopError) in
            try requireLocation(location, in: work.transaction)
            var found: [StockVariance] = []
            var moved: [(StockLevel, StockMovement)] = []
            var problems: [ShopError] = []
            for (sku, count) in counts {
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
