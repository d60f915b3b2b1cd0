import Foundation
import TestSupport
import Testing

/// After an erasure and a purge no byte of the data directory says anything of the person.
@Suite(.enabled(if: Binary.isBuilt)) struct PurgeBytesTests {
    private let shop: Binary
    private let password: String
    /// What only this person has said, each of which some command stores.
    private static let markers = [
        "marker-ana@x.example", "Markerella", "Marker-Lane", "+43 1 6660666", "rings-the-marker",
    ]

    init() throws {
        shop = try Binary()
        password = try shop.file("password", "gnu-lathe-violet\n")
        chmod(password, 0o600)
    }

    private func run(_ words: String...) throws {
        let outcome = try shop.run(words)
        #expect(outcome.code == 0, "\(words) \(outcome.errors)")
    }

    private func signIn(_ email: String) throws {
        try run("user", "signin", email, "--password-file", password)
    }

    /// Files in which a marker stands, with it.
    private func found() throws -> [String] {
        var found: [String] = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: shop.data) {
            let path = "\(shop.data)/\(name)"
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            guard !isDirectory.boolValue else { continue }
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            let text = String(decoding: data, as: UTF8.self).lowercased()
            for marker in Self.markers where text.contains(marker.lowercased()) {
                found.append("\(name): \(marker)")
            }
        }
        return found
    }

    /// Everything that commands of today store of a customer.
    private func live() throws {
        try run("product", "add", "MUG-1", "--name", "Mug", "--price", "10", "--stock", "900")
        try run("user", "signup", "owner@shop.example", "--password-file", password)
        try signIn("owner@shop.example")
        try run(
            "user", "signup", "marker-ana@x.example", "--name", "Markerella Alm", "--phone",
            "+43 1 6660666", "--address", "Marker-Lane 5, Vienna", "--password-file", password)
        try signIn("marker-ana@x.example")
        try run(
            "order", "create", "--customer", "Marker-Ana@x.example", "--item", "MUG-1=2",
            "--idempotency-key", "web:marker-ana@x.example")
        try run("user", "edit", "--name", "Markerella Beh", "--locale", "de-AT")
        _ = try shop.run(
            ["user", "signin", "marker-ana@x.example", "--password-file", shop.file("no", "x\n")])
        try run("user", "forgot", "marker-ana@x.example")
        try signIn("owner@shop.example")
        try run("order", "note", "ORD-1001", "--text", "rings-the-marker twice")
        try run("payment", "capture", "ORD-1001", "--method", "cash")
        try run("order", "ship", "ORD-1001")
        // Enough of others that it is folded, and runs lie over a base.
        let lines = (0..<700).map { "order create --customer c\($0)@x.example --item MUG-1=1\n" }
        try run("run", "--quiet", try shop.file("lines", lines.joined()))
        try run("order", "invoice", "ORD-1001", "--quiet")
    }

    @Test("erase and purge leave the pseudonym and nothing else, and the shop goes on") func bytes()
        throws
    {
        try live()
        let before = Set(try found().map { $0.split(separator: ": ")[1] })
        #expect(before.count == Self.markers.count, "\(before)")
        let past = try shop.run("audit", "list", "--limit", "1", "--fields", "at").lines[0]
        let orders = try shop.run("order", "list", "--format", "csv", "--as-of", past).output
        try run("user", "delete", "marker-ana@x.example", "--erase", "--yes")
        #expect(try !found().isEmpty)
        let planned = try shop.run("user", "purge", "--dry-run", "--json")
        #expect(planned.output.contains("@erased.invalid") && planned.errors.isEmpty)
        let purge = try shop.run("user", "purge", "--yes")
        #expect(purge.code == 0 && purge.errors.isEmpty, "\(purge.errors)")
        let pseudonym = purge.output.trimmingCharacters(in: .newlines)
        let left = try found()
        #expect(left.isEmpty, "\(left)")

        #expect(try shop.run("audit", "verify").code == 0)
        let masked = try shop.run("order", "list", "--format", "csv", "--as-of", past).output
        let expected = orders.lowercased().replacing("marker-ana@x.example", with: pseudonym)
        #expect(masked.lowercased() == expected && masked.contains(pseudonym))
        #expect(try shop.run("diff", past).code == 0)
        #expect(try shop.run("audit", "show", "4", "5", "6", "--json").code == 0)
        try run("order", "create", "--customer", "bo@x.example", "--item", "MUG-1=1")
        let doctor = try shop.run("doctor")
        #expect(doctor.code == 0, "\(doctor.output)")
        guard Tools.python != nil else { return }
        #expect(try shop.readShop("--check").code == 0)
        let transactions = try shop.readShop("--journal").lines.count
        #expect(try shop.run("audit", "list", "--format", "count").output == "\(transactions)\n")
        try shop.expectExportAgrees(atLeast: 700)
    }
}
