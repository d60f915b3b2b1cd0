import Primitives
import ShopCore

/// What the global flags, the environment and the config file come to:
/// flag > environment > config file > default.
struct GlobalSettings: Sendable {
    /// Nil only where nobody says and there is no home directory either.
    var dataDirectory: String?
    /// Who moves money, by name; from the config file alone.
    var providers: [String: ProviderSettings] = [:]
    /// What sends codes; from the config file alone.
    var delivery: ExecSettings?
    /// The format asked for; nil where the command and the streams decide.
    var format: OutputFormat?
    var fields: [String]?
    /// `--field`: bare values instead of a table.
    var isSingleField = false
    var showsHeader = true
    var isPorcelain = false
    var outputPath: String?
    var isQuiet = false
    var verbosity = 0
    var mayPrompt = true
    var assumesYes = false
    var isDryRun = false
    var idempotencyKey: IdempotencyKey?
    /// `--as-of`: nil for the shop as it stands.
    var asOf: PastMoment?
    var lockWaitSeconds = 5
    /// Nil for the shop's own zone.
    var timeZone: TimeZoneName?
    var actingAs: EmailAddress?
    /// `SHOPCTL_TOKEN`, a session for automation.
    var token: String?
    var paintsOutput = false
    var paintsErrors = false

    /// - Throws: every problem of the flags, the environment and the config file in one error.
    init(
        _ arguments: ParsedArguments, _ environment: Environment, _ console: any Console
    ) throws(ShopError) {
        let config = try ConfigFile.read(environment.configFile)
        dataDirectory =
            arguments.value("data-dir") ?? environment.nonEmpty("SHOPCTL_DATA_DIR")
            ?? config.dataDirectory ?? environment.defaultDataDirectory
        providers = config.providers
        delivery = config.delivery
        readOutput(arguments)
        isQuiet = arguments.has("quiet")
        verbosity = arguments.count("verbose")
        mayPrompt =
            !arguments.has("no-input") && environment.nonEmpty("SHOPCTL_NO_INPUT") == nil
            && console.isTerminal(.input) && console.isTerminal(.error)
        assumesYes = arguments.has("yes")
        isDryRun = arguments.has("dry-run")
        idempotencyKey = try arguments.value("idempotency-key", IdempotencyKey.init(parsing:))
        asOf = try arguments.value("as-of", PastMoment.init(parsing:))
        actingAs = try arguments.value("as", EmailAddress.init(parsing:))
        token = environment.nonEmpty("SHOPCTL_TOKEN")
        let lockWait = try arguments.value("wait-lock", ArgumentValues.seconds)
        let usualLockWait = try environment.value("SHOPCTL_WAIT_LOCK", ArgumentValues.seconds)
        lockWaitSeconds = lockWait ?? usualLockWait ?? config.lockWaitSeconds ?? 5
        let zone = try arguments.value("tz", TimeZoneName.init(parsing:))
        let usualZone = try environment.value("SHOPCTL_TZ", TimeZoneName.init(parsing:))
        timeZone = zone ?? usualZone ?? config.timeZone
        let color = ColorChoice(arguments, environment, config)
        paintsOutput = color.paints(console.isTerminal(.output) && outputPath == nil)
        paintsErrors = color.paints(console.isTerminal(.error))
    }

    /// Global flags that contradict each other, a problem of the line like any other.
    static func contradictions(in arguments: ParsedArguments) -> [ShopError] {
        var problems: [ShopError] = []
        let named = arguments.value("format").flatMap(OutputFormat.init(rawValue:))
        if arguments.has("json"), let named, named != .json { problems.append(.twoFormats(named)) }
        if arguments.has("field"), arguments.has("fields") { problems.append(.fieldAndFields) }
        return problems
    }

    private mutating func readOutput(_ arguments: ParsedArguments) {
        let named = arguments.value("format").flatMap(OutputFormat.init(rawValue:))
        format = arguments.has("json") ? .json : named
        let path = arguments.value("out")
        outputPath = path == "-" ? nil : path
        if let outputPath, format == nil { format = OutputFormat(fileName: outputPath) }
        isPorcelain = arguments.has("porcelain")
        showsHeader = !arguments.has("no-header")
        if let field = arguments.value("field") {
            fields = [field]
            isSingleField = true
        } else if let list = arguments.value("fields") {
            fields = ArgumentValues.list(list)
        }
    }

    /// Takes over what a `run` was told for all of its lines.
    mutating func inherit(_ outer: GlobalSettings) {
        format = format ?? outer.format
        isQuiet = isQuiet || outer.isQuiet
        assumesYes = assumesYes || outer.assumesYes
        isDryRun = isDryRun || outer.isDryRun
        timeZone = timeZone ?? outer.timeZone
        mayPrompt = mayPrompt && outer.mayPrompt
    }

    /// The format for one result: what was asked for, else its own, else table for a terminal
    /// and plain for everything else.
    func format(for report: Report, isTerminal: Bool) -> OutputFormat {
        if case .mutation = report.body, isPorcelain { return .ids }
        if let format { return format }
        if isSingleField { return .plain }
        if let form = report.form { return form }
        return isTerminal && outputPath == nil ? .table : .plain
    }
}

/// `--color`, then `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, `TERM=dumb`, then the config file,
/// and last of all whether the stream is a terminal.
struct ColorChoice {
    private let fixed: Bool?

    init(_ arguments: ParsedArguments, _ environment: Environment, _ config: ConfigFile) {
        fixed =
            Self.named(arguments.value("color")) ?? Self.fromEnvironment(environment)
            ?? Self.named(config.color)
    }

    func paints(_ isTerminal: Bool) -> Bool { fixed ?? isTerminal }

    private static func named(_ name: String?) -> Bool? {
        switch name {
        case "always": true
        case "never": false
        default: nil
        }
    }

    private static func fromEnvironment(_ environment: Environment) -> Bool? {
        if environment.nonEmpty("NO_COLOR") != nil { return false }
        if let force = environment.nonEmpty("CLICOLOR_FORCE"), force != "0" { return true }
        if environment.variable("CLICOLOR") == "0" { return false }
        if environment.variable("TERM") == "dumb" { return false }
        return nil
    }
}

extension Environment {
    /// A variable read like a flag; `at:` names it.
    func value<Value>(
        _ name: String, _ parse: (String) throws(ShopError) -> Value
    ) throws(ShopError) -> Value? {
        guard let text = nonEmpty(name) else { return nil }
        do throws(ShopError) {
            return try parse(text)
        } catch {
            throw error.at("environment variable \(name)")
        }
    }
}

extension ShopError {
    static func twoFormats(_ format: OutputFormat) -> ShopError {
        ShopError(
            .usage, "two-formats", "--json and --format \(format.rawValue) contradict each other",
            try: ["--json", "--format \(format.rawValue)"])
    }

    static var fieldAndFields: ShopError {
        ShopError(
            .usage, "field-and-fields", "--field and --fields cannot stand together",
            try: ["--fields A,B", "--field A"])
    }
}
