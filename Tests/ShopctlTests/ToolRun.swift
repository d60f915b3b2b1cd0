import Foundation
import Primitives

@testable import shopctl

/// One run of the tool with the sample commands, in process and with a home directory of its
/// own, and what came of it.
struct ToolRun {
    let code: Int32
    let output: String
    let errors: String

    /// - Parameters:
    ///   - line: words parted by blanks; quotes work as in `run` files.
    ///   - terminals: the streams that are a terminal.
    init(
        _ line: String, variables: [String: String] = [:], input: String = "",
        terminals: Set<StandardStream> = [], width: Int = 80,
        commands: [any Command.Type] = SampleCommands.all
    ) throws {
        let home = FileManager.default.temporaryDirectory
            .appendingPathComponent("shopctl-test-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        let console = CapturedConsole(input: Array(input.utf8), terminals: terminals)
        console.width = width
        code = Tool.run(
            arguments: try LineSplitter.words(of: line, number: 1, file: "test"),
            environment: .test(variables.merging(["HOME": home.path]) { given, _ in given }),
            console: console, commands: commands)
        output = console.output
        errors = console.errors
    }

    static let onTerminal: Set<StandardStream> = [.input, .output, .error]
}

extension Environment {
    /// Variables as given, and a clock that stands still.
    static func test(_ variables: [String: String]) -> Environment {
        Environment(variable: { variables[$0] }, clock: .system, random: .system)
    }
}
