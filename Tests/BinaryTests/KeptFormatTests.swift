import Foundation
import TestSupport
import Testing

/// Data directories of every format that was released, as scripts/keep-format left them: they must
/// be read, and written on, for ever.
@Suite(.enabled(if: Binary.isBuilt && Tools.python != nil)) struct KeptFormatTests {
    static let stores = ["format-1", "format-1-parts"]
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Stores").path

    /// A copy as it would lie on a shop's disk: version control keeps no modes.
    static func copy(_ name: String) throws -> Binary {
        let shop = try Binary()
        let files = FileManager.default
        try files.copyItem(atPath: "\(folder)/\(name)", toPath: shop.data)
        chmod(shop.data, 0o700)
        for path in try files.subpathsOfDirectory(atPath: shop.data) {
            var isDirectory: ObjCBool = false
            _ = files.fileExists(atPath: "\(shop.data)/\(path)", isDirectory: &isDirectory)
            chmod("\(shop.data)/\(path)", isDirectory.boolValue ? 0o700 : 0o600)
        }
        return shop
    }

    /// Signs in the owner where the shop has one.
    func signIn(_ shop: Binary) throws {
        guard try shop.run("product", "list").code != 0 else { return }
        let password = try shop.file("password", "kept only for the tests of it\n")
        chmod(password, 0o600)
        let outcome = try shop.run(
            "user", "signin", "owner@shop.example", "--password-file", password)
        #expect(outcome.code == 0, "\(outcome.errors)")
    }

    @Test("every kept directory holds what it held", arguments: stores)
    func records(_ name: String) throws {
        let shop = try Self.copy(name)
        let golden = try String(contentsOfFile: "\(Self.folder)/\(name).jsonl", encoding: .utf8)
        #expect(try shop.readShop().output == golden)
        #expect(golden.count(of: "\n") > 100)
        let doctor = try shop.run("doctor")
        #expect(doctor.code == 0, "\(doctor.output)")
    }

    @Test("what shopctl exports of a kept directory is what stands in its files", arguments: stores)
    func export(_ name: String) throws {
        let shop = try Self.copy(name)
        try signIn(shop)
        try shop.expectExportAgrees(atLeast: 500)
    }

    @Test("a kept directory is written on, folded and still right", arguments: stores)
    func writing(_ name: String) throws {
        let shop = try Self.copy(name)
        let before = Set(try shop.readShop().lines)
        try signIn(shop)
        let sku = name == "format-1" ? "MUG-1" : "SKU-3"
        let file = try shop.file(
            "lines",
            "stock receive \(sku) --quantity 700\n"
                + String(
                    repeating: "order create --customer new@x.example --item \(sku)=1\n", count: 600
                ))
        let run = try shop.run("run", "--group", file)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.lines.count >= 600)
        // What was there is there still, but for what these orders change.
        let changed = try Set(
            ["stock", "counters", "days", "sessions"].map { "{\"collection\":\"\($0)\"" })
        let gone = before.subtracting(try shop.readShop().lines)
            .filter { line in !changed.contains { line.hasPrefix($0) } }
        #expect(gone == [])
        let doctor = try shop.run("doctor")
        #expect(doctor.code == 0, "\(doctor.output)")
        try shop.expectExportAgrees(atLeast: 5_000)
    }

    @Test("the kept directories have every kind of file and record") func variety() throws {
        let files = FileManager.default
        func names(_ path: String) throws -> [String] {
            try files.contentsOfDirectory(atPath: "\(Self.folder)/\(path)")
        }
        for name in Self.stores {
            #expect(try names("\(name)/journal").count > 1)
            #expect(try names("\(name)/recent").count > 0)
        }
        let manifest = try String(
            contentsOfFile: "\(Self.folder)/format-1-parts/MANIFEST.json", encoding: .utf8)
        #expect(manifest.contains("\"list\":{"))
        #expect(try names("format-1/quarantine").count == 2)
        let golden = try String(contentsOfFile: "\(Self.folder)/format-1.jsonl", encoding: .utf8)
        for collection in [
            "products", "stock", "movements", "orders", "payments", "users", "sessions",
            "customer-orders", "status-orders", "order-payments", "days", "counters", "idempotency",
        ] {
            #expect(golden.contains("{\"collection\":\"\(collection)\","), "\(collection)")
        }
    }
}

/// Programs that tests use where the machine has them.
enum Tools {
    static let python = path("python3")
    static let jq = path("jq")

    private static func path(_ name: String) -> String? {
        ["/usr/bin/", "/usr/local/bin/", "/bin/"].map { $0 + name }
            .first(where: FileManager.default.isExecutableFile(atPath:))
    }
}

extension Binary {
    /// scripts/read-shop on the shop's directory.
    func readShop(_ arguments: String...) throws -> Outcome {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("scripts/read-shop").path
        let process = try start(
            [script, data] + arguments, through: "exec \(Tools.python ?? "python3") \"$@\"")
        return process.finish()
    }

    /// What `export all` prints must be what read-shop finds in the files.
    func expectExportAgrees(atLeast count: Int) throws {
        let export = home.file("export.jsonl")
        let exported = try run("export", "all", "-o", export)
        #expect(exported.code == 0, "\(exported.errors)")
        let read = try readShop("--against", export)
        #expect(read.code == 0, "\(read.errors)")
        #expect(Int(read.output.prefix { $0 != " " }) ?? 0 > count, "\(read.output)")
    }
}
