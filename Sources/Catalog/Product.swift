import Formats
package import Primitives

/// One SKU that the shop sells, or the parent of several: name, price, and how it is found.
///
/// ```
///            publish                archive
///   draft ────────────▶ active ◀──────────────▶ archived
///                               restore
/// ```
/// Only an active product is sold. An archived one keeps its history, and every order its own
/// copy of name and price. How many there are is `StockLevel`'s business.
package struct Product: Sendable, Equatable {
    package internal(set) var sku: SKU
    package internal(set) var name: String
    /// Per unit. A parent has none.
    package internal(set) var price: Money?
    /// What a unit costs the shop.
    package internal(set) var cost: Money?
    /// The lower price that is, was or will be.
    package internal(set) var sale: Sale?
    /// What a scanner reads: EAN, UPC, ISBN or the shop's own.
    package internal(set) var barcode: String?
    package internal(set) var details: String?
    /// Paths such as `Home > Kitchen`.
    package internal(set) var categories: [String]
    package internal(set) var tags: [String]
    /// Where pictures are: paths or URLs, the first one first.
    package internal(set) var images: [String] = []
    /// Named facts in the order they were given.
    package internal(set) var attributes: [Pair]
    /// The product whose variant this is, and what sets it apart (`Size=M`).
    package internal(set) var parent: SKU?
    package internal(set) var options: [Pair]
    /// Units available at or below which the product counts as low.
    package internal(set) var lowStock: Int64?
    /// Whether units are counted; a download is never short.
    package internal(set) var isTracked: Bool
    /// Which rates tax it; nil is `standard`.
    package internal(set) var taxClass: TaxClass?
    /// What a unit weighs, for shipping.
    package internal(set) var weightGrams: Int64?
    /// Whether more may be ordered than there is.
    package internal(set) var allowsBackorders = false
    package internal(set) var kind: Kind
    package internal(set) var status: ProductStatus
    /// How often its price, cost or sale has changed; each time left a `PastPrice`.
    package internal(set) var priceChanges: Int64 = 0
    package internal(set) var createdAt: Timestamp
    package internal(set) var updatedAt: Timestamp
    var unknown = UnknownMembers()

    package enum Kind: String, Sendable {
        /// Sold by its own SKU; a variant is one too.
        case simple
        /// What its variants have in common; shown, never sold.
        case parent
    }

    /// A named text.
    package struct Pair: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The parts of a product that a person states and may change.
    package struct Draft: Sendable, Equatable {
        package var name: String?
        package var price: Money?
        package var cost: Money?
        package var salePrice: Money?
        package var saleFrom: Timestamp?
        package var saleTo: Timestamp?
        package var endsSale = false
        /// An empty one takes the barcode away.
        package var barcode: String?
        package var details: String?
        package var categories: [String]?
        package var tags: [String]?
        package var images: [String]?
        package var attributes: [Pair]?
        package var parent: SKU?
        package var options: [Pair]?
        package var lowStock: Int64?
        package var isTracked: Bool?
        package var taxClass: TaxClass?
        package var weightGrams: Int64?
        package var allowsBackorders: Bool?
        package var kind: Kind?
        package var status: ProductStatus?

        package init() {}

        /// Whether nothing is stated.
        package var isEmpty: Bool { self == Draft() }
    }

    /// - Throws: `name-missing`, `price-missing` (64), `negative-price`, `text-too-long`,
    ///   `own-parent`, `currency-mismatch`, `sale-not-below-price`, `sale-ends-first` (6),
    ///   `invalid-barcode` (64).
    package init(_ sku: SKU, _ draft: Draft, at time: Timestamp) throws(ShopError) {
        self.sku = sku
        name = ""
        categories = []
        tags = []
        attributes = []
        options = []
        isTracked = draft.kind != .parent
        kind = .simple
        status = .active
        createdAt = time
        updatedAt = time
        try apply(draft, at: time)
    }

    /// Changes what `draft` states; says whether anything is different now.
    @discardableResult
    package mutating func edit(_ draft: Draft, at time: Timestamp) throws(ShopError) -> Bool {
        var edited = self
        try edited.apply(draft, at: time)
        guard edited != self else { return false }
        self = edited
        updatedAt = time
        return true
    }

    private mutating func apply(_ draft: Draft, at time: Timestamp) throws(ShopError) {
        name = draft.name ?? name
        price = draft.price ?? price
        cost = draft.cost ?? cost
        details = draft.details ?? details
        // What stands there already stays as it was written.
        if let paths = draft.categories, paths != categories {
            categories = CategoryPath.unique(paths)
        }
        tags = draft.tags ?? tags
        images = draft.images ?? images
        if let text = draft.barcode { barcode = text.isEmpty ? nil : text }
        attributes = draft.attributes ?? attributes
        parent = draft.parent ?? parent
        options = draft.options ?? options
        lowStock = draft.lowStock ?? lowStock
        isTracked = draft.isTracked ?? isTracked
        if let stated = draft.taxClass { taxClass = stated == .standard ? nil : stated }
        weightGrams = draft.weightGrams ?? weightGrams
        allowsBackorders = draft.allowsBackorders ?? allowsBackorders
        kind = draft.kind ?? kind
        status = draft.status ?? status
        guard !name.isEmpty else { throw .nameMissing(sku) }
        guard name.utf8.count <= 1_000, (details ?? "").utf8.count <= 100_000 else {
            throw .textTooLong(sku)
        }
        guard kind == .parent || price != nil else { throw .priceMissing(sku) }
        for amount in [price, cost] {
            if let amount, amount.isNegative { throw .negativePrice(sku, amount) }
        }
        // The record has one currency for both.
        if let price, let cost, price.currency != cost.currency {
            throw .currencyMismatch(price.currency, cost.currency)
        }
        guard parent != sku else { throw .ownParent(sku) }
        if draft.barcode != nil, let barcode, !Self.isBarcode(barcode) {
            throw .invalidBarcode(barcode)
        }
        try apply(saleOf: draft, at: time)
    }

    /// Notes that it was changed, where that was not by an edit.
    package mutating func touch(at time: Timestamp) { updatedAt = time }

    // MARK: - For sale or not

    /// Takes the product off sale; already archived is fine.
    ///
    /// - Returns: whether it was on sale.
    package mutating func archive(at time: Timestamp) -> Bool {
        guard status != .archived else { return false }
        status = .archived
        updatedAt = time
        return true
    }

    package mutating func restore(at time: Timestamp) -> Bool {
        guard status == .archived else { return false }
        status = .active
        updatedAt = time
        return true
    }

    /// What a customer pays for a unit at a moment, if the product may be sold.
    ///
    /// - Throws: `product-not-for-sale` (6).
    package func priceForSale(at time: Timestamp) throws(ShopError) -> Money {
        guard kind == .simple else { throw .parentNotSold(sku) }
        guard status == .active, let price = price(at: time) else {
            throw .notForSale(sku, status)
        }
        return price
    }
}

extension Product {
    /// Whether these set it apart from its siblings, in whatever order and case.
    package func hasOptions(_ others: [Pair]) -> Bool {
        func folded(_ pairs: [Pair]) -> [String] {
            pairs.map { "\($0.name)=\($0.value)".lowercased() }.sorted()
        }
        return folded(options) == folded(others)
    }

    /// Whether `text` may be a barcode: printable ASCII without spaces or commas, up to 64.
    static func isBarcode(_ text: String) -> Bool {
        text.utf8.count <= 64
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ",") }
    }
}

package enum ProductStatus: String, Sendable, CaseIterable {
    case draft, active, archived
}

// MARK: - Errors

extension ShopError {
    static func nameMissing(_ sku: SKU) -> ShopError {
        ShopError(
            .usage, "name-missing", "\(sku) has no name", at: "--name",
            try: ["--name \"Coffee mug\""])
    }

    static func priceMissing(_ sku: SKU) -> ShopError {
        ShopError(
            .usage, "price-missing", "\(sku) has no price", at: "--price", try: ["--price 12.99"])
    }

    static func negativePrice(_ sku: SKU, _ amount: Money) -> ShopError {
        ShopError(
            .refused, "negative-price", "\(sku) cannot have the price \(amount)", at: "--price")
    }

    static func textTooLong(_ sku: SKU) -> ShopError {
        ShopError(
            .refused, "text-too-long", "the name or description of \(sku) is too long",
            why: "names have at most 1,000 bytes, descriptions 100,000")
    }

    static func invalidBarcode(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-barcode", "\"\(text)\" is no barcode", at: "--barcode",
            why: "a barcode has up to 64 letters, digits and signs, no spaces and no commas",
            try: ["--barcode 4006381333931"])
    }

    static func ownParent(_ sku: SKU) -> ShopError {
        ShopError(.refused, "own-parent", "\(sku) cannot be its own parent", at: "--parent")
    }

    static func parentNotSold(_ sku: SKU) -> ShopError {
        ShopError(
            .refused, "product-not-for-sale",
            "\(sku) is a parent: its variants are sold, not itself",
            try: ["shopctl product list --search \(sku)"])
    }

    static func notForSale(_ sku: SKU, _ status: ProductStatus) -> ShopError {
        ShopError(
            .refused, "product-not-for-sale", "\(sku) is not for sale: it is \(status.rawValue)",
            try: [
                status == .archived
                    ? "shopctl product restore \(sku)"
                    : "shopctl product edit \(sku) --status active"
            ])
    }
}
