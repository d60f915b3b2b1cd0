import Primitives

/// One line on standard error about work that takes long: how far, how fast, how long still.
///
/// Shown only on a terminal, from half a second on, at most ten times a second, and erased at the
/// end. `--quiet` drops it.
final class Progress {
    private let label: String
    /// Units of the whole work; nil where nobody knows.
    private let total: Int64?
    private let console: any Console
    private let clock: Clock
    private let started: Timestamp
    private var shownAt: Timestamp?
    private let isWanted: Bool

    init(_ label: String, of total: Int64?, _ context: CommandContext) {
        self.label = label
        self.total = total
        console = context.console
        clock = context.environment.clock
        started = clock.now()
        isWanted = context.console.isTerminal(.error) && !context.settings.isQuiet
    }

    /// - Parameter done: units done so far.
    func advance(to done: Int64) {
        guard isWanted else { return }
        let now = clock.now()
        let last = shownAt?.millisecondsSinceEpoch ?? started.millisecondsSinceEpoch + 400
        guard now.millisecondsSinceEpoch - last >= 100 else { return }
        shownAt = now
        console.writeError("\r" + line(done, at: now) + Self.eraseToEnd)
    }

    /// Erases the line; the result follows.
    func finish() {
        guard shownAt != nil else { return }
        shownAt = nil
        console.writeError("\r" + Self.eraseToEnd)
    }

    private static var eraseToEnd: String { "\u{1B}[K" }

    private func line(_ done: Int64, at now: Timestamp) -> String {
        let elapsed = max(now.millisecondsSinceEpoch - started.millisecondsSinceEpoch, 1)
        let (product, overflow) = done.multipliedReportingOverflow(by: 1000)
        let rate = overflow ? done : product / elapsed
        var text = "\(label) \(done)"
        if let total { text += " of \(total)" }
        text += ", \(rate)/s"
        if let total, rate > 0, total > done {
            text += ", \(Self.time((total - done) / rate)) left"
        }
        return text
    }

    /// `45 s`, `2 min 5 s`.
    private static func time(_ seconds: Int64) -> String {
        seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
    }
}
