import Catalog
import Formats
import Primitives
import TestSupport
import Testing

@Suite struct ProductTests {
    let usd: Currency
    let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)

    init() throws { usd = try #require(Currency.named("USD")) }

    func money(_ cents: Int64) -> Money { Money(minorUnits: cents, usd) }

    func draft(_ change: (inout Product.Draft) -> Void = { _ in }) -> Product.Draft {
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = money(1299)
        change(&draft)
        return draft
    }

    func mug(_ change: (inout Product.Draft) -> Void = { _ in }) throws -> Product {
        try Product(SKU(parsing: "MUG-1"), draft(change), at: now)
    }

    func code(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? ShopError)?.code }
        return nil
    }

    @Test func archivingTwiceIsFineAndRestoringPutsItBackOnSale() throws {
        var mug = try mug()
        #expect(try mug.priceForSale(at: now) == money(1299))
        let archived = [mug.archive(at: now.adding(seconds: 1)), mug.archive(at: now)]
        #expect(archived == [true, false])
        #expect(mug.updatedAt == now.adding(seconds: 1))
        #expect(code { _ = try mug.priceForSale(at: now) } == "product-not-for-sale")
        let restored = [mug.restore(at: now), mug.restore(at: now)]
        #expect(restored == [true, false])
        #expect(mug.status == .active)
    }

    @Test func aDraftAndAParentAreNotSold() throws {
        let prepared = try mug { $0.status = .draft }
        #expect(code { _ = try prepared.priceForSale(at: now) } == "product-not-for-sale")
        let parent = try mug {
            $0.kind = .parent
            $0.price = nil
        }
        #expect(code { _ = try parent.priceForSale(at: now) } == "product-not-for-sale")
        #expect(!parent.isTracked)
    }

    @Test func namesAndPricesThatMakeNoSenseAreRefused() throws {
        #expect(code { _ = try mug { $0.name = nil } } == "name-missing")
        #expect(code { _ = try mug { $0.name = "" } } == "name-missing")
        #expect(code { _ = try mug { $0.price = nil } } == "price-missing")
        #expect(code { _ = try mug { $0.price = money(-1) } } == "negative-price")
        #expect(code { _ = try mug { $0.cost = money(-1) } } == "negative-price")
        #expect(
            code { _ = try mug { $0.name = String(repeating: "ä", count: 501) } }
                == "text-too-long")
        #expect(code { _ = try mug { $0.parent = $0.parent } } == nil)
        let itself = try SKU(parsing: "mug-1")
        #expect(code { _ = try mug { $0.parent = itself } } == "own-parent")
    }

    @Test func aPriceAndACostOfTwoCurrenciesAreRefused() throws {
        let yen = Money(minorUnits: 5, try #require(Currency.named("JPY")))
        #expect(code { _ = try mug { $0.cost = yen } } == "currency-mismatch")
    }

    @Test func anEditChangesWhatItStatesAndARefusedOneNothing() throws {
        var mug = try mug { $0.tags = ["blue"] }
        var same = Product.Draft()
        same.name = "Mug"
        let unchanged = try mug.edit(same, at: now.adding(seconds: 5))
        #expect(!unchanged && mug.updatedAt == now)
        var cheaper = Product.Draft()
        cheaper.price = money(999)
        let changed = try mug.edit(cheaper, at: now.adding(seconds: 5))
        #expect(changed && mug.updatedAt == now.adding(seconds: 5))
        #expect(mug.price == money(999) && mug.tags == ["blue"] && mug.name == "Mug")
        let before = mug
        var bad = Product.Draft()
        bad.name = "Cup"
        bad.price = money(-1)
        #expect(code { _ = try mug.edit(bad, at: now) } == "negative-price")
        #expect(mug == before)
    }

    @Test(
        "a product reads back byte for byte, members of newer versions last",
        arguments: [
            #"{"sku":"MUG-1","name":"Mug","price":1299,"currency":"USD","cost":500,"#
                + #""description":"It holds \"tea\".","categories":["Home > Kitchen"],"#
                + #""tags":["blue"],"#
                + #""attributes":{"b":"1","a":"2"},"parent":"TEE","#
                + #""options":{"Size":"M"},"lowStock":3,"#
                + #""tracked":false,"taxClass":"reduced-rate","weightGrams":350,"#
                + #""status":"archived","createdAt":"2026-11-23T18:31:07.123Z","#
                + #""updatedAt":"2026-11-23T18:31:07.124Z","colour":{"rgb":[1,2.50,3]},"x":null}"#,
            #"{"sku":"CUP-2","name":"Cup","price":500,"currency":"USD","salePrice":400,"#
                + #""saleFrom":"2026-11-23T18:31:07.123Z","saleTo":"2026-11-24T00:00:00.000Z","#
                + #""barcode":"4006381333931","images":["cup.jpg","https://x.example/2.png"],"#
                + #""backorders":true,"status":"active","#
                + #""createdAt":"2026-11-23T18:31:07.123Z","#
                + #""updatedAt":"2026-11-23T18:31:07.123Z"}"#,
            #"{"sku":"TEE","name":"Tee","kind":"parent","status":"draft","#
                + #""createdAt":"2026-11-23T18:31:07.123Z","#
                + #""updatedAt":"2026-11-23T18:31:07.123Z"}"#,
        ])
    func roundTrip(json: String) throws {
        let product = try Product(json: Array(json.utf8))
        #expect(String(decoding: product.json, as: UTF8.self) == json)
        #expect(try Product(json: product.json) == product)
    }

    @Test func aProductOfTheStandardClassSaysNone() throws {
        var mug = try mug { $0.taxClass = TaxClass(stored: "reduced-rate") }
        #expect(mug.taxClass?.text == "reduced-rate")
        try mug.edit(draft { $0.taxClass = .standard }, at: now)
        #expect(mug.taxClass == nil)
        #expect(!String(decoding: mug.json, as: UTF8.self).contains("taxClass"))
        #expect(try TaxClass(parsing: "Reduced rate").text == "reduced-rate")
        for text in ["", "a/b", String(repeating: "x", count: 41)] {
            #expect(code { _ = try TaxClass(parsing: text) } == "invalid-tax-class")
        }
    }

    @Test func aRecordWithAnUnknownWordOrWithoutANameIsRefused() throws {
        let good = String(decoding: try mug().json, as: UTF8.self)
        for (old, new) in [
            ("\"active\"", "\"gone\""), ("\"USD\"", "\"XAU\""), ("\"name\"", "\"label\""),
            ("1299", "12.99"), (":07", ":77"), ("\"sku\"", "\"code\""),
        ] {
            let bad = good.replacing(old, with: new)
            #expect(bad != good)
            #expect(throws: JSONError.self, "\(new)") { try Product(json: Array(bad.utf8)) }
        }
    }
}
