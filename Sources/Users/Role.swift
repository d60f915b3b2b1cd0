package import Primitives

/// Something a role may or may not do; the names are stable, for `user can` and the audit log.
package enum Action: String, Sendable, CaseIterable {
    case readProducts = "product.read"
    case writeProducts = "product.write"
    case readStock = "stock.read"
    case receiveStock = "stock.receive"
    case adjustStock = "stock.adjust"
    case createOrders = "order.create"
    /// For oneself as the customer.
    case createOwnOrders = "order.create.own"
    case readOrders = "order.read"
    case readOwnOrders = "order.read.own"
    case editOrders = "order.edit"
    case shipOrders = "order.ship"
    case cancelOrders = "order.cancel"
    case readPayments = "payment.read"
    case capturePayments = "payment.capture"
    case refundPayments = "payment.refund"
    case readPrices = "price.read"
    case writePrices = "price.write"
    case readReports = "report.read"
    case readAudit = "audit.read"
    /// What was done by oneself; for what others did, with `readAudit`.
    case undo = "undo"
    case manageUsers = "user.manage"
    /// Give or take the role of an owner, or change an owner's account.
    case manageOwners = "user.manage.owner"
    /// Take erased people out of the audit trail, which is then written anew.
    case purge = "user.purge"
    case closeDay = "day.close"
    case importData = "import"
    case exportData = "export"
    case backUp = "backup"
    case configure = "config.write"

    /// - Throws: `unknown-action` (64).
    package init(parsing text: String) throws(ShopError) {
        guard let action = Action(rawValue: text.lowercased()) else { throw .unknownAction(text) }
        self = action
    }

    /// What comes after "may not".
    package var phrase: String {
        switch self {
        case .readProducts: "see products"
        case .writeProducts: "change products"
        case .readStock: "see stock"
        case .receiveStock: "receive stock"
        case .adjustStock: "adjust stock"
        case .createOrders: "take orders, other than their own at the shop's prices"
        case .createOwnOrders: "order"
        case .readOrders: "see the orders of others"
        case .readOwnOrders: "see orders"
        case .editOrders: "change orders"
        case .shipOrders: "ship orders"
        case .cancelOrders: "cancel orders"
        case .readPayments: "see payments"
        case .capturePayments: "capture payments"
        case .refundPayments: "give refunds"
        case .readPrices: "see coupons and taxes"
        case .writePrices: "change coupons, shipping and taxes"
        case .readReports: "see reports"
        case .readAudit: "see the audit trail"
        case .undo: "take back what was done"
        case .manageUsers: "manage users"
        case .manageOwners: "manage owners"
        case .purge: "purge the journal"
        case .closeDay: "close days"
        case .importData: "import data"
        case .exportData: "export data"
        case .backUp: "make backups"
        case .configure: "change settings"
        }
    }
}

/// What a user is in the shop; decides what the user may do. A shop may have roles of its own
/// (`RoleTable`) beside those that every shop has.
package struct Role: RawRepresentable, Sendable, Hashable, CaseIterable {
    package let rawValue: String

    package static let owner = Role(named: "owner")
    package static let manager = Role(named: "manager")
    package static let clerk = Role(named: "clerk")
    package static let viewer = Role(named: "viewer")
    package static let customer = Role(named: "customer")

    /// Those that every shop has.
    package static let allCases: [Role] = [.owner, .manager, .clerk, .viewer, .customer]

    private init(named name: String) { rawValue = name }

    /// Any name that a role may have: a small letter, then up to 31 of those, digits and hyphens.
    package init?(rawValue: String) {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = rawValue.utf8.first, letters.contains(first), rawValue.utf8.count <= 32,
            rawValue.utf8.allSatisfy({
                letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "-")
            })
        else { return nil }
        self.rawValue = rawValue
    }

    /// `a clerk`.
    var withArticle: String {
        ("aeiou".contains(rawValue.prefix(1)) ? "an " : "a ") + rawValue
    }

    /// The one table of who may do what:
    ///
    /// - owner: everything
    /// - manager: everything but managing owners and purging the journal
    /// - clerk: read products and stock, receive and adjust stock, create, read, change, ship and
    ///   cancel orders, read and capture payments, see coupons and taxes, undo what they did of
    ///   that; never refund
    /// - viewer: read products, stock, orders, payments, coupons, taxes and reports; change nothing
    /// - customer: read products, create and read orders of their own
    package var actions: [Action] {
        switch self {
        case .owner: Action.allCases
        case .manager: Action.allCases.filter { $0 != .manageOwners && $0 != .purge }
        case .clerk:
            [
                .readProducts, .readStock, .receiveStock, .adjustStock, .createOrders,
                .createOwnOrders, .readOrders, .readOwnOrders, .editOrders, .shipOrders,
                .cancelOrders, .readPayments, .capturePayments, .readPrices, .undo,
            ]
        case .viewer:
            [
                .readProducts, .readStock, .readOrders, .readOwnOrders, .readPayments,
                .readReports, .readPrices,
            ]
        case .customer: [.readProducts, .createOwnOrders, .readOwnOrders]
        default: []
        }
    }

    package func allows(_ action: Action) -> Bool { actions.contains(action) }

    /// - Throws: `unknown-role` (64) for what cannot be one; the shop knows those of its own.
    package init(parsing text: String) throws(ShopError) {
        guard let role = Role(rawValue: text.lowercased()) else { throw .unknownRole(text) }
        self = role
    }
}

extension ShopError {
    static func unknownAction(_ text: String) -> ShopError {
        ShopError(
            .usage, "unknown-action", "\"\(text)\" is no action", try: ["shopctl help roles"])
    }
}
