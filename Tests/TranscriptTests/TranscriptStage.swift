import Foundation
import Primitives
import ShopCore
import Storage

@testable import shopctl

/// The directory, clock and random bytes that the commands of one transcript share.
final class TranscriptStage {
    private let directory: URL
    private var files: Set<String> = []
    private var time: Timestamp
    private let random = RepeatableBytes()
    /// The codes of all errors so far.
    private(set) var errorCodes: Set<String> = []

    /// What the first command of every page takes for now.
    static var start: String { "2026-11-23T18:31:07.000Z" }

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("shopctl-transcript-" + UUID().uuidString)
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("home"), withIntermediateDirectories: true)
        time = try Self.time(Self.start)
    }

    func remove() {
        try? FileManager.default.removeItem(at: directory)
    }

    func declare(_ name: String, _ lines: [String]) throws {
        files.insert(name)
        let url = directory.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try lines.map { $0 + "\n" }.joined().write(to: url, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
    }

    // MARK: Running

    /// - Parameter line: with its prompt.
    /// - Returns: the lines of output, as the transcript shows them.
    func run(_ line: String) throws -> [String] {
        let isTerminal = line.hasPrefix("%")
        var words = try LineSplitter.words(
            of: String(line.dropFirst(2)), number: 1, file: "transcript")
        var input: [UInt8] = []
        if let sign = words.lastIndex(of: "<"), sign + 1 < words.count {
            input = Array(try Data(contentsOf: URL(fileURLWithPath: path(words[sign + 1]))))
            words.removeSubrange(sign...(sign + 1))
        }
        var variables = baseVariables
        while let word = words.first, let equals = word.firstIndex(of: "="), word != "shopctl" {
            variables[String(word[..<equals])] = String(word[equals...].dropFirst())
            words.removeFirst()
        }
        switch words.first {
        case "clock":
            time = try Self.time(words.last ?? "")
            return []
        case "chmod":
            let mode = Int(words.dropFirst().first ?? "", radix: 8) ?? 0o600
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: path(words.last ?? ""))
            return []
        case "damage", "append", "remove", "store", "rows":
            try change(words[0], Array(words.dropFirst()))
            return []
        case "cat":
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path(words.last ?? "")))
            return shown([(.output, Array(bytes))])
        default:
            return perform(
                words.dropFirst().map(path), variables, input, isTerminal: isTerminal)
        }
    }

    private func perform(
        _ arguments: [String], _ variables: [String: String], _ input: [UInt8], isTerminal: Bool
    ) -> [String] {
        let console = CapturedConsole(
            input: input, terminals: isTerminal ? [.input, .output, .error] : [])
        let environment = Environment(
            variable: { variables[$0] }, clock: .fixed(time), random: random.bytes)
        let outcome = Tool.outcome(of: arguments, environment: environment, console: console)
        if let error = outcome.error {
            errorCodes.formUnion(ErrorOutput.flattened(error).map(\.code))
        }
        // Rows that were refused say so in the result.
        for chunk in console.written where chunk.stream == .output {
            let text = String(decoding: chunk.bytes, as: UTF8.self)
            let rows = text.matches(of: /\{"row":\d+,"error":\{"code":"([a-z-]+)"/)
            errorCodes.formUnion(rows.map { String($0.1) })
        }
        let code = outcome.code.rawValue
        time = Timestamp(millisecondsSinceEpoch: time.millisecondsSinceEpoch + 1000)
        return shown(console.written) + (code == 0 ? [] : ["[\(code)]"])
    }

    /// What else may happen to files: `damage FILE` flips a bit in the middle, `append FILE TEXT`,
    /// `remove FILE`, `rows N FILE` writes products to import, and `store KEY JSON` puts a record
    /// into the shop that no command would put there.
    private func change(_ verb: String, _ words: [String]) throws {
        let url = URL(fileURLWithPath: path(words[verb == "rows" ? 1 : 0]))
        switch verb {
        case "damage":
            var data = try Data(contentsOf: url)
            data[data.count / 2] ^= 1
            try data.write(to: url)
        case "append":
            let file = try FileHandle(forWritingTo: url)
            try file.seekToEnd()
            try file.write(contentsOf: Data(words[1].utf8))
            try file.close()
        case "remove": try FileManager.default.removeItem(at: url)
        case "rows":
            let rows = (1...(Int(words[0]) ?? 1)).map { "ROW-\($0),Row \($0),1.00" }
            try declare(words[1], ["sku,name,price"] + rows)
        default:
            let stamp = Stamp(at: time, by: "[nobody]", command: "by hand")
            let store = Shop.store(at: directory.path + "/shop")
            try store.transact(stamp) { (tx) throws(ShopError) in
                tx.set(RecordKey(escaped: Array(words[0].utf8)), Array(words[1].utf8))
            }
        }
    }

    private var baseVariables: [String: String] {
        [
            "HOME": directory.path + "/home", "SHOPCTL_DATA_DIR": directory.path + "/shop",
            "NO_COLOR": "1",
        ]
    }

    /// Where a word stands for a file of this stage, its path.
    private func path(_ word: String) -> String {
        if files.contains(word) { return directory.path + "/" + word }
        if word.hasPrefix("./") { return directory.path + "/" + word.dropFirst(2) }
        return word
    }

    // MARK: Showing

    /// What was written as lines in their order, those of standard error behind `2> `.
    private func shown(_ written: [(stream: StandardStream, bytes: [UInt8])]) -> [String] {
        var joined: [(stream: StandardStream, bytes: [UInt8])] = []
        for chunk in written {
            if joined.last?.stream == chunk.stream {
                joined[joined.count - 1].bytes += chunk.bytes
            } else {
                joined.append(chunk)
            }
        }
        return joined.flatMap { chunk -> [String] in
            let text = String(decoding: chunk.bytes, as: UTF8.self)
                .replacingOccurrences(of: directory.path + "/", with: "")
                .replacingOccurrences(of: directory.path, with: ".")
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                .map(String.init)
            if lines.last == "" { lines.removeLast() }
            return chunk.stream == .error ? lines.map { "2> " + $0 } : lines
        }
    }

    private static func time(_ text: String) throws -> Timestamp {
        struct NoTime: Error { let text: String }
        guard let time = Timestamp(rfc3339: text) else { throw NoTime(text: text) }
        return time
    }
}

/// Bytes that look random and are the same in every run (SplitMix64).
final class RepeatableBytes: @unchecked Sendable {
    private let lock = NSLock()
    private var state: UInt64 = 2026

    var bytes: RandomBytes {
        RandomBytes { count in (0..<count).map { _ in self.next() } }
    }

    private func next() -> UInt8 {
        lock.withLock {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return UInt8(truncatingIfNeeded: mixed ^ (mixed >> 31))
        }
    }
}
