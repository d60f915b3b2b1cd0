import Primitives

/// Where a result goes: standard output or the file of `--out`, through one buffer.
final class ResultSink {
    enum Destination {
        case console(any Console)
        case file(OutputFile)
    }

    private let destination: Destination
    private var buffer: [UInt8] = []

    init(_ destination: Destination) {
        self.destination = destination
    }

    func write(_ text: String) throws(ShopError) {
        buffer += text.utf8
        if buffer.count >= Self.bufferSize { try flush() }
    }

    func write(_ bytes: [UInt8]) throws(ShopError) {
        buffer += bytes
        if buffer.count >= Self.bufferSize { try flush() }
    }

    func writeLine(_ text: String) throws(ShopError) {
        try write(text)
        try write("\n")
    }

    private static var bufferSize: Int { 64 * 1024 }

    func flush() throws(ShopError) {
        guard !buffer.isEmpty else { return }
        let bytes = buffer
        buffer.removeAll(keepingCapacity: true)
        switch destination {
        case .file(let file):
            var failure: ShopError?
            bytes.withUnsafeBytes { pointer in
                do throws(ShopError) { try file.write(pointer) } catch { failure = error }
            }
            if let failure { throw failure }
        case .console(let console):
            switch console.write(bytes) {
            case .done: return
            case .closed: throw .outputClosed
            case .failed(let number):
                throw .outputFailed("standard output", SystemError.text(number))
            }
        }
    }
}

extension ShopError {
    /// Nobody reads the result any more (`| head`): the rest is not printed, and that is no error.
    static var outputClosed: ShopError {
        ShopError(.ok, "output-closed", "standard output was closed")
    }
}
