import Storage
import TestSupport
import Testing

/// The explorer finds the mistakes that stores make, and none where there is none.
@Suite struct CrashExplorerTests {
    /// Adds numbers to a log, opening it anew in between as commands do.
    static func explorer(with defects: Set<ToyLog.Defect> = []) -> CrashExplorer<String> {
        CrashExplorer<String>(
            prepare: { files, _ in try ToyLog.make(files) },
            workload: { files, ledger in
                for start in [1, 4] {
                    let log = try ToyLog(files, with: defects)
                    for number in start..<start + 3 { try append(number, to: log, ledger) }
                }
            },
            check: { files, ledger in
                let log = try ToyLog(files, with: defects)
                try ledger.compare(found: log.entries)
                // The next write must work, and be a line of its own.
                let claims = ledger.claims
                try append(100 + claims.acknowledged.count + claims.refused.count, to: log, ledger)
                try ledger.compare(found: ToyLog(files, with: defects).entries)
            })
    }

    static func append(_ number: Int, to log: ToyLog, _ ledger: Ledger<String>) throws {
        // About as long as an order's line, so that lines straddle blocks.
        let entry = "\(number) " + String(repeating: "x", count: 300)
        ledger.begin(entry)
        try log.append(entry)
        ledger.acknowledge(entry)
    }

    @Test("a log that syncs before it answers survives everything")
    func correctLogSurvives() {
        let report = Self.explorer().explore()
        #expect(report.holds, "\(report)")
        for mode in CrashMode.allCases {
            #expect(report.states[mode, default: 0] >= 20, "\(mode): \(report)")
        }
    }

    @Test("every mistake of a log is caught", arguments: ToyLog.Defect.allCases)
    func everyMistakeIsCaught(defect: ToyLog.Defect) {
        let report = Self.explorer(with: [defect]).explore()
        #expect(!report.holds, "\(report)")
    }

    @Test("a log without the fdatasync loses what it acknowledged, in a power cut and not before")
    func missingSyncIsNamed() throws {
        let explorer = Self.explorer(with: [.noDataSync])
        #expect(explorer.explore([.kill]).holds)
        let report = explorer.explore([.powerCut])
        let failure = try #require(report.failures.first)
        #expect(failure.problem.hasPrefix("acknowledged and lost: 1"), "\(report)")
        #expect(failure.occasion.hasPrefix("power cut before append /log/lines"), "\(report)")
    }

    @Test(
        "every failure is found again by its name and seed alone",
        arguments: [
            ToyLog.Defect.noDataSync, .trustsSecondSync, .trustsTheCache, .rewritesInPlace,
        ])
    func failuresAreRepeatable(defect: ToyLog.Defect) throws {
        var explorer = Self.explorer(with: [defect])
        explorer.maximumFailures = 12
        let first = explorer.explore()
        #expect(!first.holds)
        for failure in first.failures {
            explorer.only = failure.state
            let again = explorer.explore()
            let found = again.failures.first { $0.state == failure.state }
            #expect(found?.problem == failure.problem, "\(failure.state)")
            #expect(again.total < first.total || first.total < 50)
        }
    }

    @Test("a workload that fails on its own is no pass")
    func failingWorkloadIsNoPass() {
        let report = CrashExplorer<Int>(
            workload: { _, _ in throw Contradiction("broken") }, check: { _, _ in }
        ).explore()
        #expect(report.failures.map(\.problem) == ["the workload failed: broken"])
    }

    // MARK: - The ledger

    @Test("a ledger tells lost, ghost, strange and doubled entries")
    func ledgerTells() throws {
        let ledger = Ledger<Int>()
        for number in 1...4 { ledger.begin(number) }
        ledger.acknowledge(1)
        ledger.refuse(2)
        try ledger.compare(found: [1], settling: false)
        try ledger.compare(found: [1, 3, 4], settling: false)
        for (found, problem) in [
            ([3], "acknowledged and lost: 1; 1 found, 1 acknowledged"),
            ([1, 2], "reported as not stored, and found: 2"),
            ([1, 9], "never asked for, and found: 9"),
            ([1, 3, 3], "found more than once: 3"),
        ] {
            let error = #expect(throws: Contradiction.self) {
                try ledger.compare(found: found, settling: false)
            }
            #expect(error?.description == problem)
        }
    }

    @Test("what was uncertain is settled by being seen")
    func lookingSettles() throws {
        let ledger = Ledger<Int>()
        ledger.begin(1)
        ledger.begin(2)
        try ledger.compare(found: [2])
        #expect(throws: Contradiction.self) { try ledger.compare(found: [1, 2]) }
        #expect(throws: Contradiction.self) { try ledger.compare(found: []) }
        try ledger.compare(found: [2])
    }
}
