package import Catalog
package import Formats
package import Primitives
import Storage
import Users

extension ProductChange: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var (sku, member) = ("", "")
        var (before, after): (String?, String?)
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "sku": sku = try reader.string()
            case "member": member = try reader.string()
            case "before": before = try reader.string()
            case "after": after = try reader.string()
            default: try reader.skip()
            }
        }
        self.init(sku: SKU(stored: sku), member: member, before: before, after: after)
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sku", sku.text)
        writer.member("member", member)
        writer.member("before", before)
        writer.member("after", after)
        writer.endObject()
    }
}

extension Shop {
    /// So many products one edit may change; it is one transaction, and one line of the journal.
    private static let mostEdited = 10_000
    private static let mostProblems = 20

    /// Changes every product that a filter accepts, all or none.
    ///
    /// - Returns: what is different, product by product.
    /// - Throws: `too-many-products` (6), and what `Product.edit` and the products' orders refuse,
    ///   each product of it named.
    package func editProducts(
        _ filter: ProductFilter, _ edit: BulkEdit
    ) throws(ShopError) -> RecordList<ProductChange> {
        try change(.writeProducts) { (work) throws(ShopError) in
            try requireShopCurrency(edit.draft)
            var edits: [(before: Product, after: Product)] = []
            var problems: [ShopError] = []
            try work.transaction.each(Product.self, KeyRange(collection: "products")) {
                (before) throws(ShopError) in
                guard filter.accepts(before) else { return true }
                do throws(ShopError) {
                    let after = try edited(before, try edit.draft(for: before), in: work)
                    if after != before { edits.append((before, after)) }
                } catch {
                    problems.append(error.at(before.sku.text))
                }
                return edits.count <= Self.mostEdited && problems.count < Self.mostProblems
            }
            if let error = ShopError.combining(problems) { throw error }
            guard edits.count <= Self.mostEdited else { throw .tooManyProducts(Self.mostEdited) }

            // After this point all of them change.
            for (before, after) in edits { work.put(after, was: before) }
            return RecordList(edits.flatMap { $0.after.changes(since: $0.before) })
        }
    }

    /// A price of a product and when it was the price.
    package struct PricePeriod: Sendable {
        package let price: Money?
        package let cost: Money?
        package let sale: Sale?
        package let from: Timestamp
        /// nil: it still is. With it who ended it.
        package let to: Timestamp?
        package let by: String?
    }

    /// The prices of a product, the one it has now first.
    package func prices(of sku: SKU) throws(ShopError) -> [PricePeriod] {
        try read(.readStock) { (view, _) throws(ShopError) in
            let product = try view.product(sku)
            var periods: [PricePeriod] = []
            var from = product.createdAt
            try view.each(PastPrice.self, KeyRange(under: Records.prices(sku))) { past in
                periods.append(
                    PricePeriod(
                        price: past.price, cost: past.cost, sale: past.sale, from: from,
                        to: past.until, by: past.by))
                from = past.until
                return true
            }
            periods.append(
                PricePeriod(
                    price: product.price, cost: product.cost, sale: product.sale, from: from,
                    to: nil, by: nil))
            return periods.reversed()
        }
    }
}

// MARK: - Errors

extension ShopError {
    static func tooManyProducts(_ most: Int) -> ShopError {
        ShopError(
            .refused, "too-many-products", "the edit would change more than \(most) products",
            why: "it is one transaction",
            try: ["--category PATH", "shopctl import products --help"])
    }
}
