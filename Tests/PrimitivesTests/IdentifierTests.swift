import Primitives
import Testing

@Suite struct IdentifierTests {
    @Test("a SKU is the same one whatever its case, and keeps the case it was given")
    func sku() throws {
        #expect(try SKU(parsing: "MUG-1") == SKU(parsing: "mug-1"))
        #expect(try SKU(parsing: "Mug_1.b").text == "Mug_1.b")
        for bad in ["", "-a", "a b", "ä", "a/b", String(repeating: "x", count: 65), "a\n"] {
            #expect(throws: ShopError.self, "\(bad)") { try SKU(parsing: bad) }
        }
    }

    @Test("order and payment numbers are read with and without their letters")
    func numbers() throws {
        for text in ["ORD-1001", "ord-1001", "1001"] {
            #expect(try OrderNumber(parsing: text).description == "ORD-1001")
        }
        #expect(try PaymentNumber(parsing: "pay-7").description == "PAY-7")
        for bad in ["", "ORD-", "PAY-1", "ORD1001", "-1", "99999999999"] {
            #expect(throws: ShopError.self, "\(bad)") { try OrderNumber(parsing: bad) }
        }
    }

    @Test("e-mail addresses of the shape mail takes, and no others")
    func email() throws {
        #expect(
            try EmailAddress(parsing: "Ana@X.example") == EmailAddress(parsing: "ana@x.EXAMPLE"))
        for good in ["a@b", "jo+tag@x.example", "ü@münchen.example"] {
            #expect(throws: Never.self, "\(good)") { try EmailAddress(parsing: good) }
        }
        for bad in [
            "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b..c", ".a@b", "a@b\u{1b}[31m", "<a@b>",
            "a@\u{202e}b",
        ] {
            #expect(throws: ShopError.self, "\(bad)") { try EmailAddress(parsing: bad) }
        }
    }

    @Test("quantities are whole and at least one")
    func quantity() throws {
        #expect(try Quantity(parsing: "12").count == 12)
        for bad in ["", "0", "-1", "1.5", "1e3", "+1", "1000000000001", "999999999999999999999"] {
            #expect(throws: ShopError.self, "\(bad)") { try Quantity(parsing: bad) }
        }
    }
}
