import Catalog
import Foundation
import Orders
import Payments
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

/// Roles of a shop's own, and limits on what a role may refund.
@Suite struct RoleLimitTests {
    let stage: SigninTests
    let shop: Shop
    let owner: Shop.Signin

    init() throws {
        stage = try SigninTests()
        let path = stage.directory.file("mugs")
        try SigninTests.set(
            #"{"passwordCost":1,"roles":{"cashier":["product.read","order.create","#
                + #""order.create.own","order.read.own","payment.capture","#
                + #""user.manage"],"intern":[]},"#
                + #""refundLimits":{"clerk":1500}}"#, in: path)
        shop = try SigninTests.open(path, stage.hands.clock)
        owner = try shop.signIn(stage.owner, password: stage.password)
        shop.request.token = owner.tokens.access
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 1_000, shop.currency)
        _ = try shop.addProduct(SKU(parsing: "MUG-1"), draft, stock: 90)
    }

    func refusal(_ body: () throws -> Void) -> ShopError? { stage.refusal(body) }

    /// Signs somebody up with a role, and in.
    func act(as role: String, _ name: String) throws {
        shop.request.token = owner.tokens.access
        let email = try EmailAddress(parsing: "\(name)@shop.example")
        var request = Shop.SignupRequest(email: email, password: stage.password)
        request.role = try Role(parsing: role)
        _ = try shop.signUp(request)
        shop.request.token = try shop.signIn(email, password: stage.password).tokens.access
    }

    func paidOrder(_ mugs: Int64) throws -> OrderNumber {
        let item = Shop.ItemRequest(
            sku: try SKU(parsing: "MUG-1"), quantity: try Quantity(mugs))
        let order = try shop.createOrder(.init(customer: stage.ana, items: [item]))
        _ = try shop.capturePayment(for: order.number, .cash, nil, reference: nil)
        return order.number
    }

    func refund(_ order: OrderNumber, _ cents: Int64?) throws {
        _ = try shop.refundPayment(
            .order(order), cents.map { Money(minorUnits: $0, shop.currency) }, reason: nil,
            restocked: [])
    }

    @Test("a role refunds up to its limit of one order, in however many pieces")
    func limit() throws {
        let (first, second) = (try paidOrder(3), try paidOrder(3))
        try act(as: "clerk", "bo")
        #expect(try shop.allowedActions().contains(.refundPayments))
        try refund(first, 1_000)
        let refused = try #require(refusal { try refund(first, 501) })
        #expect(refused.code == "no-permission" && refused.kind == .noPermission)
        #expect(refused.message.contains("15.00 USD") && refused.message.contains("15.01 USD"))
        #expect(refused.details.contains { $0.name == "action" && $0.value == "payment.refund" })
        try refund(first, 500)
        #expect(refusal { try refund(first, nil) }?.code == "no-permission")
        try refund(second, 1_500)
        // Cancelling with a refund is a refund too; that of an owner has no limit.
        let third = try paidOrder(2)
        #expect(
            refusal { _ = try shop.cancelOrder(third, reason: nil, refunding: true) }?.code
                == "no-permission")
        let payment = PaymentNumber(1_003)
        #expect(
            refusal {
                _ = try shop.disputePayment(payment, .opened, nil, reason: nil, reference: nil)
            }?.code == "no-permission")
        shop.request.token = owner.tokens.access
        try refund(first, nil)
        _ = try shop.cancelOrder(third, reason: nil, refunding: true)
        #expect(try shop.violations().isEmpty)
    }

    @Test("a role of the shop's own may what shop.json says, and nothing else")
    func own() throws {
        try act(as: "cashier", "cy")
        let order = try paidOrder(1)
        let refused = try #require(refusal { try refund(order, 100) })
        #expect(refused.message == "a cashier may not give refunds")
        #expect(refused.reason == "payment.refund takes one of: owner, manager, clerk")
        #expect(refusal { _ = try shop.orders([order]) }?.code == "order-not-found")
        try act(as: "intern", "ivo")
        #expect(try shop.allowedActions().isEmpty)
        #expect(
            refusal { try act(as: "pirate", "pat") }?.code == "unknown-role")
    }

    @Test("nobody gives a role that may more than they may themselves")
    func giving() throws {
        try act(as: "cashier", "cy")
        let ana = stage.ana
        #expect(try shop.setRole(Role(parsing: "intern"), of: ana).role.rawValue == "intern")
        #expect(try shop.setRole(Role(parsing: "cashier"), of: ana).role.rawValue == "cashier")
        for role in [Role.clerk, .viewer, .manager, .owner] {
            #expect(refusal { _ = try shop.setRole(role, of: ana) }?.code == "no-permission")
        }
        #expect(
            refusal { _ = try shop.createToken(nil, as: .clerk, days: 1) }?.code == "no-permission")
        _ = try shop.createToken(nil, as: Role(parsing: "intern"), days: 1)
    }

    @Test("a token has the lower of two limits, and a role that is gone may nothing")
    func tokensAndLostRoles() throws {
        let order = try paidOrder(3)
        shop.request.token = try shop.createToken(nil, as: .clerk, days: 1).token
        #expect(refusal { try refund(order, 1_501) }?.code == "no-permission")
        try refund(order, 1_500)
        try act(as: "cashier", "cy")
        let token = shop.request.token
        let path = stage.directory.file("mugs")
        try SigninTests.set(#"{"passwordCost":1}"#, in: path)
        let without = try SigninTests.open(path, stage.hands.clock)
        without.request.token = token
        #expect(try without.allowedActions().isEmpty)
        without.request.token = owner.tokens.access
        let cy = try EmailAddress(parsing: "cy@shop.example")
        #expect(try without.setRole(.clerk, of: cy).role == .clerk)
    }

    @Test(
        "shop.json says what is wrong with a role",
        arguments: [
            #"{"roles":{"clerk":[]}}"#, #"{"roles":{"Big Boss":[]}}"#,
            #"{"roles":{"cashier":["fly"]}}"#, #"{"refundLimits":{"clerk":-1}}"#,
        ])
    func settings(accounts: String) throws {
        let path = stage.directory.file("mugs")
        try SigninTests.set(accounts, in: path)
        #expect(
            refusal { _ = try SigninTests.open(path, stage.hands.clock) }?.code
                == "settings-damaged")
    }
}
