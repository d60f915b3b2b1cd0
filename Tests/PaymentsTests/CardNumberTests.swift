import Payments
import Primitives
import Testing

@Suite struct CardNumberTests {
    @Test(
        "a card number is refused wherever it stands, and is not repeated",
        arguments: [
            "4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242 12/27",
            "paid with 378282246310005, thanks", "4242 4242 4242 4242 123", "6304000000000000",
            "4222222222222", "x4000056655665556x", "6011000990139424",
        ])
    func refused(text: String) {
        let error = #expect(throws: ShopError.self) { try CardNumber.refused(in: text) }
        #expect(error?.code == "card-number")
        #expect(error?.message.contains("4242") == false)
    }

    @Test(
        "other numbers are not",
        arguments: [
            "4242424242424243", "ORD-1001", "424242424242", "00000000000000000000", "tok_visa",
            "terminal-4", "2026-11-24 18:31", "DE89 3704 0044 0532 0130 00", "0000000000000000",
            "invoice 12345, customer 678", "42424242.42424242",
        ])
    func kept(text: String) throws {
        #expect(try CardNumber.refused(in: text) == text)
    }
}
