import Catalog
import Formats
import Primitives
import TestSupport
import Testing

/// Edits of many products, and the prices that end by them.
@Suite struct BulkEditTests {
    let usd: Currency
    let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)

    init() throws { usd = try #require(Currency.named("USD")) }

    func money(_ cents: Int64) -> Money { Money(minorUnits: cents, usd) }

    func mug(_ change: (inout Product.Draft) -> Void = { _ in }) throws -> Product {
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = money(999)
        change(&draft)
        return try Product(SKU(parsing: "MUG-1"), draft, at: now)
    }

    @Test("a share of a price is rounded half away from zero; an amount is added")
    func steps() throws {
        for (price, hundredths, result) in [
            (999, 500, 1_049), (1_000, -1_250, 875), (10, 500, 11), (10, -500, 10), (1, -5_000, 1),
            (333, 0, 333), (100, -10_000, 0),
        ] as [(Int64, Int64, Int64)] {
            let step = BulkEdit.Step.percent(hundredths)
            #expect(try step.applied(to: money(price)) == money(result), "\(price) \(hundredths)")
        }
        #expect(try BulkEdit.Step.amount(money(-50)).applied(to: money(999)) == money(949))
    }

    @Test("a sale is below the price that the same edit sets")
    func saleOfNewPrice() throws {
        var edit = BulkEdit()
        edit.price = .amount(money(1))
        edit.sale = .percent(-2_000)
        let draft = try edit.draft(for: mug())
        #expect(draft.price == money(1_000) && draft.salePrice == money(800))
    }

    @Test("tags and categories are added once and taken away whatever their case")
    func words() throws {
        let mug = try mug {
            $0.tags = ["Blue", "gift"]
            $0.categories = ["Home > Kitchen", "Home > Bath", "Garden"]
        }
        var edit = BulkEdit()
        edit.addedTags = ["gift", "new"]
        edit.removedTags = ["BLUE"]
        edit.addedCategories = ["Garden", "A>B"]
        edit.removedCategories = ["home"]
        let draft = try edit.draft(for: mug)
        #expect(draft.tags == ["gift", "new"] && draft.categories == ["Garden", "A > B"])
        edit = BulkEdit()
        #expect(edit.isEmpty)
        #expect(try edit.draft(for: mug).isEmpty)
    }

    @Test("the difference names what has changed, before and after, and nothing else")
    func differences() throws {
        let before = try mug { $0.tags = ["blue"] }
        var after = before
        var draft = Product.Draft()
        draft.price = money(1_049)
        draft.tags = []
        draft.lowStock = 3
        _ = try after.edit(draft, at: now.adding(seconds: 1))
        let sku = before.sku
        #expect(
            after.changes(since: before) == [
                ProductChange(sku: sku, member: "price", before: "9.99", after: "10.49"),
                ProductChange(sku: sku, member: "tags", before: "blue", after: nil),
                ProductChange(sku: sku, member: "lowStock", before: nil, after: "3"),
            ])
        #expect(after.changes(since: after) == [])
    }

    @Test("only a change of price, cost or sale ends a price")
    func pastPrices() throws {
        let before = try mug {
            $0.cost = money(500)
            $0.salePrice = money(800)
            $0.saleTo = now
        }
        var same = before
        var draft = Product.Draft()
        draft.name = "Blue mug"
        _ = try same.edit(draft, at: now)
        #expect(same.notePriceChange(since: before, at: now, by: "ana@x.example") == nil)
        draft.cost = money(600)
        var dearer = before
        _ = try dearer.edit(draft, at: now)
        let ended = dearer.notePriceChange(since: before, at: now, by: "ana@x.example")
        let past = try #require(ended)
        #expect(past.number == 1 && past.cost == money(500) && dearer.priceChanges == 1)
        #expect(
            String(decoding: past.json, as: UTF8.self)
                == #"{"sku":"MUG-1","number":1,"price":999,"currency":"USD","cost":500,"#
                + #""salePrice":800,"saleTo":"2026-11-23T18:51:07.123Z","#
                + #""until":"2026-11-23T18:51:07.123Z","by":"ana@x.example"}"#)
        #expect(try PastPrice(json: past.json) == past)
        #expect(try Product(json: dearer.json) == dearer)
    }
}
