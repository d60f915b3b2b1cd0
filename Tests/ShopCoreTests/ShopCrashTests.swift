import Primitives
import Storage
import TestSupport
import Testing

@testable import ShopCore

/// A whole shop under power cuts, kills, failing calls and full disks.
///
/// The oracle (docs/durability.md): every acknowledged command is there, byte for byte, in every
/// collection; at most the one in flight more, whole or not at all; I1 to I7 hold; readers show
/// the state after some commands and nothing else; it opens without a human; the next order and
/// every step of maintenance succeed.
@Suite struct ShopCrashTests {
    /// Which commands a workload is made of, and how many stand before it.
    struct Scenario: Sendable, CustomStringConvertible {
        var name: String
        var before: Int
        var count: Int
        var kinds: [ShopCommand.Kind]
        /// What the ordinary run must look at, at least.
        var crashStates: Int
        var recoveryStates: Int

        var description: String { name }
    }

    static let money: [ShopCommand.Kind] = [
        .order, .order, .order, .pay, .refund, .cancel, .hold, .hold, .captureHold, .void, .dispute,
        .ask, .ask, .ask, .ask, .askAgain, .askAgain, .askAgain, .answer, .answer, .answer, .settle,
        .issue, .grant, .spend, .spend, .closeDay,
    ]

    static let scenarios = [
        Scenario(
            name: "orders and payments", before: 8, count: 6,
            kinds: [
                .order, .orderWithKey, .orderWithKey, .pay, .pay, .ship, .refund, .refund, .cancel,
            ], crashStates: 1_000, recoveryStates: 80),
        Scenario(
            name: "catalog and stock", before: 10, count: 5,
            kinds: [.add, .edit, .receive, .importFew, .importMany, .orderWithKey],
            crashStates: 1_000, recoveryStates: 80),
        Scenario(
            name: "histories of orders", before: 10, count: 5,
            kinds: [.order, .pay, .ship, .receive, .importOrders, .importManyOrders],
            crashStates: 1_000, recoveryStates: 80),
        Scenario(
            name: "money", before: 30, count: 14,
            kinds: money, crashStates: 1_000, recoveryStates: 80),
        Scenario(
            name: "everything", before: 26, count: 5,
            kinds: [
                .add, .edit, .receive, .order, .orderWithKey, .orderWithKey, .pay, .ship, .refund,
                .cancel, .importFew, .importMany, .importOrders, .importManyOrders,
            ] + money, crashStates: 1_000, recoveryStates: 80),
    ]

    @Test("a shop survives everything", arguments: scenarios)
    func shop(scenario: Scenario) throws {
        var explorer = try Self.explorer(scenario)
        if !CrashExplorer<Int>.isLong {
            explorer.choices = 2
            explorer.maximumPoints = 5
        }
        let report = explorer.explore()
        print("\(scenario): \(report)")
        #expect(report.holds, "\(report)")
        #expect(report.crashStates >= scenario.crashStates)
        #expect(report.recoveryStates >= scenario.recoveryStates)
    }

    @Test("the workloads have commands of every kind, and those about money are interrupted, too")
    func coverage() throws {
        var kinds: Set<ShopCommand.Kind> = []
        for scenario in Self.scenarios {
            let plan = try ShopPlan(
                seed: CrashExplorer<Int>.standardSeed, before: scenario.before,
                then: scenario.count, scenario.kinds)
            kinds.formUnion(plan.all.map(\.kind))
            if scenario.name == "money" {
                let interrupted = Set(plan.groups.joined().map(\.kind))
                #expect(interrupted.count > 6, "\(interrupted)")
            }
        }
        #expect(kinds == Set(ShopCommand.Kind.allCases))
    }

    static func explorer(_ scenario: Scenario) throws -> CrashExplorer<Int> {
        let plan = try ShopPlan(
            seed: CrashExplorer<Int>.standardSeed, before: scenario.before,
            then: scenario.count, scenario.kinds)
        let reference = try ShopReference(plan.all)
        return CrashExplorer<Int>(
            prepare: { files, ledger in
                try ShopSession.make(on: files)
                let session = try ShopSession(on: files)
                for command in plan.before {
                    try Self.run(command, in: session, ledger)
                    session.shop.maintain()
                }
            },
            workload: { files, ledger in
                for (index, group) in plan.groups.enumerated() {
                    // Most commands are a process each.
                    let session = try ShopSession(on: files)
                    if group.count == 1 {
                        try Self.run(group[0], in: session, ledger)
                    } else {
                        try Self.run(group, in: session, ledger, isHeld: index % 2 == 0)
                    }
                    if index % 4 != 3 { session.shop.maintain() }
                }
            },
            check: { files, ledger in try Self.check(files, ledger, reference) })
    }

    private static func run(
        _ command: ShopCommand, in session: ShopSession, _ ledger: Ledger<Int>
    ) throws {
        ledger.begin(command.number)
        do {
            try command.run(in: session)
            ledger.acknowledge(command.number)
        } catch let error as ShopError {
            // 71: nobody knows. Everything else promises that nothing is stored.
            if error.kind != .unknown { ledger.refuse(command.number) }
            throw error
        }
    }

    /// As `shopctl run` does: one lock, and an answer once its change is durable.
    ///
    /// - Parameter isHeld: as `run --group`, which waits for the disk once for all.
    private static func run(
        _ group: [ShopCommand], in session: ShopSession, _ ledger: Ledger<Int>, isHeld: Bool
    ) throws {
        var held: [Int] = []
        var released = 0
        var failure: (any Error)?
        let shop = session.shop
        func failed(_ error: ShopError, _ number: Int) {
            failure = error
            guard error.kind != .unknown else { return }
            ledger.refuse(number)
            // What is lost with the group is not stored either.
            if shop.hasLostGroup { held[released...].forEach(ledger.refuse) }
        }
        try shop.group(
            mark: { held.count },
            release: { mark in
                while released < min(mark, held.count) {
                    ledger.acknowledge(held[released])
                    released += 1
                }
            },
            { () throws(ShopError) in
                for command in group where failure == nil {
                    ledger.begin(command.number)
                    do {
                        try command.run(in: session)
                        held.append(command.number)
                        shop.maintain()
                    } catch let error as ShopError {
                        failed(error, command.number)
                        continue
                    } catch {
                        failure = error
                        continue
                    }
                    guard !isHeld else { continue }
                    do throws(ShopError) { try shop.advance() } catch {
                        failed(error, command.number)
                    }
                }
            })
        if let failure { throw failure }
    }

    // MARK: - The oracle

    private static func check(
        _ files: SimulatedFileSystem, _ ledger: Ledger<Int>, _ reference: ShopReference
    ) throws {
        let reader = try ShopSession(on: files)
        let shown = try reader.history()
        if let ghost = ledger.claims.refused.intersection(shown).first {
            throw Contradiction("reported as not stored, and shown: \(ghost)")
        }
        try reference.compare(reader, shown, "a reader")
        let writer = try ShopSession(on: files)
        let claims = ledger.claims
        let next =
            1_000 + claims.acknowledged.count + claims.refused.count + claims.uncertain.count
        try run(.probe(next), in: writer, ledger)
        let found = try writer.history()
        try ledger.compare(found: found)
        try reference.compare(writer, found, "the next writer")
        try writer.store.maintainFully()
        let again = try ShopSession(on: files)
        try again.store.holdingLock {}
        try ledger.compare(found: try again.history())
        try reference.compare(again, found, "after all maintenance", byKey: true)
        // Every record and every file once more, as `doctor` does; not each time.
        guard next % 4 == 0 else { return }
        let violations = try again.shop.violations()
        guard violations.isEmpty else { throw Contradiction("\(violations)") }
        let findings = try again.store.examine(
            at: ShopCommand.probe(next).time, keysLive: 86_400)
        // What an interrupted step left behind goes with a later sweep, and does no harm; a read
        // that fails, because this check runs into trouble itself, is rightly named.
        let harmful = findings.filter { !["leftover-file", "io-error"].contains($0.code) }
        guard harmful.isEmpty else { throw Contradiction("doctor: \(harmful)") }
        try checkSeals(again, reference, found)
    }

    /// Seals cover the bytes of the journal, which are others where lines were adopted or grouped:
    /// they are proven, not compared.
    private static func checkSeals(
        _ session: ShopSession, _ reference: ShopReference, _ found: [Int]
    ) throws {
        let (seals, _) = try session.shop.sealsAndPurges()
        let closed = reference.count(of: .closeDay, among: found)
        guard seals.count == closed else {
            throw Contradiction("\(closed) days were closed, and \(seals.count) are sealed")
        }
        let proof = try session.store.proveJournal(seals)
        guard proof.findings.isEmpty else { throw Contradiction("seals: \(proof.findings)") }
    }
}
