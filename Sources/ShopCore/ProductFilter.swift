package import Catalog
package import Primitives
import Storage

extension Shop {
    /// Which products a list shows, or an edit of many changes.
    package struct ProductFilter: Sendable, Equatable {
        /// nil: all but archived ones.
        package var status: ProductStatus?
        package var includesArchived = false
        /// This one and those below it.
        package var category: String?
        package var tag: String?
        /// Only variants of this product.
        package var parent: SKU?
        package var barcode: String?
        /// Words that name, SKU, barcode or tags hold, ignoring case.
        package var search: String?

        package init() {}

        func accepts(_ product: Product) -> Bool {
            if let status {
                guard product.status == status else { return false }
            } else if !includesArchived, product.status == .archived {
                return false
            }
            if let parent, product.parent != parent { return false }
            if let barcode, product.barcode != barcode { return false }
            if let category {
                guard product.categories.contains(where: { CategoryPath.isWithin($0, category) })
                else { return false }
            }
            if let tag {
                guard product.tags.contains(where: { $0.lowercased() == tag.lowercased() }) else {
                    return false
                }
            }
            guard let search else { return true }
            let names = [product.name, product.sku.text, product.barcode ?? ""] + product.tags
            let text = names.joined(separator: " ").lowercased()
            return search.lowercased().split(separator: " ").allSatisfy { text.contains($0) }
        }
    }

    /// No two products share a barcode, and no two variants of a parent their options.
    ///
    /// Reads the catalog where a draft states either.
    func requireOwnNames(
        of product: Product, _ draft: Product.Draft, in view: View
    ) throws(ShopError) {
        let barcode = draft.barcode == nil ? nil : product.barcode
        let isPlaced = draft.parent != nil || draft.options != nil
        let options = isPlaced && product.parent != nil ? product.options : []
        guard barcode != nil || !options.isEmpty else { return }
        var problem: ShopError?
        try view.each(Product.self, KeyRange(collection: "products")) { other throws(ShopError) in
            guard other.sku != product.sku else { return true }
            if let barcode, other.barcode == barcode {
                problem = .barcodeTaken(barcode, other.sku)
            } else if !options.isEmpty, other.parent == product.parent,
                other.hasOptions(options)
            {
                problem = .variantExists(product, other.sku)
            }
            return problem == nil
        }
        if let problem { throw problem }
    }
}

// MARK: - Errors

extension ShopError {
    static func barcodeTaken(_ barcode: String, _ sku: SKU) -> ShopError {
        ShopError(
            .conflict, "barcode-taken", "the barcode \(barcode) is that of \(sku)",
            at: "--barcode", try: ["shopctl product show \(sku)"])
    }

    static func variantExists(_ product: Product, _ sku: SKU) -> ShopError {
        let options = product.options.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
        return ShopError(
            .conflict, "variant-exists", "\(sku) is the variant \(options) already",
            at: "--option", try: ["shopctl product show \(sku)"])
    }
}
