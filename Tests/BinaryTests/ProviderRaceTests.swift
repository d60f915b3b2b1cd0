import Foundation
import TestSupport
import Testing

/// An impatient operator, cron and several tills at one order, through a gateway that loses most of
/// its answers, with processes that are killed on the way. The gateway's ledger is the judge.
@Suite(.enabled(if: Binary.isBuilt && Tools.python != nil), .serialized)
struct ProviderRaceTests {
    private static let gateway = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fakes/forgetful-gateway").path

    /// A line of the gateway's ledger that moved money.
    private struct Movement {
        let kind: String
        let order: String
        let amount: Int
    }

    private let shop: Binary
    private let ledger: String
    private var random: SeededRandom

    init() throws {
        shop = try Binary()
        random = SeededRandom(seed: UInt64.random(in: 1...99_999))
        ledger = try shop.file("ledger.jsonl", "")
        let folder = shop.home.file(".config/shopctl")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let words = #"["\#(ledger)","\#(random.seed)"]"#
        let config =
            #"{"providers":{"acme":{"kind":"exec","program":"\#(Self.gateway)","#
            + #""arguments":\#(words),"timeLimit":20}}}"#
        try config.write(toFile: folder + "/config.json", atomically: true, encoding: .utf8)
        try shop.run("product", "add", "MUG", "--name", "Mug", "--price", "30", "--untracked")
    }

    private func movements() throws -> [Movement] {
        try String(contentsOfFile: ledger, encoding: .utf8).split(separator: "\n").compactMap {
            let line = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            let answer = line?["answer"] as? [String: Any]
            guard answer?["outcome"] as? String == "succeeded" else { return nil }
            return Movement(
                kind: line?["kind"] as? String ?? "", order: line?["order"] as? String ?? "",
                amount: line?["amount"] as? Int ?? 0)
        }
    }

    /// One of the commands that people and cron give about an order.
    private mutating func command(_ order: String, _ payments: [String]) -> [String] {
        let provider = ["--provider", "acme", "--token", "tok"]
        let retried = ["payment", "capture", order, "--idempotency-key", "web-\(order)"] + provider
        switch random.number(0...9) {
        case 0, 1, 2: return retried
        case 3: return ["payment", "capture", order] + provider
        case 4: return ["payment", "authorize", order] + provider
        case 5, 6:
            guard !payments.isEmpty else { return retried }
            return ["payment", "capture", random.one(of: payments)]
        case 7: return ["payment", "void", order]
        case 8: return ["payment", "refund", order, "--amount", "7", "--yes"]
        default: return ["payment", "reconcile"]
        }
    }

    @Test("never two charges, never a lost one, whoever asks at once and is killed when")
    mutating func race() throws {
        var kills = 0
        for number in 1001...1004 {
            let order = "ORD-\(number)"
            #expect(
                try shop.run("order", "create", "--customer", "a@x.example", "--item", "MUG=1")
                    .code == 0)
            for _ in 0..<3 {
                let payments = try shop.run(
                    "payment", "list", "--order", order, "--format", "ids"
                ).lines
                let racers = (0..<4).map { _ in shop.process(command(order, payments)) }
                for (process, _, _) in racers {
                    try process.run()
                    guard random.chance(1, in: 3) else { continue }
                    usleep(UInt32(random.number(0...60_000)))
                    kill(process.processIdentifier, SIGKILL)
                }
                for (process, _, errors) in racers {
                    let text = errors.fileHandleForReading.readDataToEndOfFile()
                    process.waitUntilExit()
                    let wasKilled = process.terminationReason == .uncaughtSignal
                    kills += wasKilled ? 1 : 0
                    // Refused, not known, or done: never a bug, nor a lock that was held meanwhile.
                    let code = process.terminationStatus
                    #expect(
                        wasKilled || [0, 1, 3, 5, 6, 9, 71].contains(code),
                        "\(code) \(String(decoding: text, as: UTF8.self)) \(random)")
                }
            }
        }
        // The gateway loses three answers of a key at most.
        var last = try shop.run("payment", "reconcile")
        for _ in 0..<5 where last.code != 0 { last = try shop.run("payment", "reconcile") }
        #expect(last.code == 0, "\(last.errors) \(random)")
        try judge()
        #expect(kills > 0)
    }

    private func judge() throws {
        let moved = try movements()
        #expect(!moved.isEmpty)
        for number in 1001...1004 {
            let at: Comment = "ORD-\(number), \(random)"
            let own = moved.filter { $0.order == "ORD-\(number)" }
            func sum(_ kinds: String...) -> Int {
                own.reduce(0) { $0 + (kinds.contains($1.kind) ? $1.amount : 0) }
            }
            let shown = try shop.run("payment", "list", "--order", "ORD-\(number)", "--json")
            let list = try JSONSerialization.jsonObject(with: Data(shown.output.utf8))
            let payments = (list as? [String: Any])?["items"] as? [[String: Any]] ?? []
            func total(_ field: String) -> Int {
                payments.reduce(0) { sum, payment in
                    let money = payment[field] as? [String: String]
                    return sum + Int((Double(money?["amount"] ?? "0") ?? 0) * 100 + 0.5)
                }
            }
            #expect(total("captured") == sum("charge", "capture"), at)
            #expect(total("refunded") == sum("refund"), at)
            #expect(total("voided") == sum("void"), at)
            #expect(sum("charge", "capture") <= 3_000, at)
            let order = try shop.run(
                "order", "show", "ORD-\(number)", "--field", "captured"
            ).output
            #expect(order.hasPrefix(String(format: "%.2f", Double(total("captured")) / 100)), at)
        }
        #expect(try shop.run("doctor").output == "")
    }
}
