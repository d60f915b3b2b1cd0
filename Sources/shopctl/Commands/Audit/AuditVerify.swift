import Primitives
import ShopCore

/// `shopctl audit verify`.
struct AuditVerify: ShoplessCommand {
    static var name: String { "audit verify" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Prove that no line of the audit trail was changed, moved or taken out",
            discussion: """
                Reads every journal file from its beginning: the checksum of each line, the chain
                from line to line and file to file, numbers without gaps, times that never go
                back, and the seals of closed days. Says how many transactions are proven and up
                to where; where something is wrong, the file and line, and ends with 9. Lists what
                user purge took out: that these lines were others before, its record vouches for.
                """,
            examples: [.init("shopctl audit verify")],
            exitCodes: [
                .init(.findings, "something is wrong with the journal"),
                .init(.config, "there is no shop"),
            ],
            permission: .anybody("whoever may read the files"), fields: columns.headings())
    }

    static let columns: [Column<AuditProof>] = [
        .integer("transactions") { $0.transactions },
        .integer("files") { $0.files },
        .integer("last") { $0.last },
        .time("at") { $0.at },
        .text("file") { $0.file },
        .integer("line") { $0.line },
        .integer("seals") { $0.seals },
        .rows("purges", purgeColumns) { $0.purges },
        .rows("findings", DoctorCommand.columns) { $0.findings },
    ]

    private static let purgeColumns: [Column<PurgeRecord>] = [
        .integer("number", "NO") { $0.number },
        .time("at") { $0.at },
        .text("by") { $0.by },
        .integer("transactions") { $0.transactions },
        .integer("upTo", "UP TO") { $0.upTo },
        .list("people") { $0.people },
        .text("was", shown: .wide) { $0.was },
        .text("now", shown: .wide) { $0.now },
    ]

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        guard let path = context.settings.dataDirectory else { throw .noDataDirectory }
        let environment = context.environment
        let auditor = Auditor(
            path, patience: context.settings.lockWaitSeconds * 1_000, clock: environment.clock,
            random: environment.random)
        let proof = try auditor.prove()
        guard !proof.findings.isEmpty else { return .records(Self.columns, [proof]) }
        return Report.list(DoctorCommand.columns, proof.findings).ending(with: .findings)
    }
}
