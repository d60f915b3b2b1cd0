import Catalog
import Primitives
import ShopCore

/// The columns of every command that shows stock.
enum StockColumns {
    static let levels: [Column<StockLevel>] = [
        .text("sku", "SKU") { $0.sku.text },
        .integer("onHand") { $0.onHand },
        .integer("reserved") { $0.reserved },
        .integer("available") { $0.available },
        .integer("backordered", shown: .record) { $0.backordered > 0 ? $0.backordered : nil },
    ]

    /// With the product's name, for lists.
    static let entries: [Column<ProductEntry>] = [
        .text("sku", "SKU") { $0.product.sku.text },
        .integer("onHand") { $0.stock?.onHand },
        .integer("reserved") { $0.stock?.reserved },
        .integer("available") { $0.stock?.available },
        .integer("lowStock", shown: .wide) { $0.product.lowStock },
        .text("name", mayBeCut: true) { $0.product.name },
    ]

    static let movements: [Column<StockMovement>] = [
        .integer("number", "NO") { $0.number },
        .text("sku", "SKU", shown: .record) { $0.sku.text },
        .time("at") { $0.cause.at },
        .text("kind") { $0.kind.rawValue },
        .integer("onHand") { $0.onHand },
        .integer("onHandAfter", "AFTER") { $0.onHandAfter },
        .integer("reserved") { $0.reserved },
        .integer("reservedAfter", "AFTER", shown: .wide) { $0.reservedAfter },
        .text("order") { $0.cause.order?.description },
        .text("reason") { $0.cause.reason },
        .text("note", mayBeCut: true) { $0.cause.note },
        .text("by", shown: .wide) { $0.cause.by },
    ]

    static func sentence(_ level: StockLevel) -> String {
        "\(level.sku): \(level.onHand) on hand, \(level.reserved) reserved, "
            + "\(level.available) available."
    }
}
