import Foundation
import TestSupport
import Testing

/// The example of a provider, between the real program and a server that plays the gateway's API.
@Suite(.enabled(if: Binary.isBuilt && Tools.python != nil)) struct ProviderExampleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The server, for as long as a test runs.
    private final class Gateway {
        let process = Process()
        let port: String
        let ledger: String

        init(in home: TemporaryDirectory) throws {
            ledger = home.file("ledger.jsonl")
            process.executableURL = URL(fileURLWithPath: try #require(Tools.python))
            process.arguments = [root + "/Tests/BinaryTests/Fakes/stripe-api", ledger]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let line = output.fileHandleForReading.availableData
            port = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)
        }

        func stop() {
            guard process.isRunning else { return }
            // Not terminate(): the signals that are blocked here are blocked there.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        /// `charge 3000`, one for each movement of money.
        func moved() throws -> [String] {
            try String(contentsOfFile: ledger, encoding: .utf8).split(separator: "\n").map {
                let line = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                return "\(line?["kind"] ?? "") \(line?["amount"] ?? "")"
            }
        }
    }

    private func shop(_ gateway: Gateway, in shop: Binary) throws {
        let secret = try shop.file("stripe.key", "sk_test_fake\n")
        chmod(secret, 0o600)
        let folder = shop.home.file(".config/shopctl")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let config =
            #"{"providers":{"stripe":{"kind":"exec","program":"\#(Self.root)/scripts/examples/"#
            + #"provider-stripe","arguments":["--base","http://127.0.0.1:\#(gateway.port)"],"#
            + #""secretFile":"\#(secret)"}}}"#
        try config.write(toFile: folder + "/config.json", atomically: true, encoding: .utf8)
        #expect(
            try shop.run("product", "add", "MUG", "--name", "Mug", "--price", "30", "--untracked")
                .code == 0)
        for _ in 0..<6 {
            #expect(
                try shop.run("order", "create", "--customer", "a@x.example", "--item", "MUG=1")
                    .code == 0)
        }
    }

    @Test("docs/payments.md attaches a gateway, line by line") func anHour() throws {
        let shop = try Binary()
        let gateway = try Gateway(in: shop.home)
        defer { gateway.stop() }
        let page = try String(contentsOfFile: Self.root + "/docs/payments.md", encoding: .utf8)
        let start = try #require(page.range(of: "### In an hour")?.upperBound)
        let begin = try #require(page.range(of: "```sh\n", range: start..<page.endIndex))
        let end = try #require(page.range(of: "\n```", range: begin.upperBound..<page.endIndex))
        // The copy speaks to the played gateway.
        let lines = String(page[begin.upperBound..<end.lowerBound]).replacing(
            "cp scripts/examples/provider-stripe ~/gateway/stripe",
            with: "sed 's|https://api.stripe.com|http://127.0.0.1:\(gateway.port)|' "
                + "scripts/examples/provider-stripe > ~/gateway/stripe; chmod +x ~/gateway/stripe")
        #expect(lines.contains("127.0.0.1"))
        let bin = URL(fileURLWithPath: Binary.path).deletingLastPathComponent().path
        let outcome = try shop.run(
            "version",
            through: "cd '\(Self.root)'; export PATH='\(bin)':$PATH STRIPE_TEST_KEY=sk_test_fake\n"
                + lines + "\ntrue")
        let said: Comment = "\(outcome.output) \(outcome.errors)"
        #expect(outcome.output.contains(#"{"outcome": "succeeded", "handle": "pi_1"}"#), said)
        #expect(outcome.output.contains("ORD-1001\tcaptured\t10.00 USD"), said)
        #expect(outcome.output.contains("ORD-1002\tpartiallyRefunded\t10.00 USD"), said)
        #expect(outcome.output.contains("ORD-1003\tfailed\t0.00 USD"), said)
        // Killed before it asked, or found out after.
        let last = outcome.output.contains("ORD-1004\tcaptured\t10.00 USD")
        let charges = try gateway.moved().filter { $0 == "charge 1000" }.count
        #expect(charges == (last ? 3 : 2), said)
        #expect(last || outcome.output.contains("ORD-1004\tunpaid\t0.00 USD"), said)
        #expect(try gateway.moved().contains("refund 100"), said)
    }

    @Test(
        "charges, declines, holds, refunds and lost answers come out as the gateway's ledger says")
    func example() throws {
        let shop = try Binary()
        let gateway = try Gateway(in: shop.home)
        defer { gateway.stop() }
        try self.shop(gateway, in: shop)
        func capture(_ order: String, _ token: String) throws -> Binary.Outcome {
            try shop.run(
                "payment", "capture", order, "--provider", "stripe", "--token", token)
        }
        #expect(try capture("ORD-1001", "pm_card_visa").code == 0)
        let declined = try capture("ORD-1002", "pm_card_chargeDeclinedInsufficientFunds")
        #expect(declined.code == 6 && declined.errors.contains("insufficient_funds"))
        #expect(try capture("ORD-1002", "tok_of_somebody_else").code == 1)
        #expect(try capture("ORD-1002", "pm_lost_after").code == 71)
        #expect(try capture("ORD-1003", "pm_lost_before").code == 71)
        #expect(try capture("ORD-1002", "pm_card_visa").code == 5)
        #expect(try capture("ORD-1004", "pm_card_authenticationRequired").code == 6)
        let found = try shop.run("payment", "reconcile")
        #expect(found.code == 0 && found.lines.count == 3, "\(found.errors)")
        let hold = try shop.run(
            "payment", "authorize", "ORD-1005", "--provider", "stripe", "--token", "pm_card_visa")
        #expect(hold.code == 0, "\(hold.errors)")
        let payment = try #require(hold.lines.first)
        #expect(try shop.run("payment", "capture", payment, "--amount", "20").code == 0)
        #expect(try shop.run("payment", "void", payment).code == 0)
        #expect(try shop.run("payment", "refund", payment, "--amount", "5", "--yes").code == 0)
        #expect(
            try gateway.moved() == [
                "charge 3000", "charge 3000", "charge 3000", "charge 3000", "capture 2000",
                "void 1000", "refund 500",
            ])
        let orders = try shop.run(
            "order", "list", "--format", "csv", "--no-header", "--fields", "number,payment")
        #expect(
            orders.lines.reversed() == [
                "ORD-1001,captured", "ORD-1002,captured", "ORD-1003,captured",
                "ORD-1004,captured", "ORD-1005,partiallyRefunded", "ORD-1006,unpaid",
            ])
        #expect(try shop.run("doctor").code == 0)
        // With the gateway gone, nothing was asked, and the order may be paid otherwise.
        gateway.stop()
        #expect(try capture("ORD-1006", "pm_card_visa").code == 1)
        #expect(try shop.run("payment", "capture", "ORD-1006", "--method", "cash").code == 0)
    }
}
