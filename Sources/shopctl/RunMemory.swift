import Primitives
import ShopCore

/// What the lines of one `run` have in common, worked out once: declarations, settings, and who
/// is signed in.
final class RunMemory {
    /// A command that a line names, ready to read lines.
    struct Known {
        let type: any Command.Type
        let spec: CommandSpec
        /// The command's flags, then the global ones.
        let options: [OptionSpec]
    }

    /// The settings of a line that gives no global flag.
    var settings: GlobalSettings?
    /// The session that lines act with, and when it was read; nil until it is asked for.
    private var tokens: (known: ActingTokens, at: Timestamp)?
    /// A long run outlives an access token, which is looked at anew after so many seconds.
    private static let tokenSeconds: Int64 = 20
    private var commands: [String: Known] = [:]

    /// The command that a line begins with, when its noun and verb are the first two words.
    func command(of line: [String]) -> Known? {
        guard line.count >= 2 else { return nil }
        return commands["\(line[0]) \(line[1])"]
    }

    func tokens(
        at now: Timestamp, _ read: () throws(ShopError) -> ActingTokens
    ) throws(ShopError) -> ActingTokens {
        if let tokens, now < tokens.at.adding(seconds: Self.tokenSeconds) { return tokens.known }
        let known = try read()
        tokens = (known, now)
        return known
    }

    func forgetToken() { tokens = nil }

    func remember(
        _ type: any Command.Type, _ spec: CommandSpec, among all: [any Command.Type]
    ) {
        let longer = spec.name + " "
        guard spec.path.count == 2, !all.contains(where: { $0.name.hasPrefix(longer) }) else {
            return
        }
        commands[spec.name] = Known(
            type: type, spec: spec, options: spec.options + GlobalOptions.all)
    }
}
