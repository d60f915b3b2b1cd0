import Catalog
import Primitives
import Storage
import Users

/// Units that came, went or moved, other than for an order.
extension Shop {
    func undoStock(_ undoing: inout Undoing) throws(ShopError) {
        for change in try undoing.changes(StockMovement.self, "movements").reversed() {
            guard let movement = change.versions.now, movement.cause.order == nil,
                movement.onHand != 0
            else { continue }
            undoing.attempt { (undoing) throws(ShopError) in try undo(movement, &undoing) }
        }
    }

    private func undo(
        _ movement: StockMovement, _ undoing: inout Undoing
    ) throws(ShopError) {
        let work = undoing.work
        try work.access.require(.adjustStock)
        let (known, product) = try counted(movement.sku, in: work.transaction)
        var level = known
        let place = movement.cause.location
        let here = place.map { " at \($0)" } ?? ""
        let cause = work.cause(reason: "correction", at: place, note: undoing.reason)
        guard movement.kind == .transfer else {
            let entry = try level.adjust(
                by: -movement.onHand, allowsBackorders: product.allowsBackorders, cause)
            work.put(level, entry)
            try noteServed(known, level, at: place, in: work)
            let count = entry.onHand.magnitude
            return undoing.wrote(
                level.sku.text,
                "\(count) \(count == 1 ? "unit" : "units") "
                    + (entry.onHand < 0 ? "taken off" : "put back") + here)
        }
        // The units left by the movement before this one.
        guard movement.onHand > 0 else { return }
        let units = try Quantity(movement.onHand)
        let origin = try work.transaction.find(
            StockMovement.self,
            RecordKey("movements", movement.sku.folded, number: movement.number - 1))
        let movements = try level.transfer(
            units, to: origin?.cause.location, allowsBackorders: product.allowsBackorders,
            cause)
        for entry in movements { work.put(level, entry) }
        try noteServed(known, level, at: origin?.cause.location, in: work)
        undoing.wrote(
            level.sku.text, "\(units) moved back to \(origin?.cause.location.name ?? "main")")
    }
}
