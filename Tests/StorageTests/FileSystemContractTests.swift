import Foundation
import Storage
import TestSupport
import Testing

/// The same calls to the simulated and to the real file system: the answers must be equal.
///
/// What a test shows on the simulated one holds on the machine only as far as this does.
@Suite struct FileSystemContractTests {
    static let names = ["a", "b", "c", "sub/a", "sub/b", "other/a", "sub", "none/a", "a/b"]

    /// One side: a file system, the directory it works in, and its open files by number.
    final class Side {
        let files: any FileSystem
        let root: String
        var open: [FileDescriptor?] = []
        var modes: [OpenMode] = []

        init(_ files: any FileSystem, root: String) {
            self.files = files
            self.root = root
        }

        /// What a call answered, in words that do not name the side.
        func answer(_ body: () throws -> Any) -> String {
            do { return "\(try body())" } catch { return "\(error)" }
        }
    }

    /// One random call, with all its arguments fixed, to be made on either side.
    static func randomCall(_ random: inout SeededRandom) -> (String, (Side) -> String) {
        let name = random.one(of: names)
        let other = random.one(of: names)
        let slot = Int(random.number(0...5))
        let bytes = random.bytes(Int(random.number(0...60)))
        let offset = Int(random.number(0...90))
        let mode = random.one(of: [OpenMode.read, .append, .createNew, .update])
        switch random.number(0...13) {
        case 0, 1, 2:
            return (
                "open \(name) \(mode)",
                { side in
                    side.answer {
                        side.open.append(try side.files.open("\(side.root)/\(name)", mode))
                        side.modes.append(mode)
                        return side.open.count
                    }
                }
            )
        case 3, 4:
            return ("append #\(slot)", onFile(slot, not: [.update]) { try $0.append($1, bytes) })
        case 5:
            return (
                "write #\(slot) at \(offset)",
                onFile(slot, not: [.append, .createNew]) { try $0.write($1, bytes, at: offset) }
            )
        case 6:
            return (
                "truncate #\(slot) to \(offset)",
                onFile(slot) { try $0.truncate($1, to: offset) }
            )
        case 7:
            return ("read #\(slot)", onFile(slot) { try $0.contents($1) })
        case 8:
            return ("close #\(slot)", close(slot))
        case 9:
            return (
                "rename \(name) to \(other)",
                onPath { try $0.rename("\($1)/\(name)", to: "\($1)/\(other)") }
            )
        case 10:
            return (
                "link \(name) to \(other)",
                onPath { try $0.link("\($1)/\(name)", to: "\($1)/\(other)") }
            )
        case 11:
            return ("unlink \(name)", onPath { try $0.unlink("\($1)/\(name)") })
        case 12:
            return ("mkdir \(name)", onPath { try $0.makeDirectory("\($1)/\(name)") })
        default:
            return ("sync #\(slot)", onFile(slot) { try $0.synchronizeData($1) })
        }
    }

    static func onPath(_ body: @escaping (any FileSystem, String) throws -> Void)
        -> (Side) -> String
    {
        { side in side.answer { try body(side.files, side.root) } }
    }

    /// A call on an open file; none that the protocol leaves open for the mode it has.
    static func onFile(
        _ slot: Int, not modes: Set<OpenMode> = [],
        _ body: @escaping (any FileSystem, FileDescriptor) throws -> Any
    ) -> (Side) -> String {
        { side in
            guard slot < side.open.count, let file = side.open[side.open.count - 1 - slot],
                !modes.contains(side.modes[side.open.count - 1 - slot])
            else { return "no such file" }
            return side.answer { try body(side.files, file) }
        }
    }

    static func close(_ slot: Int) -> (Side) -> String {
        { side in
            guard slot < side.open.count, let file = side.open[side.open.count - 1 - slot] else {
                return "not open"
            }
            side.files.close(file)
            side.open[side.open.count - 1 - slot] = nil
            return "closed"
        }
    }

    /// All that can be seen of the tree: names, kinds, sizes, links and contents.
    static func picture(_ side: Side) -> [String] {
        var lines: [String] = []
        for directory in ["", "/sub", "/other"] {
            let path = side.root + directory
            lines.append(directory + ": " + side.answer { try side.files.entries(path) })
            for name in (try? side.files.entries(path)) ?? [] {
                guard let status = try? side.files.status(of: "\(path)/\(name)") else { continue }
                guard !status.isDirectory else { continue }
                lines.append("\(name) \(status.size) \(status.links) \(status.mode)")
                let read = side.answer {
                    let file = try side.files.open("\(path)/\(name)", .read)
                    defer { side.files.close(file) }
                    return try side.files.contents(file)
                }
                lines.append(String(read.prefix(200)))
            }
        }
        for file in side.open {
            guard let file else { continue }
            lines.append(
                side.answer {
                    let status = try side.files.status(file)
                    return status.isDirectory ? "directory" : "\(status.size) \(status.links)"
                })
        }
        return lines
    }

    @Test("random calls answer the same on both file systems", arguments: 1...20)
    func randomCallsAnswerTheSame(seed: Int) throws {
        let directory = try TemporaryDirectory()
        let simulated = SimulatedFileSystem()
        try simulated.makeDirectory("/root")
        let sides = [
            Side(simulated, root: "/root"), Side(PosixFileSystem(), root: directory.path),
        ]
        defer { for side in sides { side.open.compactMap(\.self).forEach(side.files.close) } }
        for side in sides { try side.files.makeDirectory(side.root + "/sub") }
        for side in sides { try side.files.makeDirectory(side.root + "/other") }
        var random = SeededRandom(seed: UInt64(seed))
        var history: [String] = []
        for _ in 0..<250 {
            let (words, call) = Self.randomCall(&random)
            history.append(words)
            let answers = sides.map(call)
            let pictures = sides.map(Self.picture)
            guard answers[0] == answers[1], pictures[0] == pictures[1] else {
                Issue.record(
                    """
                    \(random): \(words) answered \(answers[0]), the machine \(answers[1])
                    \(pictures[0])
                    \(pictures[1])
                    after \(history.suffix(12))
                    """)
                return
            }
        }
    }

    @Test("locks answer the same on both file systems", arguments: 1...10)
    func locksAnswerTheSame(seed: Int) throws {
        let directory = try TemporaryDirectory()
        let sides = [
            Side(SimulatedFileSystem(), root: ""), Side(PosixFileSystem(), root: directory.path),
        ]
        for side in sides {
            for _ in 0..<4 { side.open.append(try side.files.open(side.root + "/LOCK", .update)) }
        }
        defer { for side in sides { side.open.compactMap(\.self).forEach(side.files.close) } }
        var random = SeededRandom(seed: UInt64(seed))
        for step in 0..<200 {
            let number = Int(random.number(0...3))
            let choice = random.number(0...2)
            let answers = sides.map { side -> String in
                guard let file = side.open[number] else { return "closed" }
                if choice == 0 {
                    side.files.unlock(file)
                    return "unlocked"
                }
                let kind: LockKind = choice == 1 ? .shared : .exclusive
                return side.answer { try side.files.lock(file, kind, waiting: 0) }
            }
            #expect(answers[0] == answers[1], "\(random), step \(step)")
        }
    }
}
