import Formats
import Orders
import Primitives
import TestSupport
import Testing

@Suite struct OrderTests {
    let usd: Currency
    let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)

    init() throws { usd = try #require(Currency.named("USD")) }

    func money(_ cents: Int64) -> Money { Money(minorUnits: cents, usd) }

    func line(_ sku: String, _ quantity: Int64, _ price: Int64) throws -> LineItem {
        try LineItem(SKU(parsing: sku), named: sku, Quantity(quantity), at: money(price))
    }

    func order(_ lines: [LineItem], shipping: Int64 = 0) throws -> Order {
        try Order(
            OrderNumber(1001), customer: EmailAddress(parsing: "ana@x.example"), lines: lines,
            shipping: money(shipping), reference: nil, by: "ana@x.example", at: now)
    }

    /// Two mugs for 25.98 in all, placed.
    func placed() throws -> Order {
        var order = try order([line("MUG-1", 2, 1299)])
        try order.place(at: now)
        return order
    }

    func paid() throws -> Order {
        var order = try placed()
        try order.capture(order.total, at: now)
        return order
    }

    func ship(_ order: inout Order) throws -> Shipment {
        try order.ship(carrier: nil, tracking: nil, by: "bo", at: now)
    }

    func refusal(_ body: () throws -> Void) -> ShopError? {
        do { try body() } catch { return error as? ShopError }
        return nil
    }

    @Test func quantitiesOfOneSKUAreAddedUpOverItsLinesWhateverItsCase() throws {
        let order = try order([
            line("MUG-1", 2, 1299), line("CUP-2", 1, 500), line("mug-1", 3, 1000),
        ])
        #expect(order.quantities.map(\.sku.text) == ["MUG-1", "CUP-2"])
        #expect(order.quantities.map(\.count) == [5, 1])
        #expect(order.units == 6)
    }

    @Test func theTotalIsTheLinesAndShipping() throws {
        let order = try order([line("A", 2, 1299), line("B", 1, 1)], shipping: 500)
        #expect(order.subtotal == money(2599) && order.total == money(3099))
    }

    @Test func amountsThatCannotBeKeptOrAreOfTwoCurrenciesAreRefused() throws {
        #expect(refusal { _ = try line("A", 2, .max) }?.code == "amount-overflow")
        #expect(
            refusal { _ = try order([line("A", 1, .max), line("B", 1, 1)]) }?.code
                == "amount-overflow")
        #expect(refusal { _ = try line("A", 1, -1) }?.code == "negative-price")
        #expect(
            refusal { _ = try order([line("A", 1, 1)], shipping: -1) }?.code == "negative-shipping")
        #expect(refusal { _ = try order([]) }?.code == "order-empty")
        let yen = try #require(Currency.named("JPY"))
        let other = try LineItem(
            SKU(parsing: "B"), named: "B", Quantity(1), at: Money(minorUnits: 1, yen))
        #expect(refusal { _ = try order([line("A", 1, 1), other]) }?.code == "currency-mismatch")
    }

    @Test func onlyADraftCanBePlaced() throws {
        var order = try placed()
        #expect(order.placedAt == now && order.unshipped.map(\.count) == [2])
        let error = refusal { try order.place(at: now) }
        #expect(error?.code == "order-not-placed" && error?.kind == .conflict)
    }

    @Test func shippingNeedsAPlacedOrderWithSomethingToShip() throws {
        var draft = try order([line("A", 1, 1)])
        #expect(refusal { _ = try ship(&draft) }?.code == "order-not-shippable")
        #expect(draft.unshipped.isEmpty)
        var cancelled = try placed()
        try cancelled.cancel(reason: nil, at: now)
        #expect(refusal { _ = try ship(&cancelled) }?.code == "order-not-shippable")
        var shipped = try placed()
        _ = try ship(&shipped)
        let error = refusal { _ = try ship(&shipped) }
        #expect(error?.code == "order-not-shippable" && error?.kind == .conflict)
        #expect(error?.message == "ORD-1001 cannot be shipped: it is shipped already")
        #expect(shipped.shipments.count == 1)
    }

    @Test func shippingTakesEverythingOncePerSKU() throws {
        var order = try order([line("A", 2, 1), line("B", 1, 1), line("a", 3, 1)])
        try order.place(at: now)
        let shipment = try order.ship(carrier: "DHL", tracking: "T1", by: "bo", at: now)
        #expect(shipment.number == 1 && shipment.carrier == "DHL")
        #expect(shipment.lines.map(\.count) == [5, 1])
        #expect(order.fulfillment == .shipped && order.status == .placed)
        #expect(order.unshipped.isEmpty)
    }

    @Test func anOrderIsCompletedWhenItIsBothShippedAndFullyPaidInEitherOrder() throws {
        var first = try paid()
        #expect(first.status == .placed)
        _ = try ship(&first)
        #expect(first.status == .completed && first.completedAt == now)
        var second = try placed()
        _ = try ship(&second)
        try second.capture(money(2597), at: now)
        #expect(second.status == .placed && second.due == money(1))
        try second.capture(money(1), at: now)
        #expect(second.status == .completed && second.due.isZero)
    }

    @Test func cancellingWithMoneyKeptIsRefusedNamingTheTwoWays() throws {
        var order = try paid()
        let error = refusal { try order.cancel(reason: nil, at: now) }
        #expect(error?.code == "order-has-payment" && error?.kind == .conflict)
        #expect(
            error?.message == "ORD-1001 cannot be cancelled: 25.98 USD captured are not refunded")
        #expect(
            error?.suggestions == [
                "shopctl payment refund ORD-1001 --full", "shopctl order cancel ORD-1001 --refund",
            ])
        try order.refund(money(1000), at: now)
        #expect(
            refusal { try order.cancel(reason: nil, at: now) }?.code == "order-has-payment")
        try order.refund(money(1598), at: now)
        try order.cancel(reason: "late", at: now)
        #expect(order.status == .cancelled && order.cancelReason == "late")
        #expect(order.payment == .refunded && order.due.isZero)
    }

    @Test func whatWasShippedOrCancelledCannotBeCancelled() throws {
        var order = try placed()
        _ = try ship(&order)
        #expect(
            refusal { try order.cancel(reason: nil, at: now) }?.code == "order-not-cancellable")
        var cancelled = try placed()
        try cancelled.cancel(reason: nil, at: now)
        #expect(
            refusal { try cancelled.cancel(reason: nil, at: now) }?.code == "order-not-cancellable")
    }

    @Test func capturingMoreThanIsDueIsRefusedWithWhatIsLeft() throws {
        var order = try placed()
        try order.capture(money(1500), at: now)
        let error = refusal { try order.capture(money(1099), at: now) }
        #expect(error?.code == "over-capture" && error?.kind == .refused)
        #expect(
            error?.message
                == "10.99 USD is more than what is due on ORD-1001: 10.98 USD of 25.98 USD")
        #expect(order.captured == money(1500) && order.payment == .partiallyCaptured)
    }

    @Test func refundingMoreThanWasCapturedIsRefused() throws {
        var order = try paid()
        try order.refund(money(2000), at: now)
        let error = refusal { try order.refund(money(599), at: now) }
        #expect(error?.code == "over-refund" && error?.kind == .refused)
        #expect(order.paid == money(598) && order.payment == .partiallyRefunded)
    }

    @Test func moneyThatMovesIsAboveZeroAndOfTheOrdersCurrency() throws {
        var order = try paid()
        for amount in [money(0), money(-1), money(.min)] {
            #expect(
                refusal { try order.capture(amount, at: now) }?.code == "amount-not-positive")
            #expect(refusal { try order.refund(amount, at: now) }?.code == "amount-not-positive")
        }
        let euro = Money(minorUnits: 1, try #require(Currency.named("EUR")))
        #expect(refusal { try order.refund(euro, at: now) }?.code == "currency-mismatch")
    }

    @Test func aDraftAndACancelledOrderTakeNoMoney() throws {
        var draft = try order([line("A", 1, 1)])
        #expect(refusal { try draft.capture(money(1), at: now) }?.code == "order-not-payable")
        var cancelled = try placed()
        try cancelled.cancel(reason: nil, at: now)
        #expect(refusal { try cancelled.capture(money(1), at: now) }?.code == "order-not-payable")
    }

    @Test("random changes never break an invariant", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func invariants(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var ends: Set<OrderStatus> = []
        for _ in 0..<200 {
            var order = try order(
                [
                    line("A", random.number(1...4), random.number(0...50)),
                    line("B", random.number(1...4), random.number(0...50)),
                ], shipping: random.number(0...9))
            for _ in 0..<12 {
                let before = order
                do { try change(&order, &random) } catch { #expect(order == before, "\(random)") }
                let taken = order.changes.reduce(Int64(0)) { $0 + max(0, -$1.amount) }
                let sound =
                    0 <= order.refunded.minorUnits && order.refunded <= order.captured
                    && order.captured.minorUnits <= order.total.minorUnits + taken
                    && order.unitProblems() == []
                    && order.returned <= order.total && order.overpaid <= order.paid
                #expect(sound, "\(random)")
                if order.status == .cancelled {
                    #expect(order.paid.isZero && order.fulfillment == .unfulfilled, "\(random)")
                }
                if order.status == .completed {
                    #expect(order.due.isZero && order.unshipped.isEmpty, "\(random)")
                    let left = order.shippedCounts.values.reduce(0, +)
                    #expect(left == order.units, "\(random)")
                }
                #expect(try Order(json: order.json) == order, "\(random)")
            }
            ends.insert(order.status)
        }
        #expect(ends.isSuperset(of: [.completed, .cancelled]), "\(random)")
    }

    func change(_ order: inout Order, _ random: inout SeededRandom) throws {
        let amount = money(random.number(-5...200))
        let some = [
            UnitCount(
                sku: try SKU(parsing: random.one(of: ["A", "B"])), count: random.number(1...3))
        ]
        switch random.number(0...9) {
        case 7:
            _ = try order.ship(some, carrier: nil, tracking: nil, by: "bo", at: now)
        case 8: _ = try order.takeBack(some, .restock, reason: nil, by: "bo", at: now)
        case 9: _ = try order.cancel(some, reason: nil, by: "bo", at: now)
        case 0, 1: try order.place(at: now)
        case 2: _ = try ship(&order)
        case 3: try order.cancel(reason: nil, at: now)
        case 4, 5: try order.capture(random.chance(1, in: 2) ? order.due : amount, at: now)
        default: try order.refund(random.chance(1, in: 2) ? order.paid : amount, at: now)
        }
    }

    @Test func anOrderReadsBackByteForByteAndKeepsMembersOfNewerVersions() throws {
        let json =
            #"{"number":1001,"customer":"Ana@x.example","status":"completed","currency":"USD","#
            + #""lines":[{"sku":"MUG-1","name":"Mug","quantity":2,"unitPrice":1299,"tax":0,"#
            + #""total":2598,"gift":true}],"subtotal":2598,"shipping":500,"#
            + #""tax":0,"total":3098,"captured":3098,"refunded":1,"#
            + #""reference":"PO 7","shipments":[{"number":1,"at":"2026-11-23T18:31:07.123Z","#
            + #""by":"bo","carrier":"DHL","tracking":"T","lines":[{"sku":"MUG-1","quantity":2,"#
            + #""box":1}],"weight":1.50}],"createdBy":"bo","#
            + #""createdAt":"2026-11-23T18:31:07.123Z","placedAt":"2026-11-23T18:31:07.124Z","#
            + #""completedAt":"2026-11-23T18:31:07.125Z","channel":{"id":"web"}}"#
        let order = try Order(json: Array(json.utf8))
        #expect(String(decoding: order.json, as: UTF8.self) == json)
        for (old, new) in [
            (#""number":1001,"customer""#, #""customer""#), ("completed\",\"c", "done\",\"c"),
            ("\"USD\"", "\"XTS\""), ("\"customer\"", "\"who\""),
            ("\"lines\":[{\"sku\":\"MUG-1\",\"name\"", "\"rows\":[{\"name\""),
        ] {
            let bad = json.replacing(old, with: new)
            #expect(bad != json)
            #expect(throws: JSONError.self, "\(new)") { try Order(json: Array(bad.utf8)) }
        }
    }
}
