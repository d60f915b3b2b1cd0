import Primitives
import ShopCore

/// `shopctl doctor`.
struct DoctorCommand: ShoplessCommand {
    static var name: String { "doctor" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Check every file and record of the shop, and mend what can be mended",
            discussion: """
                Reads all of it: permissions, manifest, journal, runs and segments with their
                checksums, references, and the invariants that stock, money and numbers must keep.
                Says nothing and ends with 0 when all is well; with 9 when there are findings. Other
                commands may run meanwhile.

                --fix mends what is marked so, after a yes: nothing that a command reported as
                stored can be lost by it, and what it takes away is kept in quarantine/. With
                --dry-run it lists the findings and ends with 9: that mending worked is known only
                by looking again.
                """,
            options: [.switch("fix", "Mend what can be mended safely")],
            examples: [.init("shopctl doctor"), .init("shopctl doctor --fix --yes")],
            exitCodes: [
                .init(.findings, "something is wrong, or still is after --fix"),
                .init(.config, "there is no shop"),
            ],
            mutates: true, permission: .anybody("whoever may read the files"),
            fields: columns.headings())
    }

    static let columns: [Column<Diagnosis>] = [
        .text("code") { $0.code },
        .text("file") { $0.file },
        .text("record") { $0.record },
        .text("message") { $0.message },
        .text("mend") { $0.mend },
        .bool("mendable", shown: .record) { $0.isMendable },
    ]

    private let fixes: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        fixes = arguments.has("fix")
    }

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        let doctor = try context.doctor()
        let findings = try doctor.examine()
        let mendable = findings.filter(\.isMendable)
        guard fixes, !mendable.isEmpty, !context.isDryRun else { return Self.report(findings) }
        try context.confirm("Mend \(mendable.count) of \(findings.count) findings?")
        let (mended, left) = try doctor.mend(findings)
        for finding in mended {
            context.notice("Mended \(finding.file): \(finding.message).")
        }
        return Self.report(left)
    }

    private static func report(_ findings: [Diagnosis]) -> Report {
        Report.list(columns, findings).ending(with: findings.isEmpty ? .ok : .findings)
    }
}

extension CommandContext {
    fileprivate func doctor() throws(ShopError) -> Doctor {
        guard let path = settings.dataDirectory else { throw .noDataDirectory }
        return Doctor(
            path, patience: settings.lockWaitSeconds * 1_000, clock: environment.clock,
            random: environment.random)
    }
}
