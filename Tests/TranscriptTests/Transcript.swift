import Foundation
import Primitives

@testable import shopctl

/// A markdown page whose ```console blocks are run and compared.
///
///     ```file mugs.csv
///     sku,name
///     ```
///     ```console
///     $ shopctl import products -f mugs.csv < typed.txt
///     what standard output gets
///     2> what standard error gets
///     [65]
///     ```
///
/// - `$` runs in a pipe, `%` on a terminal of 80 columns without colours.
/// - `NAME=VALUE` before `shopctl` sets a variable; `< FILE` is standard input.
/// - A word that names a declared file, and a word that begins with `./`, is a file of the
///   page's own directory; that directory is shown as nothing in the output.
/// - `$ cat ./FILE` shows a file, `$ chmod 644 FILE` changes its mode; `$ clock 2026-12-01T09:00:00Z` sets the clock, which stands
///   still within a command and goes on by a second with each.
/// - `[5]` at the end of the output is the exit code when it is not 0.
///
/// All commands of a page work on one new shop, with the same random bytes each time.
struct Transcript {
    enum Part: Equatable {
        /// Lines that are kept as they are.
        case text([String])
        case file(name: String, lines: [String])
        case console([Step])
    }

    struct Step: Equatable {
        /// With its prompt: `$ shopctl product list`.
        let command: String
        var output: [String]
    }

    private(set) var parts: [Part] = []

    init(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        var index = 0
        while index < lines.count {
            let opening = lines[index]
            guard opening == "```console" || opening.hasPrefix("```file ") else {
                append(text: opening)
                index += 1
                continue
            }
            let end = lines[(index + 1)...].firstIndex(of: "```") ?? lines.count
            let body = Array(lines[(index + 1)..<end])
            if opening == "```console" {
                parts.append(.console(Self.steps(body)))
            } else {
                parts.append(.file(name: String(opening.dropFirst(8)), lines: body))
            }
            index = end + 1
        }
    }

    private mutating func append(text line: String) {
        if case .text(let lines) = parts.last {
            parts[parts.count - 1] = .text(lines + [line])
        } else {
            parts.append(.text([line]))
        }
    }

    private static func steps(_ lines: [String]) -> [Step] {
        var steps: [Step] = []
        for line in lines {
            if line.hasPrefix("$ ") || line.hasPrefix("% ") {
                steps.append(Step(command: line, output: []))
            } else if !steps.isEmpty {
                steps[steps.count - 1].output.append(line)
            }
        }
        return steps
    }

    var text: String {
        var lines: [String] = []
        for part in parts {
            switch part {
            case .text(let text): lines += text
            case .file(let name, let body): lines += ["```file " + name] + body + ["```"]
            case .console(let steps):
                lines.append("```console")
                for step in steps { lines += [step.command] + step.output }
                lines.append("```")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The commands of the page, each without its prompt.
    var commands: [String] {
        parts.flatMap { part in
            guard case .console(let steps) = part else { return [String]() }
            return steps.map { String($0.command.dropFirst(2)) }
        }
    }

    /// The same page with the output its commands have now.
    func replayed() throws -> Transcript {
        let stage = try TranscriptStage()
        defer { stage.remove() }
        return try replayed(on: stage)
    }

    /// The same, on a stage that can be asked afterwards what happened on it.
    func replayed(on stage: TranscriptStage) throws -> Transcript {
        var copy = self
        for (index, part) in parts.enumerated() {
            switch part {
            case .text: continue
            case .file(let name, let lines): try stage.declare(name, lines)
            case .console(let steps):
                copy.parts[index] = .console(
                    try steps.map { Step(command: $0.command, output: try stage.run($0.command)) })
            }
        }
        return copy
    }
}
