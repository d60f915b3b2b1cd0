import Foundation
import Primitives
import ShopCore
import Testing

@testable import shopctl

@Suite struct SettingsTests {
    /// What the settings come to; `config` is the text of the config file.
    private func settings(
        _ words: [String] = [], _ variables: [String: String] = [:], config: String? = nil,
        terminals: Set<StandardStream> = []
    ) throws -> GlobalSettings {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("shopctl-config-" + UUID().uuidString)
        let file = folder.appendingPathComponent("shopctl/config.json")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try config?.write(to: file, atomically: true, encoding: .utf8)
        var all = variables
        all["XDG_CONFIG_HOME"] = all["XDG_CONFIG_HOME"] ?? folder.path
        let parser = ArgumentParser(reading: words, for: nil, globals: GlobalOptions.all)
        if let problem = parser.problem { throw problem }
        return try GlobalSettings(
            parser.arguments, .test(all), CapturedConsole(terminals: terminals))
    }

    @Test("the data directory is the flag's, the variable's, the config file's, then XDG's")
    func dataDirectory() throws {
        let config = #"{"dataDir":"/from/config"}"#
        let variables = ["SHOPCTL_DATA_DIR": "/from/env", "HOME": "/home/ana"]
        #expect(
            try settings(["-C", "/flag"], variables, config: config).dataDirectory == "/flag")
        #expect(try settings([], variables, config: config).dataDirectory == "/from/env")
        let home = ["HOME": "/home/ana"]
        #expect(try settings([], home, config: config).dataDirectory == "/from/config")
        #expect(try settings([], home).dataDirectory == "/home/ana/.local/share/shopctl")
        #expect(
            try settings([], ["XDG_DATA_HOME": "/data", "HOME": "/h"]).dataDirectory
                == "/data/shopctl")
        #expect(try settings().dataDirectory == nil)
    }

    @Test("relative XDG directories count as unset")
    func relativeDirectories() throws {
        let variables = ["XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state", "HOME": "/h"]
        #expect(try settings([], variables).dataDirectory == "/h/.local/share/shopctl")
        #expect(Environment.test(variables).stateDirectory == "/h/.local/state/shopctl")
        #expect(Environment.test(["XDG_CONFIG_HOME": "c"]).configFile == nil)
    }

    @Test("waiting for the lock and the time zone follow the same precedence")
    func lockWaitAndZone() throws {
        let config = #"{"waitLock":9,"timeZone":"UTC"}"#
        #expect(try settings().lockWaitSeconds == 5)
        #expect(try settings([], config: config).lockWaitSeconds == 9)
        #expect(
            try settings([], ["SHOPCTL_WAIT_LOCK": "8"], config: config).lockWaitSeconds == 8)
        #expect(
            try settings(["--wait-lock", "0"], ["SHOPCTL_WAIT_LOCK": "8"]).lockWaitSeconds == 0)
        #expect(try settings([], config: config).timeZone == .utc)
        #expect(try settings().timeZone == nil)
    }

    @Test("a bad variable is named")
    func badVariable() throws {
        let error = #expect(throws: ShopError.self) {
            _ = try settings([], ["SHOPCTL_WAIT_LOCK": "soon"])
        }
        #expect(error?.message == "\"soon\" is not a whole number of seconds from 0 to 86400")
        #expect(error?.location == "environment variable SHOPCTL_WAIT_LOCK")
        #expect(error?.kind == .usage)
    }

    @Test(
        "a bad config file ends with 78 and its place",
        arguments: [
            ("{\"datDir\":\"/x\"}", "unknown config key \"datDir\""),
            ("{\"dataDir\":\"x\"}", "dataDir is not an absolute path"),
            ("{\"color\":\"blue\"}", "color is not one of auto, always, never"),
            ("{\"waitLock\":-1}", "waitLock is not a number of seconds"),
            ("[]", "the config file holds no object"),
        ])
    func badConfig(text: String, message: String) throws {
        let error = #expect(throws: ShopError.self) { _ = try settings([], config: text) }
        #expect(error?.message == message)
        #expect(error?.kind == .config)
        #expect(error?.location?.contains("/shopctl/config.json") ?? false)
    }

    @Test("an unknown config key gets the keys there are, and the nearest")
    func unknownConfigKey() throws {
        let error = #expect(throws: ShopError.self) {
            _ = try settings([], config: #"{"datadir":"/x","tz":1}"#)
        }
        #expect(error?.suggestions == ["\"dataDir\""])
        #expect(
            error?.reason == "the keys are dataDir, color, timeZone, waitLock, providers, delivery"
        )
        #expect(error?.others.map(\.message) == ["unknown config key \"tz\""])
    }

    @Test("a delivery program is an absolute path and its words, with ten seconds where none say")
    func delivery() throws {
        let config = #"{"delivery":{"program":"/bin/send","arguments":["-v"]}}"#
        let delivery = try #require(try settings([], config: config).delivery)
        #expect(delivery.program == "/bin/send" && delivery.arguments == ["-v"])
        #expect(delivery.timeLimit == 10)
        #expect(try settings().delivery == nil)
        for (wrong, message) in [
            (#""send""#, "delivery is not an object"),
            (#"{"program":"send"}"#, "program is not an absolute path"),
            (#"{"arguments":[]}"#, "program is missing"),
            (#"{"program":"/s","timeLimit":0}"#, "timeLimit is not a number from 1 to 600"),
            (
                #"{"program":"/s","secretFile":"/x"}"#,
                #""secretFile" is not one of program, arguments, timeLimit"#
            ),
        ] {
            let error = #expect(throws: ShopError.self) {
                _ = try settings([], config: "{\"delivery\":\(wrong)}")
            }
            #expect(error?.message == message)
        }
    }

    @Test("a config file that is no JSON is placed at line and column")
    func brokenConfig() throws {
        let error = #expect(throws: ShopError.self) {
            _ = try settings([], config: "{\n  \"color\": x}")
        }
        #expect(error?.location?.hasSuffix("/shopctl/config.json:2:12") ?? false)
        #expect(error?.message.hasPrefix("the config file is not valid JSON: ") ?? false)
    }

    @Test("help works whatever the config file holds")
    func helpNeedsNoConfig() throws {
        #expect(try ToolRun("--help", variables: ["XDG_CONFIG_HOME": "/dev/null"]).code == 0)
    }

    @Test(
        "colours: flag, NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM, config file, terminal",
        arguments: [
            (["--color", "always"], ["NO_COLOR": "1"], false, true),
            (["--color", "never"], ["CLICOLOR_FORCE": "1"], true, false),
            ([], ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], true, false),
            ([], ["NO_COLOR": "", "CLICOLOR_FORCE": "1"], false, true),
            ([], ["CLICOLOR_FORCE": "0"], false, false),
            ([], ["CLICOLOR": "0"], true, false),
            ([], ["TERM": "dumb"], true, false),
            ([], [:], true, true),
            ([], [:], false, false),
        ] as [([String], [String: String], Bool, Bool)])
    func colors(
        words: [String], variables: [String: String], isTerminal: Bool, paints: Bool
    ) throws {
        let terminals: Set<StandardStream> = isTerminal ? [.output, .error] : []
        let settings = try settings(words, variables, terminals: terminals)
        #expect(settings.paintsOutput == paints)
        #expect(settings.paintsErrors == paints)
    }

    @Test("the config file's colour gives way to the environment")
    func configColor() throws {
        let config = #"{"color":"always"}"#
        #expect(try settings([], config: config).paintsOutput)
        #expect(try !settings([], ["NO_COLOR": "1"], config: config).paintsOutput)
    }

    @Test("an identifier given as a flag is checked before anything else")
    func badIdentifiers() throws {
        #expect(throws: ShopError.self) { _ = try settings(["--as", "nobody"]) }
        #expect(throws: ShopError.self) { _ = try settings(["--tz", "Mars/Base"]) }
        #expect(throws: ShopError.self) { _ = try settings(["--idempotency-key", "a\u{1}"]) }
    }
}

@Suite struct OutputFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("shopctl-out-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("the result goes to the file, and its ending sets the format")
    func writesTheFile() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/list.csv"
        let run = try ToolRun("product list --fields sku -o '\(path)'", terminals: [.output])
        #expect(run.code == 0)
        #expect(run.output == "")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "sku\nMUG-1\nCUP-2\n")
        #expect(try names() == ["list.csv"])
    }

    @Test("a command that fails leaves the old file and nothing else")
    func failureKeepsTheOldFile() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/list.txt"
        try "old".write(toFile: path, atomically: false, encoding: .utf8)
        let run = try ToolRun("product show NO-1 -o '\(path)'")
        #expect(run.code == 3)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        #expect(try names() == ["list.txt"])
    }

    @Test("a file that cannot be made ends with 73 before any work")
    func cannotBeMade() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let missing = try ToolRun("product list -o '\(folder.path)/no/list'")
        #expect(missing.code == 73)
        #expect(
            missing.errors == """
                error: cannot make \(folder.path)/no/list: no such file or directory
                   at: --out

                """)
        let directory = try ToolRun("product list -o '\(folder.path)'")
        #expect(directory.code == 73)
        #expect(directory.errors.contains("it is a directory"))
    }

    @Test("a device is written to directly, and - is standard output")
    func devices() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try ToolRun("product list -o /dev/null").code == 0)
        #expect(try ToolRun("product list --format ids -o -").output == "MUG-1\nCUP-2\n")
    }
}

@Suite struct PasswordInputTests {
    private struct Login: ShoplessCommand {
        static var name: String { "user signin" }
        static var spec: CommandSpec {
            CommandSpec(
                name, "Sign in",
                options: PasswordInput.options + [.switch("new", "Ask twice")])
        }

        let password: PasswordInput
        let isNew: Bool

        init(_ arguments: ParsedArguments) throws(ShopError) {
            password = try PasswordInput(arguments)
            isNew = arguments.has("new")
        }

        func run(_ context: CommandContext) throws(ShopError) -> Report {
            .text("<\(try password.read(context, isNew: isNew))>\n")
        }
    }

    private func login(
        _ words: String..., input: String = "", typed: [HiddenLine] = [],
        terminals: Set<StandardStream> = ToolRun.onTerminal
    ) -> (code: Int32, output: String, errors: String) {
        let console = CapturedConsole(input: Array(input.utf8), terminals: terminals)
        console.hiddenLines = typed
        let code = Tool.run(
            arguments: ["user", "signin"] + words, environment: .test(["TERM": "dumb"]),
            console: console, commands: [Login.self])
        return (code, console.output, console.errors)
    }

    @Test("a password is typed hidden, and twice when it is new")
    func hiddenPrompt() {
        #expect(login(typed: [.line("secret")]).output == "<secret>\n")
        let twice = login("--new", typed: [.line("a b"), .line("a b")])
        #expect(twice.output == "<a b>\n")
        let differs = login("--new", typed: [.line("a"), .line("b")])
        #expect(differs.code == 64)
        #expect(differs.errors.hasSuffix("error: the two passwords are not the same\n"))
    }

    @Test("leaving the prompt ends with 2, an interrupt with 130")
    func leavingThePrompt() {
        #expect(login(typed: [.end]).code == 2)
        #expect(login(typed: [.interrupted]).code == 130)
    }

    @Test("where nobody can be asked it says how to hand the password in")
    func nobodyToAsk() {
        let run = login(terminals: [])
        #expect(run.code == 64)
        #expect(
            run.errors == """
                error: a password is needed, and there is no terminal to ask on
                  try: --password-stdin < FILE
                       --password-file FILE

                """)
    }

    @Test("the first line of standard input is the password")
    func standardInput() {
        #expect(login("--password-stdin", input: "one\ntwo\n", terminals: []).output == "<one>\n")
    }

    @Test("the two ways to hand a password in exclude each other")
    func bothWays() {
        let run = login("--password-stdin", "--password-file", "x")
        #expect(run.code == 64)
        #expect(
            run.errors.hasPrefix(
                "error: --password-stdin and --password-file cannot stand together"))
    }

    @Test("a password file that others can read is refused")
    func passwordFile() throws {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("shopctl-pw-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try "from file\n".write(to: file, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: file.path)
        let open = login("--password-file", file.path)
        #expect(open.code == 77)
        #expect(open.errors.hasPrefix("error: others can read \(file.path)\n"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: file.path)
        #expect(login("--password-file", file.path).output == "<from file>\n")
    }
}
