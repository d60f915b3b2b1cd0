import Glibc

/// The process's own standard streams.
final class TerminalConsole: Console {
    /// `COLUMNS`, which wins over what the terminal says.
    private let columns: Int?
    /// Bytes read from standard input and not handed out yet.
    private var pending: [UInt8] = []

    // Asked for by every line of a run, and the same for as long as the process lives.
    private lazy var inputIsTerminal = isatty(STDIN_FILENO) == 1
    private lazy var outputIsTerminal = isatty(STDOUT_FILENO) == 1
    private lazy var errorIsTerminal = isatty(STDERR_FILENO) == 1

    init(columns: String?) {
        self.columns = columns.flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
        Self.writeAll(bytes, to: STDOUT_FILENO)
    }

    func writeError(_ text: String) {
        var text = text
        text.withUTF8 { _ = Self.writeAll(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
    }

    /// write(2) until everything is out; interrupted calls are made again.
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> WriteOutcome {
        var rest = bytes
        while let base = rest.baseAddress, !rest.isEmpty {
            let count = Glibc.write(descriptor, base, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EPIPE ? .closed : .failed(errno: errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return .done
    }

    func isTerminal(_ stream: StandardStream) -> Bool {
        switch stream {
        case .input: inputIsTerminal
        case .output: outputIsTerminal
        case .error: errorIsTerminal
        }
    }

    var width: Int {
        if let columns { return columns }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard pending.isEmpty else {
            let count = min(pending.count, buffer.count)
            buffer.copyBytes(from: pending[..<count])
            pending.removeFirst(count)
            return count
        }
        while true {
            let count = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    func readLine() -> String? {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = pending[..<end]
                defer { pending.removeFirst(end + 1) }
                return Self.text(line)
            }
            let count = chunk.withUnsafeMutableBytes {
                Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                guard !pending.isEmpty else { return nil }
                defer { pending = [] }
                return Self.text(pending[...])
            }
            pending += chunk[..<count]
        }
    }

    private static func text(_ line: ArraySlice<UInt8>) -> String {
        let end = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        return String(decoding: end, as: UTF8.self)
    }

    /// Reads key by key with echo, line editing and signals off, so that Ctrl-C puts the terminal
    /// back in order before anything else happens.
    func readHidden(prompt: String) -> HiddenLine {
        writeError(prompt)
        var saved = termios()
        guard tcgetattr(STDIN_FILENO, &saved) == 0 else {
            return readLine().map(HiddenLine.line) ?? .end
        }
        var hidden = saved
        hidden.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
            writeError("\n")
        }
        var line: [UInt8] = []
        while true {
            var key: UInt8 = 0
            let count = Glibc.read(STDIN_FILENO, &key, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return .end }
            switch key {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                return .line(String(decoding: line, as: UTF8.self))
            case 0x03: return .interrupted
            case 0x04:
                if line.isEmpty { return .end }
            case 0x08, 0x7F: Self.removeLastScalar(of: &line)
            case 0x15: line = []
            default: line.append(key)
            }
        }
    }

    private static func removeLastScalar(of line: inout [UInt8]) {
        while let last = line.popLast(), last & 0xC0 == 0x80 {}
    }
}
