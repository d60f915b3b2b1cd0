import Orders
import Primitives
import ShopCore

/// The columns of every command that shows rates of tax.
enum TaxColumns {
    static let all: [Column<TaxRate>] = [
        .integer("number", "NO") { $0.number },
        .text("taxClass") { $0.taxClass.text },
        .text("country") { $0.country.isEmpty ? nil : $0.country },
        .text("state") { $0.state.isEmpty ? nil : $0.state },
        .list("postcodes", shown: .always) { $0.postcodes },
        .list("cities", shown: .always) { $0.cities },
        .text("rate") { $0.rate.text },
        .text("name") { $0.name },
        .integer("priority") { $0.priority },
        .bool("compound") { $0.isCompound },
        .bool("shipping") { $0.isOnShipping },
    ]
}
