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
        .rows("byLocation", places) { $0.places.isEmpty ? [] : $0.allFigures },
    ]

    static let places: [Column<StockFigures>] = [
        .text("location") { $0.location.name },
        .integer("onHand") { $0.onHand },
        .integer("reserved") { $0.reserved },
        .integer("available") { $0.available },
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
        .text("location", shown: .wide) { $0.cause.location?.text },
        .text("reason") { $0.cause.reason },
        .text("note", mayBeCut: true) { $0.cause.note },
        .text("by", shown: .wide) { $0.cause.by },
    ]

    /// What there is now, in one place where there are several.
    static func sentence(_ level: StockLevel, at location: LocationName?) -> String {
        let here = level.figures(at: location)
        return "\(here.name): \(here.onHand) on hand, \(here.reserved) reserved, "
            + "\(here.available) available."
    }
}
