import Orders
import Payments
import Primitives
import ShopCore
import TestSupport
import Testing

/// Balances, and what was paid from them, that do not come to what their movements say.
@Suite struct DoctorBalanceTests {
    let stage: DoctorRecordTests

    /// 5.00 of store credit, of which an order took 2.00 and gave 0.50 back.
    init() throws {
        stage = try DoctorRecordTests()
        let shop = try stage.opened()
        let ana = try EmailAddress(parsing: "ana@x.example")
        func money(_ units: Int64) -> Money { Money(minorUnits: units, shop.currency) }
        _ = try shop.grantCredit(money(500), to: ana, reason: nil)
        let order = try shop.createOrder(
            .init(
                customer: ana,
                items: [.init(sku: SKU(parsing: "MUG-1"), quantity: Quantity(1))]))
        _ = try shop.captureBalance(for: order.number, code: nil, money(200))
        _ = try shop.refundPayment(.order(order.number), money(50), reason: nil, restocked: [])
    }

    private static let balance = "balances/customer/ana@x.example"
    private static let movement = "balance-movements/customer/ana@x.example/000000000"
    private static let holder = "customer/ana@x.example"

    static let faults: [DoctorRecordTests.Fault] = [
        .init(
            balance, "\"amount\":350", "\"amount\":400",
            ["I4", "payments/balances", "ana@x.example"]),
        .init(
            balance, "\"movements\":3", "\"movements\":4",
            ["I4", "payments/balances", "ana@x.example"]),
        .init(
            balance, "\"amount\":350", "\"amount\":\"much\"",
            ["record-damaged", "payments/balances", holder]),
        .init(
            movement + "1", "\"amount\":500", "\"amount\":600",
            ["I4", "payments/balance-movements", holder]),
        .init(
            movement + "2", "\"after\":300", "\"after\":301",
            ["I4", "payments/balance-movements", holder]),
        .init(
            movement + "2", "\"number\":2", "\"number\":5",
            ["record-damaged", "payments/balance-movements", holder + "/0000000002"]),
        .init(
            movement + "2", "\"payment\":1003", "\"payment\":1077",
            ["I5", "payments/balance-movements", "PAY-1077"]),
        .init(
            movement + "3", "\"payment\":1003", "\"payment\":1001",
            ["I4", "payments/balance-movements", "PAY-1003"]),
    ]

    @Test("a balance that is not what its movements come to is named", arguments: faults)
    func fault(_ fault: DoctorRecordTests.Fault) throws {
        #expect(try stage.doctor.examine() == [])
        try stage.edit(fault.key, fault.old, fault.new)
        let found = try stage.doctor.examine()
        #expect(
            found.contains { [$0.code, $0.file, $0.record ?? ""] == fault.finding }, "\(found)")
        #expect(found.allSatisfy { !$0.isMendable })
    }

    @Test("a movement or a balance that is missing is named") func missing() throws {
        let movement = try stage.record(Self.movement + "2")
        try stage.set(Self.movement + "2", nil)
        let codes = try stage.doctor.examine().map(\.code)
        #expect(codes.contains("I6") && codes.contains("I4"))
        try stage.set(Self.movement + "2", movement)
        #expect(try stage.doctor.examine() == [])
        try stage.set(Self.balance, nil)
        #expect(try stage.doctor.examine().map(\.code) == ["I5"])
    }
}
