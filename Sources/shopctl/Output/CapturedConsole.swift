/// A console in memory: commands run in process with it, and what they said is read afterwards.
final class CapturedConsole: Console {
    /// Standard output and standard error in the order they were written.
    private(set) var written: [(stream: StandardStream, bytes: [UInt8])] = []
    var terminals: Set<StandardStream> = []
    var width = 80
    /// What standard input still holds.
    var input: [UInt8] = []
    /// Lines a person types without echo, in order; then those of `input`.
    var hiddenLines: [HiddenLine] = []
    /// What the next write to standard output comes back with.
    var outcome = WriteOutcome.done

    init(input: [UInt8] = [], terminals: Set<StandardStream> = []) {
        self.input = input
        self.terminals = terminals
    }

    /// Everything written to standard output.
    var output: String { text(of: .output) }
    /// Everything written to standard error.
    var errors: String { text(of: .error) }

    private func text(of stream: StandardStream) -> String {
        let bytes = written.filter { $0.stream == stream }.flatMap(\.bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
        guard outcome == .done else { return outcome }
        written.append((.output, Array(bytes)))
        return .done
    }

    func writeError(_ text: String) {
        written.append((.error, Array(text.utf8)))
    }

    func isTerminal(_ stream: StandardStream) -> Bool { terminals.contains(stream) }

    func readLine() -> String? {
        guard !input.isEmpty else { return nil }
        let end = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.endIndex
        let line = String(decoding: input[..<end], as: UTF8.self)
        input.removeFirst(min(end + 1, input.count))
        return line
    }

    func readHidden(prompt: String) -> HiddenLine {
        writeError(prompt + "\n")
        guard hiddenLines.isEmpty else { return hiddenLines.removeFirst() }
        return readLine().map(HiddenLine.line) ?? .end
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(input.count, buffer.count)
        buffer.copyBytes(from: input[..<count])
        input.removeFirst(count)
        return count
    }
}
