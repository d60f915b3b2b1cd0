import Catalog
import Orders
import Payments
import Primitives
import ShopCore
import Users

/// `shopctl export products`.
struct ExportProducts: ShopCommand {
    static var name: String { "export products" }
    static var spec: CommandSpec { export.spec() }
    static let export = ExportNounSpec(
        noun: .products, summary: "Print every product with its units",
        columns: ProductColumns.all
    ) { record in
        if case .product(let entry) = record { entry } else { nil }
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        Self.export.report(shop)
    }
}

/// `shopctl export orders`.
struct ExportOrders: ShopCommand {
    static var name: String { "export orders" }
    static var spec: CommandSpec { export.spec() }
    static let export = ExportNounSpec(
        noun: .orders, summary: "Print every order with its payments",
        columns: ExportColumns.orders
    ) { record in
        if case .order(let order) = record { order } else { nil }
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        Self.export.report(shop)
    }
}

/// `shopctl export payments`.
struct ExportPayments: ShopCommand {
    static var name: String { "export payments" }
    static var spec: CommandSpec { export.spec() }
    static let export = ExportNounSpec(
        noun: .payments, summary: "Print every payment with its history",
        columns: ExportColumns.payments
    ) { record in
        if case .payment(let payment) = record { payment } else { nil }
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        Self.export.report(shop)
    }
}

/// `shopctl export stock`.
struct ExportStock: ShopCommand {
    static var name: String { "export stock" }
    static var spec: CommandSpec { export.spec() }
    static let export = ExportNounSpec(
        noun: .stock, summary: "Print every stock level", columns: StockColumns.levels
    ) { record in
        if case .stock(let level) = record { level } else { nil }
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        Self.export.report(shop)
    }
}

/// `shopctl export balances`.
struct ExportBalances: ShopCommand {
    static var name: String { "export balances" }
    static var spec: CommandSpec { export.spec() }
    static let export = ExportNounSpec(
        noun: .balances, summary: "Print gift cards and store credit with their histories",
        columns: BalanceColumns.exported
    ) { record in
        if case .balance(let history) = record { history } else { nil }
    }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        Self.export.report(shop)
    }
}

/// `shopctl export users`.
struct ExportUsers: ShopCommand {
    static var name: String { "export users" }
    static var spec: CommandSpec {
        export(withHashes: true).spec([ExportColumns.hashes])
    }

    static func export(withHashes: Bool) -> ExportNounSpec<User> {
        ExportNounSpec(
            noun: .users, summary: "Print every account",
            columns: ExportColumns.users(withHashes: withHashes)
        ) { record in
            if case .user(let user) = record { user } else { nil }
        }
    }

    private let withHashes: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        withHashes = arguments.has("with-password-hashes")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        Self.export(withHashes: withHashes).report(shop, withSecrets: withHashes)
    }
}
