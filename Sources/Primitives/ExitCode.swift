/// How a command ended, as the process exit code that scripts rely on (docs/errors.md).
package enum ExitCode: Int32, Sendable, CaseIterable {
    /// Done, or already so, or no rows.
    case ok = 0
    /// Anything not below.
    case failed = 1
    /// The user said no.
    case cancelled = 2
    /// An id does not exist.
    case notFound = 3
    /// Not signed in, session expired, wrong password.
    case auth = 4
    /// Exists already, illegal state change, idempotency key reused with other content.
    case conflict = 5
    /// A business rule: out of stock, over-refund, weak password, currency mismatch.
    case refused = 6
    /// A batch finished and some of its rows failed.
    case partial = 7
    /// A check ran and found something.
    case findings = 9
    /// A bad flag or value, or a prompt was needed and not possible.
    case usage = 64
    /// An input or a stored file is malformed.
    case data = 65
    /// An input file is missing or unreadable.
    case noInput = 66
    /// A bug.
    case `internal` = 70
    /// A sync failed and so did its repair: the outcome is not known.
    case unknown = 71
    /// Output cannot be made.
    case cantCreate = 73
    /// Reading, writing or syncing failed; nothing of this command is stored.
    case io = 74
    /// The data directory was in use for longer than the wait allowed.
    case locked = 75
    /// The role or the file mode forbids it.
    case noPermission = 77
    /// The config file or one of its values is wrong.
    case config = 78
    /// Interrupted from the terminal; before the commit nothing is written.
    case interrupted = 130
    /// Asked to stop (SIGTERM).
    case terminated = 143

    /// The name scripts and documentation use: `not-found`, `no-permission`.
    package var name: String {
        switch self {
        case .ok: "ok"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .notFound: "not-found"
        case .auth: "auth"
        case .conflict: "conflict"
        case .refused: "refused"
        case .partial: "partial"
        case .findings: "findings"
        case .usage: "usage"
        case .data: "data"
        case .noInput: "no-input"
        case .internal: "internal"
        case .unknown: "unknown"
        case .cantCreate: "cant-create"
        case .io: "io"
        case .locked: "locked"
        case .noPermission: "no-permission"
        case .config: "config"
        case .interrupted: "interrupted"
        case .terminated: "terminated"
        }
    }
}
