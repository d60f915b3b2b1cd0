import Foundation
import TestSupport
import Testing

/// docs/data-format.md is enough to read a shop without shopctl.
@Suite(.enabled(if: Binary.isBuilt && Tools.python != nil)) struct ReadShopTests {
    /// What else an order's price may depend on.
    private static let prices = [
        "", "", " --discount 7%", " --coupon SPRING --region GB", " --region CA/QC --shipping 4.90",
        " --shipping-method POST --region CA", " --coupon GIFT",
    ]

    private static let priceSetup = """
        tax set 20 --country GB --name VAT
        tax set 5 --country CA --name GST
        tax set 9.975 --country CA --state QC --name QST --priority 2 --compound
        shipping set POST --price 6.90 --free-from 200
        coupon add SPRING --percent 12.5 --limit 200
        coupon add GIFT --buy SKU-1=2 --get SKU-2=1 --limit-per-customer 9
        balance issue --amount 70 --quiet
        balance grant c1@x.example --amount 400
        balance grant C2@x.example --amount 90 --reason "nö, später"

        """

    /// Lines for `run`, of which many are refused.
    static func randomLines(_ count: Int, _ random: inout SeededRandom) -> String {
        var lines: [String] = []
        for _ in 0..<count {
            let order = 1_001 + random.number(0...200)
            func item() -> String { "SKU-\(random.number(0...40))=\(random.number(1...5))" }
            let customer = "c\(random.number(0...9))@x.example"
            let line =
                switch random.number(0...14) {
                case 0...4:
                    "order create --customer \(customer) --item \(item()) --item \(item())"
                        + random.one(of: prices)
                case 5: "order ship ORD-\(order)"
                case 6:
                    "payment capture ORD-\(order) --method "
                        + random.one(of: ["card", "store-credit"])
                case 7: "order cancel ORD-\(order) --refund --yes"
                case 9: "order edit ORD-\(order) --item \(item()) --refund --yes"
                case 10:
                    "order exchange ORD-\(order) --item \(item()) --for \(item()) --restock"
                case 11: "order invoice ORD-\(order) --quiet"
                case 12: "order note ORD-\(order) --text \"nö, später\""
                case 13: "order tag ORD-\(order) --add gift --remove late"
                case 8: "stock receive SKU-\(random.number(0...40)) --quantity 9"
                default:
                    "product edit SKU-\(random.number(0...40)) --name Näme"
                }
            lines.append(line)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test("a reader of one page agrees with export after hundreds of random commands and merges")
    func random() throws {
        var random = SeededRandom(seed: UInt64.random(in: 1...99_999))
        let shop = try Binary()
        // Enough of a base that changes go into runs.
        let rows = (0..<9_000).map { "SKU-\($0),Product number \($0),\($0 % 90).99,50\n" }
        let products = try shop.file("products.csv", "sku,name,price,stock\n" + rows.joined())
        #expect(try shop.run("import", "products", "-f", products).code == 0)
        let setup = try shop.file("setup", Self.priceSetup)
        #expect(try shop.run("run", "--quiet", setup).code == 0)
        for round in 0..<4 {
            let file = try shop.file("lines", Self.randomLines(400, &random))
            let run = try shop.run(
                ["run", "--continue", "--quiet"] + (round % 2 == 0 ? ["--group"] : []) + [file])
            #expect(run.code == 0 || run.code == 7, "\(random)")
        }
        let runs = try FileManager.default.contentsOfDirectory(atPath: shop.data + "/recent")
        #expect(!runs.isEmpty)
        try shop.expectExportAgrees(atLeast: 50_000)
        #expect(try shop.run("doctor").code == 0, "\(random)")
        let orders = try shop.readShop("orders").output
        let movements = try shop.readShop("balance-movements").output
        #expect(movements.contains("\"kind\":\"spend\""), "\(random)")
        for member in ["discounts", "taxes", "shippingTaxes", "coupon", "shippingMethod"] {
            #expect(orders.contains("\"\(member)\":"), "\(random)")
        }
        let transactions = try shop.readShop("--journal").lines.count
        #expect(try shop.run("audit", "list", "--format", "count").output == "\(transactions)\n")
    }

    @Test("the reader names damage in any file") func damage() throws {
        let shop = try KeptFormatTests.copy("format-1-parts")
        let files = FileManager.default
        let names = try files.subpathsOfDirectory(atPath: shop.data).filter {
            $0.hasSuffix(".jsonl") && !$0.hasPrefix("manifests/")
        }
        var found = 0
        for name in names {
            let path = "\(shop.data)/\(name)"
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            var bad = good
            bad[good.count / 3] ^= 4
            try bad.write(to: URL(fileURLWithPath: path))
            let outcome = try shop.readShop("--check")
            if outcome.code != 0 {
                found += 1
                #expect(outcome.errors.hasPrefix("read-shop: "), "\(outcome.errors)")
            } else {
                // Only what no manifest counts, behind the end of a sealed journal.
                #expect(name.hasPrefix("journal/"))
            }
            try good.write(to: URL(fileURLWithPath: path))
        }
        #expect(found > 20 && found >= names.count - 1)
        #expect(try shop.readShop("--check").code == 0)
    }

    @Test("every jq line of the page prints something", .enabled(if: Tools.jq != nil))
    func jq() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/data-format.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(text.range(of: "```sh\n")?.upperBound)
        let end = try #require(text.range(of: "\n```", range: start..<text.endIndex)?.lowerBound)
        let shop = try KeptFormatTests.copy("format-1")
        let commands = text[start..<end].split(separator: "\n# ").map { "# " + $0 }
        #expect(commands.count >= 5)
        for command in commands {
            let outcome = try shop.start(
                [], through: "cd '\(shop.data)' && set -eo pipefail\n\(command)\nexit 0"
            ).finish()
            #expect(outcome.code == 0 && !outcome.output.isEmpty, "\(command)\(outcome.errors)")
        }
    }
}
