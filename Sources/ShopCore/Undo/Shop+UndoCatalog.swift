import Catalog
import Orders
import Primitives
import Storage
import Users

/// Products, and the places where units are.
extension Shop {
    func undoCatalog(_ undoing: inout Undoing) throws(ShopError) {
        for change in try undoing.changes(Product.self, "products") {
            undoing.attempt { (undoing) throws(ShopError) in try undo(change, &undoing) }
        }
        for change in try undoing.changes(StockLocation.self, "locations") {
            undoing.attempt { (undoing) throws(ShopError) in
                try undoing.work.access.require(.adjustStock)
                let name = change.versions.now?.name ?? change.versions.was?.name
                if let name, change.versions.was == nil {
                    try requireUnused(name, since: undoing.number)
                }
                try putBackWhole(change.raw, name?.text ?? "", &undoing)
            }
        }
    }

    private func undo(
        _ change: Undoing.Change<Product>, _ undoing: inout Undoing
    ) throws(ShopError) {
        guard let now = change.versions.now else { return }
        let work = undoing.work
        try work.access.require(.writeProducts)
        let before = try work.transaction.product(now.sku)
        guard change.versions.was != nil else {
            var product = before
            guard product.archive(at: work.at) else {
                throw .changedSince(
                    now.sku.text, ["status"],
                    by: try nextChange(of: change.key, ["status"], after: undoing.number))
            }
            work.put(product, was: before)
            return undoing.wrote(now.sku.text, "archived")
        }
        // Prices that have ended are counted on, and so is the time of the last change.
        let fields = try ChangedFields(change.raw, less: ["priceChanges", "updatedAt"])
        guard !fields.names.isEmpty else { return }
        var product: Product = try putBack(
            fields.names, of: fields, change.key, now.sku.text, undoing)
        try check(&product, was: before, fields.names, in: work)
        work.put(product, was: before)
        undoing.wrote(now.sku.text, "\(fields.names.joined(separator: ", ")) put back")
    }

    /// What an edit checks: fields that were right together need not be beside later ones.
    private func check(
        _ product: inout Product, was before: Product, _ fields: [String], in work: Work
    ) throws(ShopError) {
        var draft = Product.Draft()
        if fields.contains("barcode") { draft.barcode = product.barcode ?? "" }
        if fields.contains("parent") { draft.parent = product.parent }
        if fields.contains("options") { draft.options = product.options }
        try product.edit(draft, at: work.at)
        product.touch(at: work.at)
        try requireParent(product.parent, of: product.sku, in: work.transaction)
        if product.isTracked != before.isTracked { try changeTracking(of: product, in: work) }
        try requireNoBackorders(ifRefusedBy: product, in: work.transaction)
        try requireOwnNames(of: product, draft, in: work.transaction)
    }

    /// Refuses to take a place away that a movement or an order has named since it was added.
    private func requireUnused(
        _ name: LocationName, since number: Int64
    ) throws(ShopError) {
        var user: HistoryEntry?
        let mention = Array("\"location\":\"\(name)\"".utf8)
        try store.history { (line) throws(ShopError) in
            guard line.tx > number else { return false }
            if line.isLoad || line.changes.firstRange(of: mention) != nil { user = line }
            return user == nil
        }
        guard let user else { return }
        throw .notUndoable(
            name.text, "\(name) is in use since transaction \(user.tx)",
            try: ["shopctl stock list --location \(name)"])
    }
}
