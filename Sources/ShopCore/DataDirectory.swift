import Formats
package import Orders
package import Primitives
import Storage

/// Where a shop's data is, before it is opened: all that the command line needs to know of
/// storage.
package struct DataDirectory {
    private let store: Store

    /// - Parameter patience: how long to wait for another writer, in milliseconds.
    package init(_ path: String, patience: Int = 5_000) {
        store = Shop.store(at: path, patience: patience)
    }

    package var path: String { store.path }

    /// Whether nothing is there yet, so that a shop may be made.
    package func isAbsent() throws(ShopError) -> Bool {
        try store.kind() == .absent
    }

    /// Makes the shop.
    ///
    /// - Throws: `not-a-shop` (78), `already-a-shop` (5), `network-file-system` (78).
    package func create(
        currency: Currency, timeZone: TimeZoneName, reservationMinutes: Int64? = nil,
        clock: Clock, random: RandomBytes, pricesIncludeTax: Bool = false,
        region: Region? = nil, allowingNetwork: Bool = false
    ) throws(ShopError) {
        try Shop.create(
            in: store, currency: currency, timeZone: timeZone,
            reservationMinutes: reservationMinutes, clock: clock, random: random,
            pricesIncludeTax: pricesIncludeTax, region: region,
            allowingNetwork: allowingNetwork)
    }

    /// Opens the shop.
    ///
    /// - Throws: `no-shop` (78) where nothing is, `not-a-shop` (78) where something else is.
    package func open(
        clock: Clock, random: RandomBytes, request: Shop.Request
    ) throws(ShopError) -> Shop {
        switch try store.kind() {
        case .absent: throw .noShop(path)
        case .foreign: throw .notAShop(path)
        case .shop: return try Shop(store, clock: clock, random: random, request: request)
        }
    }
}

extension ShopError {
    static func noShop(_ path: String) -> ShopError {
        ShopError(
            .config, "no-shop", "there is no shop at \(path) yet", at: path,
            try: ["shopctl init \(path)", "shopctl --data-dir DIR …"])
    }
}
