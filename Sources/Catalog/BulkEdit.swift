package import Primitives

/// One change to many products: each of them is brought to what it says.
package struct BulkEdit: Sendable, Equatable {
    /// What is the same for all of them.
    package var draft = Product.Draft()
    package var price: Step?
    package var cost: Step?
    /// Begins a sale at so much below the price.
    package var sale: Step?
    package var addedTags: [String] = []
    package var removedTags: [String] = []
    package var addedCategories: [String] = []
    /// These and those below them.
    package var removedCategories: [String] = []

    package init() {}

    package var isEmpty: Bool { self == BulkEdit() }

    /// How an amount is to change.
    package enum Step: Sendable, Equatable {
        /// In hundredths of a percent: 10 % more is 1,000.
        case percent(Int64)
        case amount(Money)

        /// The changed amount, rounded half away from zero.
        package func applied(to money: Money) throws(ShopError) -> Money {
            switch self {
            case .percent(let hundredths):
                try money.scaled(numerator: 10_000 + hundredths, denominator: 10_000)
            case .amount(let difference): try money.adding(difference)
            }
        }
    }

    /// What one product is to be.
    package func draft(for product: Product) throws(ShopError) -> Product.Draft {
        var draft = draft
        if let price, let now = product.price { draft.price = try price.applied(to: now) }
        if let cost, let now = product.cost { draft.cost = try cost.applied(to: now) }
        if let sale, let now = draft.price ?? product.price {
            draft.salePrice = try sale.applied(to: now)
        }
        if !addedTags.isEmpty || !removedTags.isEmpty {
            let removed = removedTags.map { $0.lowercased() }
            let kept = product.tags.filter { !removed.contains($0.lowercased()) }
            draft.tags = kept + addedTags.filter { !kept.contains($0) }
        }
        if !addedCategories.isEmpty || !removedCategories.isEmpty {
            let kept = product.categories.filter { path in
                !removedCategories.contains { CategoryPath.isWithin(path, $0) }
            }
            let added = addedCategories.map(CategoryPath.normal)
            draft.categories = kept + added.filter { !kept.contains($0) }
        }
        return draft
    }
}

/// One member of one product that has changed.
package struct ProductChange: Sendable, Equatable {
    package let sku: SKU
    /// The name it has in lists.
    package let member: String
    package let before: String?
    package let after: String?

    package init(sku: SKU, member: String, before: String?, after: String?) {
        self.sku = sku
        self.member = member
        self.before = before
        self.after = after
    }
}

extension Product {
    /// What is different from `before`, but for the time of the change.
    package func changes(since before: Product) -> [ProductChange] {
        zip(before.members, members).compactMap { old, new in
            old.text == new.text
                ? nil
                : ProductChange(sku: sku, member: new.name, before: old.text, after: new.text)
        }
    }

    private var members: [(name: String, text: String?)] {
        func joined(_ texts: [String]) -> String? {
            texts.isEmpty ? nil : texts.joined(separator: ", ")
        }
        func named(_ pairs: [Pair]) -> String? { joined(pairs.map { "\($0.name)=\($0.value)" }) }
        return [
            ("name", name), ("price", price?.decimalText), ("cost", cost?.decimalText),
            ("salePrice", sale?.price.decimalText), ("saleFrom", sale?.from?.rfc3339),
            ("saleTo", sale?.to?.rfc3339), ("barcode", barcode), ("description", details),
            ("categories", joined(categories)), ("tags", joined(tags)),
            ("images", joined(images)), ("attributes", named(attributes)),
            ("parent", parent?.text), ("options", named(options)),
            ("lowStock", lowStock.map(String.init)), ("tracked", isTracked ? "yes" : "no"),
            ("taxClass", taxClass?.text), ("weightGrams", weightGrams.map(String.init)),
            ("backorders", allowsBackorders ? "yes" : nil), ("status", status.rawValue),
        ]
    }
}
