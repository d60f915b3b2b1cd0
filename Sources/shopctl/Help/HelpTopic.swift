import Primitives
import Users

/// Pages about what all commands share.
enum HelpTopic: String, CaseIterable {
    case flags
    case exitCodes = "exit-codes"
    case formats
    case roles
    case environment
    case scripting

    var text: String {
        switch self {
        case .flags:
            "GLOBAL FLAGS (anywhere on the line)\n"
                + HelpPage.optionLines(GlobalOptions.all).map { "  \($0)\n" }.joined()
        case .exitCodes:
            "EXIT CODES\n"
                + ExitCode.allCases.map { code in
                    "  " + HelpPage.padded(String(code.rawValue), to: 5)
                        + HelpPage.padded(code.name, to: 15) + Self.meaning(of: code) + "\n"
                }.joined()
        case .formats: Self.formatsPage
        case .roles: Self.rolesPage
        case .environment: Self.environmentPage
        case .scripting: Self.scriptingPage
        }
    }

    /// When a command ends with `code`.
    static func meaning(of code: ExitCode) -> String {
        switch code {
        case .ok: "done, or already so, or no rows"
        case .failed: "anything not below"
        case .cancelled: "the answer to a question was no"
        case .notFound: "an id does not exist"
        case .auth: "not signed in, session expired, wrong password"
        case .conflict: "exists already, illegal state change, idempotency key reused"
        case .refused: "a business rule: out of stock, over-refund, weak password"
        case .partial: "a batch finished and some rows failed"
        case .findings: "a check ran and found something"
        case .usage: "bad flag or value, or a question that nobody can answer"
        case .data: "an input or stored file is malformed"
        case .noInput: "an input file is missing or unreadable"
        case .internal: "a bug"
        case .unknown: "a sync failed or a provider was silent: retry with the same idempotency key"
        case .cantCreate: "output cannot be made; a change may be stored all the same"
        case .io: "reading, writing or syncing failed; nothing is stored"
        case .locked: "the data directory is in use; see --wait-lock"
        case .noPermission: "the role or the file mode forbids it"
        case .config: "the config file or one of its values is wrong"
        case .interrupted: "interrupted; before the commit nothing is written"
        case .terminated: "asked to stop; before the commit nothing is written"
        }
    }

    private static var formatsPage: String {
        """
        FORMATS (--format F; --json is --format json)
          table    aligned columns, local times; what a terminal gets
          wide     table with every column, nothing cut
          plain    tab-separated, no header, \\t \\n \\r \\\\ escaped; what a pipe gets
          csv      RFC 4180 with a header; money is two columns, price and currency
          json     one document; lists are {"items":[...],"next":...}
          jsonl    one object a line
          ids      one id a line
          count    how many
          md html  reports only

        --fields a,b chooses columns, --field a prints bare values, --no-header drops the
        header, -o FILE writes the result to a file (its ending sets the format).

        In JSON money is {"amount":"12.99","currency":"USD"}, ids are strings, times are
        RFC 3339 in UTC, and absent members are left out: shopctl schema <noun>.

        """
    }

    /// The table of who may do what.
    private static var rolesPage: String {
        let width = (Action.allCases.map(\.rawValue.count).max() ?? 0) + 2
        let heads = Role.allCases.map(\.rawValue)
        func line(_ first: String, _ cells: [String]) -> String {
            var text = "  " + HelpPage.padded(first, to: width)
            for (cell, head) in zip(cells, heads) {
                text += HelpPage.padded(cell, to: head.count + 2)
            }
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }
        return "ROLES\n" + line("", heads)
            + Action.allCases.map { action in
                line(action.rawValue, Role.allCases.map { $0.allows(action) ? "yes" : "" })
            }.joined()
    }

    private static var environmentPage: String {
        """
        ENVIRONMENT (a flag wins over a variable, a variable over the config file)
          SHOPCTL_DATA_DIR   data directory, as --data-dir
          SHOPCTL_TZ         time zone, as --tz
          SHOPCTL_WAIT_LOCK  seconds to wait for another writer, as --wait-lock
          SHOPCTL_NO_INPUT   set: never ask, as --no-input
          SHOPCTL_TOKEN      a session token, for automation
          NO_COLOR           set: no colours
          CLICOLOR_FORCE     not 0: colours even in a pipe
          CLICOLOR           0: no colours
          COLUMNS            width of tables
          XDG_DATA_HOME      the data directory is $XDG_DATA_HOME/shopctl by default
          XDG_STATE_HOME     the session file is in $XDG_STATE_HOME/shopctl
          XDG_CONFIG_HOME    the config file is $XDG_CONFIG_HOME/shopctl/config.json

        CONFIG FILE, a JSON object with any of
          dataDir   data directory, an absolute path
          timeZone  as --tz
          color     auto, always or never
          waitLock  as --wait-lock
          providers who moves money, by name: docs/payments.md
          delivery  the program that sends codes to people: docs/security.md

          Of the shop itself, in shop.json of its data directory:

          idempotencyDays  for how many days an --idempotency-key counts (30)
          accounts         rules on passwords and sessions: docs/data-format.md

        """
    }

    private static var scriptingPage: String {
        """
        SCRIPTING
          Set SHOPCTL_NO_INPUT=1 and SHOPCTL_DATA_DIR; read exit codes, not sentences.
          A command that changes something prints bare ids in a pipe or with --porcelain:

            id=$(shopctl order create --customer ana@x.example --item MUG-1=2)
            shopctl payment capture "$id" --method card || exit

          Give every request a name, and a retry has no second effect:

            shopctl order create ... --idempotency-key "cart-$CART"

          A name counts for 30 days, or as many as "idempotencyDays" in the shop's shop.json says.

          Lists for other tools:

            shopctl order list --json | jq -r '.items[].total.amount'
            shopctl product list --format ids | xargs -r shopctl product show --json

          With --json errors are one JSON line on standard error:

            {"error":{"code":"insufficient-stock","exit":6,"message":"...","try":["..."]}}

          --dry-run checks everything and stores nothing, with the same exit code. It shows the
          rows that `diff` would show afterwards; with --json they are the member "changes".
          shopctl run FILE does many commands in one process.

        """
    }
}
