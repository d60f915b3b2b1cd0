import Catalog
import Foundation
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// shop.json as a newer program may have written it.
@Suite struct ShopFormatTests {
    let directory: TemporaryDirectory
    let root: String

    init() throws {
        directory = try TemporaryDirectory()
        root = directory.file("shop")
        try Shop.create(
            in: Shop.store(at: root), currency: Currency(parsing: "USD"), timeZone: .utc,
            clock: .ticking(), random: .seeded(1))
    }

    func rewrite(_ old: String, _ new: String) throws {
        let path = root + "/shop.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacingOccurrences(of: old, with: new).utf8)
            .write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
    }

    func add() throws(ShopError) {
        let shop = try Shop(
            Shop.store(at: root), clock: .ticking(), random: .seeded(2),
            request: .init(command: "test"))
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 100, shop.currency)
        _ = try shop.addProduct(try SKU(parsing: "MUG-1"), draft, stock: 1)
    }

    func code(_ body: () throws(ShopError) -> Void) -> String? {
        do { try body() } catch { return error.code }
        return nil
    }

    var findings: [String] {
        get throws {
            try Doctor(root, clock: .system, random: .seeded(3)).examine().map(\.code)
        }
    }

    @Test("a shop that needs a newer reader is not opened") func reader() throws {
        try rewrite("\"readerFeatures\":[]", "\"readerFeatures\":[\"blobs\"]")
        #expect(code(add) == "format-too-new")
        #expect(try findings == ["format-too-new"])
    }

    @Test("a shop that needs a newer writer is read only") func writer() throws {
        try rewrite("\"writerFeatures\":[]", "\"writerFeatures\":[\"blobs\"]")
        #expect(code(add) == "format-read-only")
        #expect(try findings == [])
    }

    @Test("a shop of before there were features is read and written") func older() throws {
        try rewrite(",\"readerFeatures\":[],\"writerFeatures\":[]", "")
        #expect(code(add) == nil)
        #expect(try findings == [])
    }
}
