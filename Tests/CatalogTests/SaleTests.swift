import Catalog
import Formats
import Primitives
import TestSupport
import Testing

/// Sale prices, margins, barcodes and category paths.
@Suite struct SaleTests {
    let usd: Currency
    let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)

    init() throws { usd = try #require(Currency.named("USD")) }

    func money(_ cents: Int64) -> Money { Money(minorUnits: cents, usd) }

    func mug(_ change: (inout Product.Draft) -> Void = { _ in }) throws -> Product {
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = money(1_000)
        change(&draft)
        return try Product(SKU(parsing: "MUG-1"), draft, at: now)
    }

    func code(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? ShopError)?.code }
        return nil
    }

    @Test("a sale price counts from its first moment up to its last, and not at it")
    func saleTimes() throws {
        let (from, to) = (now.adding(seconds: 60), now.adding(seconds: 120))
        let mug = try self.mug {
            $0.salePrice = money(800)
            $0.saleFrom = from
            $0.saleTo = to
        }
        for (seconds, cents) in [(0, 1_000), (59, 1_000), (60, 800), (119, 800), (120, 1_000)] {
            let price = try mug.priceForSale(at: now.adding(seconds: Int64(seconds)))
            #expect(price == money(Int64(cents)), "\(seconds)")
        }
        let open = try self.mug { $0.salePrice = money(800) }
        #expect(open.price(at: now) == money(800) && open.price == money(1_000))
    }

    @Test("a new sale price begins a new sale; days alone move the one there is")
    func saleEdits() throws {
        var mug = try self.mug {
            $0.salePrice = money(800)
            $0.saleTo = now
        }
        var draft = Product.Draft()
        draft.saleTo = now.adding(seconds: 5)
        #expect(try mug.edit(draft, at: now) && mug.sale?.to == now.adding(seconds: 5))
        draft = Product.Draft()
        draft.salePrice = money(700)
        #expect(try mug.edit(draft, at: now) && mug.sale?.to == nil)
        draft = Product.Draft()
        draft.endsSale = true
        #expect(try mug.edit(draft, at: now) && mug.sale == nil)
        #expect(try !mug.edit(draft, at: now))
    }

    @Test("a sale that makes no sense is refused, and one that is over stands in no price's way")
    func saleRefusals() throws {
        #expect(code { _ = try self.mug { $0.saleFrom = now } } == "sale-without-price")
        #expect(code { _ = try self.mug { $0.salePrice = money(1_000) } } == "sale-not-below-price")
        #expect(code { _ = try self.mug { $0.salePrice = money(-1) } } == "negative-price")
        let ends = code {
            _ = try self.mug {
                $0.salePrice = money(1)
                $0.saleFrom = now
                $0.saleTo = now
            }
        }
        #expect(ends == "sale-ends-first")
        let yen = Money(minorUnits: 5, try #require(Currency.named("JPY")))
        #expect(code { _ = try self.mug { $0.salePrice = yen } } == "currency-mismatch")
        var mug = try self.mug {
            $0.salePrice = money(800)
            $0.saleTo = now.adding(seconds: 9)
        }
        var cheaper = Product.Draft()
        cheaper.price = money(500)
        #expect(code { try mug.edit(cheaper, at: now) } == "sale-not-below-price")
        #expect(try mug.edit(cheaper, at: now.adding(seconds: 9)))
    }

    @Test("a margin is rounded half away from zero, and unknown without cost or price")
    func margins() throws {
        for (price, cost, permille) in [
            (1_000, 583, 417), (2_000, 1_999, 1), (3, 2, 333), (3, 1, 667), (100, 250, -1_500),
            (2_000, 2_001, -1),
        ] as [(Int64, Int64, Int64)] {
            let mug = try self.mug {
                $0.price = money(price)
                $0.cost = money(cost)
            }
            #expect(mug.margin == money(price - cost))
            #expect(mug.marginPermille == permille, "\(price) and \(cost)")
        }
        #expect(try mug().margin == nil && mug().marginPermille == nil)
        let free = try mug {
            $0.price = money(0)
            $0.cost = money(1)
        }
        #expect(free.margin == money(-1) && free.marginPermille == nil)
    }

    @Test("a barcode has no spaces and no commas, and an empty one takes it away")
    func barcodes() throws {
        for text in ["40 06", "a,b", "ä", String(repeating: "1", count: 65)] {
            #expect(code { _ = try self.mug { $0.barcode = text } } == "invalid-barcode", "\(text)")
        }
        var mug = try self.mug { $0.barcode = "4006381333931" }
        var draft = Product.Draft()
        draft.barcode = ""
        #expect(try mug.edit(draft, at: now) && mug.barcode == nil)
    }

    @Test("category paths are kept in one form, each once")
    func categories() throws {
        let mug = try self.mug {
            $0.categories = ["Home>Kitchen", " Home  >  Kitchen ", ">", "A B", "Ä"]
        }
        #expect(mug.categories == ["Home > Kitchen", "A B", "Ä"])
        for path in ["A", "A > B", "A B > C", "a  b"] { #expect(CategoryPath.normal(path) == path) }
        for path in ["A> B", "A >B", "A  > B", "A >  B", "> A > B", "A > > B", " A > B", "A > B >"]
        {
            #expect(CategoryPath.normal(path) == "A > B", "\(path)")
        }
        #expect(CategoryPath.isWithin("Home > Kitchen", "home"))
        #expect(CategoryPath.isWithin("Home>Kitchen", "HOME > kitchen"))
        #expect(!CategoryPath.isWithin("Homeware > Cups", "Home"))
        #expect(!CategoryPath.isWithin("Home", "Home > Kitchen"))
    }

    @Test("options set variants apart in whatever order and case")
    func options() throws {
        let tee = try mug { $0.options = [.init("Size", "M"), .init("Color", "Red")] }
        #expect(tee.hasOptions([.init("color", "red"), .init("Size", "m")]))
        #expect(!tee.hasOptions([.init("Size", "M")]))
    }
}
