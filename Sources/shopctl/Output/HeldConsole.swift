/// A console whose output waits until what it says is true: the answers of a group of changes,
/// until the group is durable. Output and errors keep their order.
final class HeldConsole: Console {
    private let console: any Console
    private var held: [Piece] = []
    /// How standard output took what was released last.
    private(set) var outcome = WriteOutcome.done

    private enum Piece {
        case output([UInt8])
        case error(String)
    }

    /// Makes true what was said so far; false when that failed and nothing is to be shown.
    private let settle: () -> Bool

    init(_ console: any Console, settle: @escaping () -> Bool) {
        self.console = console
        self.settle = settle
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
        guard case .done = outcome else { return outcome }
        if case .output(var text) = held.last {
            held.removeLast()
            text.append(contentsOf: bytes)
            held.append(.output(text))
        } else {
            held.append(.output(Array(bytes)))
        }
        return .done
    }

    func writeError(_ text: String) {
        held.append(.error(text))
    }

    /// Prints what was held.
    func release() {
        for piece in held {
            switch piece {
            case .output(let bytes):
                guard case .done = outcome else { continue }
                outcome = bytes.withUnsafeBytes { console.write($0) }
            case .error(let text): console.writeError(text)
            }
        }
        held.removeAll(keepingCapacity: true)
    }

    func isTerminal(_ stream: StandardStream) -> Bool { console.isTerminal(stream) }
    var width: Int { console.width }

    // Who asks shows the question first, and with it what was said before.

    func readLine() -> String? {
        guard settle() else { return nil }
        release()
        return console.readLine()
    }

    func readHidden(prompt: String) -> HiddenLine {
        guard settle() else { return .end }
        release()
        return console.readHidden(prompt: prompt)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int { console.read(into: buffer) }
}
