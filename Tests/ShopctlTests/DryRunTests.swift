import Foundation
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

@testable import shopctl

/// What a dry run shows is what the command then does, and it does nothing itself.
///
/// Each line of a long day is run dry and then for good, at the same moment and with the same
/// random bytes; what was shown is compared with what the audit trail has of it, the exit codes
/// with each other, and every file with what it was before.
@Suite struct DryRunTests {
    let stage: DryRunStage

    init() throws { stage = try DryRunStage() }

    /// Commands whose dry run cannot be the same; their help says why.
    private static let exempt: Set<String> = [
        // Shows the lines' own differences, below.
        "run",
        // Makes a shop, in which nothing is different yet.
        "init",
        // Mends files; what it would do to records is known only when it looks again.
        "doctor",
    ]

    /// Those of `DryRunStage.day` that change nothing that a difference shows, and may not.
    private static let silent: Set<String> = [
        "user signin", "user signout", "user forgot", "user recover",
        "user passwd", "user totp enroll", "user resend", "user deliver",
        "user session revoke", "user token create", "user purge", "day close",
        "payment reconcile", "init",
    ]

    @Test("a dry run shows what the command then does, ends alike, and touches no file")
    func day() throws {
        var seen: Set<String> = []
        var differences = 0
        for line in DryRunStage.day {
            let words = try stage.words(of: line)
            let spec = try #require(stage.spec(of: words), "\(line)")
            seen.insert(spec.name)
            try stage.prepare(spec.name)
            let before = try stage.files()
            let dry = try stage.run(words + ["--dry-run", "--format", "jsonl"])
            #expect(try stage.files() == before, "\(line) wrote in a dry run")
            let last = try stage.lastTransaction()
            let real = try stage.run(words)
            #expect(dry.code == real.code, "\(line): \(dry.errors) \(real.errors)")
            let shown = try stage.changes(in: dry.output)
            let made = try stage.changes(after: last)
            #expect(shown == made, "\(line)")
            differences += made.count
            if real.code == .ok, !Self.silent.contains(spec.name) {
                #expect(!made.isEmpty, "\(line) changed nothing that shows")
            }
        }
        #expect(differences > 150)
        let mutating = Set(CommandTable.all.filter { $0.spec.mutates }.map { $0.name })
        #expect(mutating.subtracting(seen).subtracting(Self.exempt) == [])
    }

    @Test("a line of a dry run sees what those before it would have changed") func series() throws {
        let lines = [
            "product add MUG-7 --name Mug --price 10 --stock 3",
            "order create --customer ana@x.example --item MUG-7=2",
            "payment capture ORD-1001 --method cash",
            "order ship ORD-1001",
            "order create --customer ana@x.example --item MUG-7=1",
            "order create --customer ana@x.example --item MUG-7=1",
        ]
        try lines.joined(separator: "\n").write(
            toFile: stage.directory.file("lines.txt"), atomically: true, encoding: .utf8)
        let run = try stage.words(of: "run --continue ./lines.txt --yes")
        _ = try stage.run(try stage.words(of: "init"))
        let before = try stage.files()
        let dry = try stage.run(run + ["--dry-run", "--format", "jsonl"])
        #expect(try stage.files() == before)
        let last = try stage.lastTransaction()
        let real = try stage.run(run)
        #expect(dry.code == .partial && real.code == .partial)
        #expect(try stage.changes(in: dry.output) == stage.changes(after: last))
        let refusal = "not enough stock for MUG-7: 1 wanted, 0 available"
        #expect(dry.errors.contains(refusal) && real.errors.contains(refusal))
    }

    @Test("where there is no shop yet, the one that there would be is tried and leaves nothing")
    func absent() throws {
        let words = try stage.words(of: "product add MUG-1 --name Mug --price 10 --stock 3")
        let before = try FileManager.default.contentsOfDirectory(atPath: stage.directory.path)
        let dry = try stage.run(words + ["--dry-run", "--format", "jsonl"])
        #expect(dry.code == .ok && dry.errors.contains("Would make a new shop in"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: stage.directory.path) == before)
        let shown = try stage.changes(in: dry.output)
        #expect(try stage.run(words).code == .ok)
        #expect(try shown == stage.changes(after: 0))
    }

    @Test("of a provider's payment a dry run shows what is on record before anybody is asked")
    func provider() throws {
        try stage.write(
            #"{"providers":{"sandbox":{"kind":"sandbox"}}}"#, to: ".config/shopctl/config.json")
        for line in ["product add MUG-1 --name Mug --price 10 --stock 5", Self.orders] {
            _ = try stage.run(try stage.words(of: line))
        }
        let lines = [
            "payment authorize ORD-1001 --provider sandbox --token tok_ok",
            "payment capture PAY-1001 --amount 4", "payment void PAY-1001",
            "payment refund ORD-1001 --full",
            "payment capture ORD-1001 --provider sandbox --token tok_lost_after",
        ]
        for line in lines {
            let words = try stage.words(of: line)
            let before = try stage.files()
            let dry = try stage.run(words + ["--dry-run", "--format", "jsonl"])
            #expect(dry.code == .ok && !dry.output.isEmpty, "\(line): \(dry.errors)")
            #expect(try stage.files() == before, "\(line)")
            let last = try stage.lastTransaction()
            _ = try stage.run(words)
            let first = try stage.changes(after: last, upTo: last + 1)
            #expect(try stage.changes(in: dry.output) == first, "\(line)")
        }
        let before = try stage.files()
        let asked = try stage.run(try stage.words(of: "payment reconcile --dry-run --format ids"))
        #expect(asked.code == .ok && asked.output == "PAY-1002\n")
        #expect(try stage.files() == before)
    }

    private static let orders = "order create --customer ana@x.example --item MUG-1=1"

    @Test("a dry run shows a customer nothing of what customers may not see") func customer() throws
    {
        let roles = try RoleMatrixTests.Stage()
        for role in [Role.customer, .clerk] {
            let console = CapturedConsole(input: [], terminals: [])
            let line =
                "order create --customer \(try roles.email(.customer)) --item MUG-1=1 --dry-run"
            #expect(try roles.run(line, as: role, on: console).code == .ok)
            #expect(console.output.contains("order\tadded"))
            #expect(console.output.contains("reserved") == (role == .clerk), "\(console.output)")
        }
    }
}
