package import Catalog
package import Formats
package import Primitives

/// Products and what is in stock of them.
package struct ProductEntry: Sendable {
    package let product: Product
    /// nil for a product whose units are not counted.
    package let stock: StockLevel?
    /// What a unit sells at now, of a product that has a sale.
    package let sellingPrice: Money?

    package init(product: Product, stock: StockLevel?, sellingPrice: Money? = nil) {
        self.product = product
        self.stock = stock
        self.sellingPrice = sellingPrice
    }
}

extension ProductEntry: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var product: Product?
        var stock: StockLevel?
        var sellingPrice: Int64?
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "product": product = try Product(from: &reader)
            case "stock": stock = try StockLevel(from: &reader)
            case "sellingPrice": sellingPrice = try reader.amount()
            default: try reader.skip()
            }
        }
        guard let product else { throw JSONError(offset: start, reason: "no product") }
        let currency = product.price?.currency
        self.init(
            product: product, stock: stock,
            sellingPrice: currency.flatMap { currency in
                sellingPrice.map { Money(minorUnits: $0, currency) }
            })
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("product")
        product.write(to: &writer)
        if let stock {
            writer.name("stock")
            stock.write(to: &writer)
        }
        writer.member("sellingPrice", sellingPrice?.minorUnits)
        writer.endObject()
    }
}
