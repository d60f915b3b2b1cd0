import Glibc
import Primitives

/// What a run takes from outside, apart from its arguments and its console: tests hand in their
/// own variables, clock and random bytes.
struct Environment: Sendable {
    /// The value of an environment variable; nil when it is not set.
    var variable: @Sendable (String) -> String?
    var clock: Clock
    var random: RandomBytes
    /// Starts a process that empties the outbox of a data directory and is not waited for.
    var startSender: @Sendable (_ dataDirectory: String) -> Void = { _ in }

    static var system: Environment {
        Environment(
            variable: { name in getenv(name).map { String(cString: $0) } },
            clock: .system, random: .system, startSender: SenderProcess.start)
    }

    /// A variable that is set to something.
    func nonEmpty(_ name: String) -> String? {
        guard let value = variable(name), !value.isEmpty else { return nil }
        return value
    }

    /// One of the XDG base directories; relative values count as unset (basedir-spec 0.8).
    func baseDirectory(_ name: String, homeSuffix: String) -> String? {
        if let path = nonEmpty(name), path.hasPrefix("/") { return path }
        guard let home = nonEmpty("HOME"), home.hasPrefix("/") else { return nil }
        return home + "/" + homeSuffix
    }

    /// `$XDG_CONFIG_HOME/shopctl/config.json`.
    var configFile: String? {
        baseDirectory("XDG_CONFIG_HOME", homeSuffix: ".config").map {
            $0 + "/shopctl/config.json"
        }
    }

    /// `$XDG_STATE_HOME/shopctl`, where the session file lives.
    var stateDirectory: String? {
        baseDirectory("XDG_STATE_HOME", homeSuffix: ".local/state").map { $0 + "/shopctl" }
    }

    /// `$XDG_DATA_HOME/shopctl`, the data directory where nothing else is said.
    var defaultDataDirectory: String? {
        baseDirectory("XDG_DATA_HOME", homeSuffix: ".local/share").map { $0 + "/shopctl" }
    }
}
