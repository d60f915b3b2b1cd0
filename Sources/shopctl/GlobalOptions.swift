import Primitives

/// The flags that every command takes, and that may stand anywhere on the line.
enum GlobalOptions {
    static let all: [OptionSpec] = [
        .value(
            "data-dir", short: "C", "DIR", "Data directory of the shop",
            default: "$SHOPCTL_DATA_DIR, the config file's, $XDG_DATA_HOME/shopctl"),
        .value(
            "format", "FORMAT", "How the result is printed",
            choices: OutputFormat.allCases.map(\.rawValue),
            default: "table on a terminal, plain in a pipe"),
        .switch("json", "The same as --format json; errors are JSON too"),
        .value("fields", "A,B", "Only these columns, in this order"),
        .value("field", "A", "One bare value for each row"),
        .switch("no-header", "No header line in table and csv"),
        .switch("porcelain", "Bare ids from a command that changes something"),
        .value("out", short: "o", "FILE", "Write the result to FILE, whole or not at all"),
        .switch("quiet", short: "q", "No notices and no progress"),
        .switch("verbose", short: "v", "Say on standard error what is done"),
        .value(
            "color", "WHEN", "Colours", choices: ["auto", "always", "never"],
            default: "auto"),
        .switch("no-input", "Never ask anything"),
        .switch("yes", short: "y", "Answer yes to what would be asked"),
        .switch("dry-run", short: "n", "Show what would be different, and store nothing"),
        .value(
            "idempotency-key", "KEY",
            "Name of this request; the same key again prints the first result"
        )
        .read(by: IdempotencyKey.init(parsing:)),
        .value("wait-lock", "SECONDS", "How long to wait for another writer", default: "5")
            .read(by: ArgumentValues.seconds),
        .value(
            "as-of", "TIME",
            "Show the shop as it stood: at a time, at the end of a day, or 2h or 3d ago"
        )
        .read(by: PastMoment.init(parsing:)),
        .value("tz", "ZONE", "Time zone of times for people", default: "the shop's")
            .read(by: TimeZoneName.init(parsing:)),
        .value("as", "EMAIL", "Act with the session of this user")
            .read(by: EmailAddress.init(parsing:)),
        .switch("help", short: "h", "Explain the command"),
        .switch("version", "Print the version"),
    ]
}

/// Readers for values that are no type of the shop.
enum ArgumentValues {
    /// A whole number of seconds, 0 to a day.
    static func seconds(_ text: String) throws(ShopError) -> Int {
        guard let seconds = Int(text), (0...86_400).contains(seconds) else {
            throw .notInRange(text, "a whole number of seconds from 0 to 86400")
        }
        return seconds
    }

    /// A whole number of at least one, such as `--limit 20`.
    static func count(_ text: String) throws(ShopError) -> Int {
        guard let count = Int(text), (1...1_000_000_000).contains(count) else {
            throw .notInRange(text, "a whole number from 1 to 1000000000")
        }
        return count
    }

    /// A whole number that may be negative, such as `--by -3`.
    static func difference(_ text: String) throws(ShopError) -> Int64 {
        guard let number = Int64(text), number.magnitude <= 1_000_000_000_000 else {
            throw .notInRange(text, "a whole number such as 5 or -3")
        }
        return number
    }

    /// `Size=M` as its two sides.
    static func pair(_ text: String) throws(ShopError) -> (name: String, value: String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw .notInRange(text, "NAME=VALUE")
        }
        return (String(text[..<equals]), String(text[equals...].dropFirst()))
    }

    /// `a,b` as its parts; empty parts are dropped.
    static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension ShopError {
    static func notInRange(_ text: String, _ wanted: String) -> ShopError {
        ShopError(.usage, "invalid-value", "\"\(text)\" is not \(wanted)")
    }
}
