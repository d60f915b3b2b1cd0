/// The terminal, files or pipes a command talks to. Tests use `CapturedConsole`.
protocol Console: AnyObject {
    /// Writes all of `bytes` to standard output.
    func write(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome
    /// Writes to standard error; what cannot be written there is lost.
    func writeError(_ text: String)

    func isTerminal(_ stream: StandardStream) -> Bool
    /// Columns of the terminal behind standard output; 80 where nobody knows.
    var width: Int { get }

    /// One line from standard input without its line end; nil at the end of input.
    func readLine() -> String?
    /// A line typed without echo, after `prompt` on standard error.
    func readHidden(prompt: String) -> HiddenLine
    /// Fills `buffer` from standard input; 0 at the end of input, negative errno on failure.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int
}

enum StandardStream: Sendable {
    case input
    case output
    case error
}

enum WriteOutcome: Equatable, Sendable {
    case done
    /// Nobody reads standard output any more (`| head`).
    case closed
    case failed(errno: Int32)
}

enum HiddenLine: Equatable, Sendable {
    case line(String)
    /// End of input, or Ctrl-D on an empty line.
    case end
    /// Ctrl-C.
    case interrupted
}

extension Console {
    func write(_ text: String) -> WriteOutcome {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    func write(_ bytes: [UInt8]) -> WriteOutcome {
        bytes.withUnsafeBytes { write($0) }
    }
}
