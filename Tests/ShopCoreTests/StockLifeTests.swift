import Catalog
import Formats
import Orders
import Payments
import Primitives
import ShopCore
import Storage
import Synchronization
import TestSupport
import Testing

/// What users of other shops ran into, as far as products and stock are concerned.
@Suite struct StockLifeTests {
    let directory: TemporaryDirectory
    let mug: SKU

    init() throws {
        directory = try TemporaryDirectory()
        mug = try SKU(parsing: "MUG-1")
    }

    private final class Hand: Sendable {
        let time = Mutex(Timestamp(millisecondsSinceEpoch: 1_795_459_867_000))

        func goOn(seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
    }

    /// A shop with nine mugs at 10.00, whose clock stands until it is moved.
    private func shop(
        reservationMinutes: Int64? = nil, stock: Int64 = 9
    ) throws -> (shop: Shop, hand: Hand) {
        let hand = Hand()
        let clock = Clock { hand.time.withLock { $0 } }
        let store = Shop.store(at: directory.file("shop"))
        try Shop.create(
            in: store, currency: Currency(parsing: "USD"), timeZone: .utc,
            reservationMinutes: reservationMinutes, clock: clock, random: .seeded(1))
        let shop = try Shop(
            store, clock: clock, random: .seeded(2), request: .init(command: "test"))
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 1_000, shop.currency)
        _ = try shop.addProduct(mug, draft, stock: stock)
        return (shop, hand)
    }

    private func order(_ shop: Shop, _ counts: Int64...) throws -> Order {
        try shop.createOrder(
            .init(
                customer: EmailAddress(parsing: "ana@x.example"),
                items: try counts.map { .init(sku: mug, quantity: try Quantity($0)) }))
    }

    private func importing(_ text: String, to shop: Shop) throws -> ImportSummary {
        var rest = Array(text.utf8)[...]
        let reader = ProductReader("file.csv", as: .auto, in: shop.currency) { buffer in
            let part = rest.prefix(buffer.count)
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
        return try shop.importProducts(reader, onConflict: .update)
    }

    private func refusal(_ body: () throws -> Void) -> ShopError? {
        do { try body() } catch { return error as? ShopError }
        return nil
    }

    @Test("pain 1: the last unit is sold once, and who comes second is told what there is")
    func lastUnit() throws {
        let (shop, _) = try shop(stock: 1)
        _ = try order(shop, 1)
        let error = refusal { _ = try order(shop, 1) }
        #expect(error?.code == "insufficient-stock")
        #expect(error?.details.map(\.value) == ["MUG-1", "1", "0", "1", "1"])
        #expect(try shop.stock([mug])[0].reserved == 1)
    }

    @Test(
        "pain 2: lines of one SKU are added up before the check, and a refusal leaves nothing"
    )
    func sameSKUTwice() throws {
        let (shop, _) = try shop()
        #expect(refusal { _ = try order(shop, 5, 5) }?.code == "insufficient-stock")
        #expect(try shop.stock([mug])[0].reserved == 0)
        #expect(try shop.stockHistory(mug, limit: nil).count == 1)
        #expect(try order(shop, 4, 5).number == .first)
        #expect(try shop.stock([mug])[0].available == 0)
        #expect(try shop.violations() == [])
    }

    @Test(
        "pain 5: who looks at the stock sees units of unpaid orders as free once their time is over"
    )
    func expiryOnRead() throws {
        let (shop, hand) = try shop(reservationMinutes: 60)
        let back = LocationName(stored: "back")
        _ = try shop.addLocation(back)
        _ = try shop.transferStock(mug, Quantity(4), from: nil, to: back, note: nil)
        _ = try order(shop, 5)
        var request = Shop.OrderRequest(
            customer: try EmailAddress(parsing: "ben@x.example"),
            items: [.init(sku: mug, quantity: try Quantity(3))])
        request.location = back
        let paid = try shop.createOrder(request).number
        _ = try shop.capturePayment(for: paid, .cash, nil, reference: nil)
        hand.goOn(seconds: 3_599)
        #expect(try shop.stock([mug])[0].available == 1)
        hand.goOn(seconds: 1)
        let seen = try shop.stock([mug])[0]
        #expect(seen.available == 6 && seen.figures(at: nil).available == 5)
        // What is paid stays promised.
        #expect(seen.figures(at: back).available == 1)
        #expect(try shop.products([mug])[0].stock?.available == 6)
        var listed: [Int64] = []
        try shop.eachStock(.all, in: .one(nil)) { entry in
            listed.append(entry.stock?.available ?? -1)
            return true
        }
        #expect(listed == [5])
        // Nothing is stored by looking.
        #expect(try shop.stockHistory(mug, limit: 1)[0].kind == .reserve)
        #expect(try shop.orders([.first])[0].status == .placed)
        #expect(try shop.violations() == [])
        // An order at another place ends nothing here.
        request.items[0].quantity = try Quantity(2)
        let more = request
        #expect(refusal { _ = try shop.createOrder(more) }?.code == "insufficient-stock")
        #expect(try shop.orders([.first])[0].status == .placed)
        #expect(try order(shop, 5).status == .placed)
        #expect(try shop.orders([.first])[0].status == .expired)
    }

    @Test("pain 6: a file with one bad row imports nothing, and says how much it was")
    func allOrNothing() throws {
        let (shop, _) = try shop()
        let error = refusal {
            _ = try importing("sku,name,price\nA-1,A,1\nB-2,B,one\nC-3,C,3\n", to: shop)
        }
        #expect(error?.location == "file.csv:3" && error?.message == #"price "one" is no amount"#)
        #expect(try shop.stock([mug]).count == 1)
        #expect(
            refusal { _ = try shop.products([SKU(parsing: "A-1")]) }?.code == "product-not-found")
        let summary = try importing("sku,name,price\nA-1,A,1\nMUG-1,Mug,10\n", to: shop)
        #expect(summary.created == 1 && summary.unchanged == 1 && summary.updated == 0)
    }

    @Test("pain 7: every bad row is named with line, column and reason, in one pass")
    func everyProblem() throws {
        let (shop, _) = try shop()
        let error = refusal {
            _ = try importing(
                "sku,name,price,salePrice,saleFrom\nA-1,O'Neil,1,,\nA 2,B,1,,\nC-3,C,-1,,\n"
                    + "D-4,D,5,4,soon\nE-5,E,5,6,\n", to: shop)
        }
        let problems = [try #require(error)] + (error?.others ?? [])
        #expect(
            problems.map(\.location) == [
                "file.csv:3", "file.csv:4, price", "file.csv:5, saleFrom", "file.csv:6, sale-price",
            ])
        #expect(
            problems.map(\.code) == [
                "invalid-sku", "negative-price", "bad-cell", "sale-not-below-price",
            ])
    }

    @Test("pain 8: the same file again changes nothing, sale, barcode and images included")
    func again() throws {
        let (shop, _) = try shop()
        let file = """
            sku,name,price,cost,salePrice,saleFrom,saleTo,barcode,images,categories,tags,backorders
            A-1,A,10.00,4.00,8.00,2026-11-01,2026-11-30,0012345,"a.jpg, b.jpg",Home>Bath,"x, y",yes
            JP-1,B,1200,,,,,,,,,

            """
        #expect(try importing(file, to: shop).created == 2)
        let summary = try importing(file, to: shop)
        #expect(summary.unchanged == 2 && summary.updated == 0 && summary.created == 0)
        #expect(try shop.prices(of: SKU(parsing: "A-1")).count == 1)
    }

    @Test("pain 9: a byte order mark is dropped, and leading zeros of a barcode are kept")
    func spreadsheets() throws {
        let (shop, _) = try shop()
        let summary = try importing("\u{feff}sku,name,price,barcode\n007,Bond,1,0042\n", to: shop)
        #expect(summary.created == 1)
        let product = try shop.products([SKU(parsing: "007")])[0].product
        #expect(product.barcode == "0042" && product.sku.text == "007")
    }

    @Test("an archived product keeps its orders whole: they are shipped, returned and cancelled")
    func archived() throws {
        let (shop, _) = try shop()
        let (first, second) = (try order(shop, 2).number, try order(shop, 3).number)
        var draft = Product.Draft()
        draft.name = "Other"
        draft.price = Money(minorUnits: 1, shop.currency)
        _ = try shop.editProduct(mug, draft)
        _ = try shop.archiveProducts([mug])
        #expect(refusal { _ = try order(shop, 1) }?.code == "product-not-for-sale")
        _ = try shop.shipOrder(first, carrier: nil, tracking: nil)
        _ = try shop.returnUnits(of: first, [UnitCount(sku: mug, count: 1)], .restock, reason: nil)
        _ = try shop.cancelOrder(second, reason: nil, refunding: false)
        let line = try #require(try shop.orders([first])[0].lines.first)
        #expect(line.name == "Mug" && line.unitPrice.minorUnits == 1_000)
        let level = try shop.stock([mug])[0]
        #expect(level.onHand == 8 && level.reserved == 0)
        #expect(try shop.violations() == [])
    }

    @Test("every change of a price is kept, by whichever command, and doctor counts them")
    func priceHistory() throws {
        let (shop, hand) = try shop()
        var random = SeededRandom(seed: 7)
        var expected: [Int64] = [1_000]
        for step in 0..<60 {
            hand.goOn(seconds: 60)
            let cents = random.number(900...905)
            var draft = Product.Draft()
            draft.price = Money(minorUnits: cents, shop.currency)
            switch step % 3 {
            case 0: _ = try shop.editProduct(mug, draft)
            case 1:
                var edit = BulkEdit()
                let change = cents - (expected.last ?? 0)
                edit.price = .amount(Money(minorUnits: change, shop.currency))
                _ = try shop.editProducts(Shop.ProductFilter(), edit)
            default:
                let amount = Money(minorUnits: cents, shop.currency).decimalText
                _ = try importing("sku,price\nMUG-1,\(amount)\n", to: shop)
            }
            if cents != expected.last { expected.append(cents) }
        }
        let periods = try shop.prices(of: mug)
        #expect(periods.reversed().map { $0.price?.minorUnits } == expected, "\(random)")
        for (later, earlier) in zip(periods, periods.dropFirst()) {
            #expect(later.from == earlier.to && earlier.from < later.from)
        }
        #expect(try shop.violations() == [])
    }

    @Test("an edit of many products changes all of them or none, and no more than it may")
    func bulk() throws {
        let (shop, _) = try shop()
        let rows = (0..<30).map { "P-\($0),Thing,\($0 < 25 ? "5.00" : "0.50")\n" }.joined()
        _ = try importing("sku,name,price\n" + rows, to: shop)
        var filter = Shop.ProductFilter()
        filter.search = "thing"
        var edit = BulkEdit()
        edit.price = .amount(Money(minorUnits: -100, shop.currency))
        let (things, cheaper) = (filter, edit)
        let error = refusal { _ = try shop.editProducts(things, cheaper) }
        #expect(error?.code == "negative-price" && error?.others.count == 4)
        #expect(try shop.prices(of: SKU(parsing: "P-0")).count == 1)
        edit.price = .percent(1_000)
        let changes = try shop.editProducts(filter, edit).items
        #expect(changes.count == 30 && changes.allSatisfy { $0.member == "price" })
        #expect(changes.first?.after == "5.50" && changes.last?.before == "5.00")
        #expect(try shop.violations() == [])
    }

    @Test("an edit of more products than go into one transaction is refused before it begins")
    func tooMany() throws {
        let (shop, _) = try shop()
        let rows = (0...10_000).map { "P-\($0),Thing,5.00\n" }.joined()
        _ = try importing("sku,name,price\n" + rows, to: shop)
        var edit = BulkEdit()
        edit.addedTags = ["new"]
        let wish = edit
        var filter = Shop.ProductFilter()
        filter.search = "thing"
        let things = filter
        #expect(refusal { _ = try shop.editProducts(things, wish) }?.code == "too-many-products")
        filter.search = "p-99"
        #expect(try shop.editProducts(filter, edit).items.count == 111)
    }

    @Test("a scanner's barcode counts for its product, beside the SKU; of two products for none")
    func scannedBarcodes() throws {
        let (shop, _) = try shop()
        var draft = Product.Draft()
        draft.barcode = "4006381333931"
        _ = try shop.editProduct(mug, draft)
        let code = try SKU(parsing: "4006381333931")
        let found = try shop.countStock([(code, 4), (mug, 3)], note: nil).items
        #expect(found.map(\.sku) == [mug] && found.map(\.difference) == [-2])
        // Imports do not look for the same barcode elsewhere.
        _ = try importing("sku,name,price,barcode\nCUP-2,Cup,1,4006381333931\n", to: shop)
        let error = refusal { _ = try shop.countStock([(code, 1)], note: nil) }
        #expect(error?.code == "barcode-of-several")
        let none = refusal { _ = try shop.countStock([(SKU(parsing: "12"), 1)], note: nil) }
        #expect(none?.code == "product-not-found")
        #expect(try shop.stock([mug])[0].onHand == 7)
    }
}
