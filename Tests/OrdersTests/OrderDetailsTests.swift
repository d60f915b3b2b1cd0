import Formats
import Orders
import Primitives
import Testing

@Suite struct OrderDetailsTests {
    private func refusal(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? ShopError)?.code }
        return nil
    }

    private func described() throws -> Order {
        var order = try OrderSteps.order()
        try order.address(billTo: "Ana GmbH, Ring 1, 1010 Wien", shipTo: "Ana, Gasse 2, 1020 Wien")
        try order.retag(adding: ["gift", "B2B:spring"], removing: [])
        order.note(try OrderNote("call first", by: "bo", at: OrderSteps.now))
        try order.place(by: "bo", at: OrderSteps.now)
        return order
    }

    @Test("what is said about an order is stored and read back, and what is not said is not stored")
    func roundTrip() throws {
        var order = try described()
        try order.cancel(reason: nil, by: "cy", at: OrderSteps.now)
        let again = try Order(json: order.json)
        #expect(again == order && again.details.placedBy == "bo")
        #expect(again.details.cancelledBy == "cy")
        let plain = String(decoding: try OrderSteps.order().json, as: UTF8.self)
        for name in ["notes", "tags", "billTo", "shipTo", "placedBy"] {
            #expect(!plain.contains("\"\(name)\""))
        }
    }

    @Test("a tag is there once whatever its case, and goes whatever its case")
    func tags() throws {
        var order = try described()
        try order.retag(adding: ["GIFT", "late"], removing: ["b2b:SPRING", "never"])
        #expect(order.details.tags == ["gift", "late"])
        #expect(order.details.has(tag: "Late") && !order.details.has(tag: "lat"))
        for text in ["", "two words", "a,b", String(repeating: "a", count: 41), "\u{1B}[31m"] {
            let before = order
            #expect(
                refusal { try order.retag(adding: ["ok", text], removing: []) } == "invalid-tag")
            #expect(order == before)
        }
    }

    @Test("addresses and notes are one line each; an empty address is none")
    func lines() throws {
        var order = try described()
        #expect(refusal { try order.address(billTo: nil, shipTo: "a\nb") } == "invalid-address")
        try order.address(billTo: "", shipTo: nil)
        #expect(order.details.billTo == nil && order.details.shipTo != nil)
        for text in ["", "two\nlines", String(repeating: "x", count: 2_001)] {
            #expect(
                refusal { _ = try OrderNote(text, by: "bo", at: OrderSteps.now) }
                    == "invalid-note")
        }
    }

    @Test("of a completed order only the invoice's address may change, of an ended one nothing")
    func when() throws {
        var order = try described()
        for step in ["capture", "ship"] { try OrderSteps.take(step, &order) }
        #expect(refusal { try order.address(billTo: nil, shipTo: "B") } == "order-not-editable")
        try order.address(billTo: "B", shipTo: nil)
        var cancelled = try described()
        try OrderSteps.take("cancel", &cancelled)
        #expect(refusal { try cancelled.address(billTo: "B", shipTo: nil) } == "order-not-editable")
        try cancelled.retag(adding: ["regret"], removing: [])
    }

    @Test("a customer sees their addresses, and not what staff said among themselves")
    func customers() throws {
        let seen = try described().asCustomersSee
        #expect(seen.details.notes.isEmpty && seen.details.tags.isEmpty)
        #expect(seen.details.shipTo == "Ana, Gasse 2, 1020 Wien")
    }
}
