import Primitives
import Storage

/// Where the records of an import go.
enum ImportSink {
    case transaction(Transaction)
    case lanes(ImportLanes)
    /// A dry run of many rows.
    case nowhere

    /// - Parameter isNew: nothing can stand under its key yet, because its number was just given.
    func put(
        _ record: some StoredRecord, _ kind: ImportLanes.Kind, isNew: Bool = false
    ) throws(ShopError) {
        switch self {
        case .transaction(let transaction):
            isNew ? transaction.insert(record) : transaction.put(record)
        case .lanes(let lanes): try lanes[kind].add(record.recordKey, record)
        case .nowhere: break
        }
    }

    /// An index entry, which is all key.
    func put(entry key: RecordKey, _ kind: ImportLanes.Kind) throws(ShopError) {
        switch self {
        case .transaction(let transaction): transaction.insert(entry: key)
        case .lanes(let lanes): try lanes[kind].add(entry: key)
        case .nowhere: break
        }
    }
}

/// The lanes of a bulk load, opened as they are needed.
final class ImportLanes {
    enum Kind: Int, CaseIterable {
        case products, stock, movements, prices, orders, payments
        case customerOrders, statusOrders, orderPayments, days, couponUses, counters
        case corrections

        var collection: String {
            switch self {
            case .products: "products"
            case .stock: "stock"
            case .movements: "movements"
            case .prices: "prices"
            case .orders: "orders"
            case .payments: "payments"
            case .customerOrders: "customer-orders"
            case .statusOrders: "status-orders"
            case .orderPayments: "order-payments"
            case .days: "days"
            case .couponUses: "coupon-uses"
            case .counters: "counters"
            case .corrections: "corrections"
            }
        }
    }

    private let load: Load
    // One thread imports: nobody need be asked at each record.
    @exclusivity(unchecked) private var lanes = [Lane?](repeating: nil, count: Kind.allCases.count)

    init(_ load: Load) {
        self.load = load
    }

    subscript(kind: Kind) -> Lane {
        get throws(ShopError) {
            if let lane = lanes[kind.rawValue] { return lane }
            let lane = try load.lane(kind.collection)
            lanes[kind.rawValue] = lane
            return lane
        }
    }
}
