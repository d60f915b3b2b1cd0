import Formats
import Payments
import Primitives
import TestSupport
import Testing

@Suite struct PaymentTests {
    let usd: Currency
    let note = PaymentEntry.Note(
        at: Timestamp(millisecondsSinceEpoch: 1_795_459_867_123), by: "ana@x.example")

    init() throws { usd = try #require(Currency.named("USD")) }

    func money(_ cents: Int64) -> Money { Money(minorUnits: cents, usd) }

    func payment(_ cents: Int64 = 3098) throws -> Payment {
        try Payment(
            PaymentNumber(1001), for: OrderNumber(1001), .cash, capturing: money(cents), note)
    }

    func refusal(_ body: () throws -> Void) -> ShopError? {
        do { try body() } catch { return error as? ShopError }
        return nil
    }

    @Test func aPaymentAtTheCounterIsAuthorizedAndCapturedAtOnce() throws {
        let payment = try payment()
        #expect(payment.authorized == money(3098) && payment.captured == money(3098))
        #expect(payment.entries.map(\.kind) == [.capture] && payment.status == .captured)
        #expect(payment.provider == "manual")
    }

    @Test func refundingMoreThanIsLeftIsRefusedWithTheFigures() throws {
        var payment = try payment(1000)
        try payment.refund(money(400), restocked: [], note)
        let error = refusal { try payment.refund(money(601), restocked: [], note) }
        #expect(error?.code == "over-refund" && error?.kind == .refused)
        #expect(
            error?.message
                == "refund of 6.01 USD is more than what is left: captured 10.00 USD,"
                + " refunded 4.00 USD")
        #expect(payment.refundable == money(600) && payment.entries.count == 2)
        #expect(payment.status == .partiallyRefunded)
        try payment.refund(money(600), restocked: [], note)
        #expect(payment.status == .refunded && payment.refundable.isZero)
    }

    @Test func amountsAreAboveZeroAndOfThePaymentsCurrency() throws {
        var payment = try payment()
        for amount in [money(0), money(-1), money(.min)] {
            let error = refusal { try payment.refund(amount, restocked: [], note) }
            #expect(error?.code == "amount-not-positive")
        }
        let euro = Money(minorUnits: 1, try #require(Currency.named("EUR")))
        #expect(
            refusal { try payment.refund(euro, restocked: [], note) }?.code == "currency-mismatch")
        #expect(refusal { _ = try self.payment(0) }?.code == "amount-not-positive")
    }

    @Test(
        "refunded, captured and authorized stay in that order, and are the sums of the entries",
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func invariants(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (accepted, refused) = (0, 0)
        for _ in 0..<300 {
            var payment = try payment(random.number(1...1_000))
            for _ in 0..<10 {
                let before = payment
                do {
                    try payment.refund(money(random.number(-5...300)), restocked: [], note)
                    accepted += 1
                } catch {
                    refused += 1
                    #expect(payment == before, "a refusal changes nothing, \(random)")
                }
                let sound =
                    0 <= payment.refunded.minorUnits && payment.refunded <= payment.captured
                    && payment.captured <= payment.authorized
                #expect(sound, "\(random)")
                let sum = payment.entries.filter { $0.kind == .refund }
                    .reduce(0) { $0 + $1.amount.minorUnits }
                #expect(sum == payment.refunded.minorUnits, "\(random)")
            }
            #expect(try Payment(json: payment.json) == payment, "\(random)")
        }
        #expect(accepted > 300 && refused > 300, "\(random)")
    }

    @Test func aPaymentReadsBackByteForByteAndKeepsMembersOfNewerVersions() throws {
        let json =
            #"{"number":1001,"order":1002,"method":"cash","provider":"manual","currency":"KWD","#
            + #""authorized":3098,"captured":3098,"refunded":98,"entries":[{"kind":"capture","#
            + #""amount":3098,"at":"2026-11-23T18:31:07.123Z","by":"ana"},{"kind":"refund","#
            + #""amount":98,"at":"2026-11-23T18:31:08.123Z","by":"ana","reason":"broken","#
            + #""reference":"R1","restocked":[{"sku":"MUG-1","quantity":1,"bin":2}],"x":[1.0]}],"#
            + #""createdAt":"2026-11-23T18:31:07.123Z","risk":{"score":0.10}}"#
        let payment = try Payment(json: Array(json.utf8))
        #expect(String(decoding: payment.json, as: UTF8.self) == json)
        #expect(payment.refundable.description == "3.000 KWD")
        for (old, new) in [
            ("cash", "barter"), ("KWD", "XAU"), (#""number":1001,"#, ""), (#""order":1002,"#, ""),
        ] {
            let bad = json.replacing(old, with: new)
            #expect(throws: JSONError.self, "\(old)") { try Payment(json: Array(bad.utf8)) }
        }
    }
}
