import Primitives
import Testing
import Users

@Suite struct RoleTests {
    @Test func anOwnerMayDoEverythingAndAManagerAllButManageOwners() {
        #expect(Role.owner.actions == Action.allCases)
        #expect(Action.allCases.filter { !Role.manager.allows($0) } == [.manageOwners, .purge])
    }

    @Test func aClerkSellsAndShipsAndDoesNotRefund() {
        let may: [Action] = [
            .readProducts, .receiveStock, .adjustStock, .createOrders, .readOrders, .shipOrders,
            .cancelOrders, .capturePayments,
        ]
        for action in may { #expect(Role.clerk.allows(action), "\(action)") }
        let mayNot: [Action] = [
            .writeProducts, .refundPayments, .readReports, .manageUsers, .manageOwners, .readAudit,
            .importData, .configure, .backUp,
        ]
        for action in mayNot { #expect(!Role.clerk.allows(action), "\(action)") }
    }

    @Test func aCustomerSeesProductsAndOrdersOfTheirOwnOnly() {
        #expect(
            Role.customer.actions == [.readProducts, .createOwnOrders, .readOwnOrders])
    }

    @Test func aViewerReadsAndDoesNothingElse() {
        #expect(
            Role.viewer.actions.map(\.rawValue).sorted() == [
                "order.read", "order.read.own", "payment.read", "price.read", "product.read",
                "report.read", "stock.read",
            ])
    }

    @Test func theRefusalNamesTheRoleTheActionAndWhoMay() {
        do {
            try RoleTable().check(.clerk, .refundPayments)
            Issue.record("a clerk was let through")
        } catch {
            #expect(error.kind == .noPermission && error.code == "no-permission")
            #expect(error.message == "a clerk may not give refunds")
            #expect(error.reason == "payment.refund takes one of: owner, manager")
        }
    }

    @Test func rolesAreReadInEitherCase() throws {
        #expect(try Role(parsing: "Clerk") == .clerk)
        for text in ["big boss", "1st", "", String(repeating: "b", count: 33), "chef\u{E9}"] {
            #expect(throws: ShopError.self) { try Role(parsing: text) }
        }
    }
}
