import Primitives
import ShopCore

/// A console whose output waits until what it says is true: the answers of a group of changes,
/// until the group is durable. Output and errors keep their order.
final class HeldConsole: Console {
    private let console: any Console
    private var held: ArraySlice<Piece> = []
    private var isMarked = false
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
        if !isMarked, case .output(var text) = held.last {
            held.removeLast()
            text.append(contentsOf: bytes)
            held.append(.output(text))
        } else {
            held.append(.output(Array(bytes)))
        }
        isMarked = false
        return .done
    }

    func writeError(_ text: String) {
        held.append(.error(text))
    }

    /// Runs `body` with a console that holds each answer until what it says is durable, and gives
    /// the disk what is ready while the next is worked out. In a dry run there is nothing to hold,
    /// and each command sees what those before it would have changed.
    static func answering(
        _ context: CommandContext, in shop: Shop,
        _ body: (any Console) throws(ShopError) -> Report
    ) throws(ShopError) -> Report {
        guard !context.isDryRun else {
            return try shop.rehearsingInTurn { () throws(ShopError) in try body(context.console) }
        }
        let held = HeldConsole(context.console) { (try? shop.settle()) != nil }
        let report = try shop.group(mark: held.mark, release: held.release(upTo:)) {
            () throws(ShopError) in try body(held)
        }
        try held.check()
        return report
    }

    /// The end of what is held, which more may follow.
    func mark() -> Int {
        isMarked = true
        return held.endIndex
    }

    /// Prints what was held before a mark; all of it where none is given.
    func release(upTo mark: Int = .max) {
        while held.startIndex < mark, let piece = held.popFirst() {
            switch piece {
            case .output(let bytes):
                guard case .done = outcome else { continue }
                outcome = bytes.withUnsafeBytes { console.write($0) }
            case .error(let text): console.writeError(text)
            }
        }
    }

    /// - Throws: `output-failed` (73) where what was released could not be written.
    func check() throws(ShopError) {
        guard case .failed(let number) = outcome else { return }
        throw .outputFailed("standard output", SystemError.text(number))
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
