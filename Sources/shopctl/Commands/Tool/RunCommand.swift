import Primitives
import ShopCore

/// `shopctl run FILE|-`: one command a line, in one process.
struct RunCommand: ShopCommand {
    static var name: String { "run" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Run the commands of a file, one a line",
            discussion: """
                A line is what would follow `shopctl` at a shell prompt: words parted by blanks,
                quoted with '…' or "…", and nothing else of the shell. Empty lines and # comments
                are passed over. The first line that fails ends the run; what the lines before it
                did stays done.
                """,
            operand: .one("FILE", "The file, or - for standard input"),
            options: [.switch("continue", "Go on after a line that fails, and end with 7")],
            examples: [
                .init("shopctl run evening.txt"),
                .init("shopctl run --continue - < evening.txt"),
            ],
            exitCodes: [
                .init(.partial, "some lines failed and --continue was given"),
                .init(.data, "a quote is never closed"),
                .init(.noInput, "there is no such file"),
            ],
            mutates: true)
    }

    private let path: String
    private let goesOn: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        path = try arguments.firstOperand()
        goesOn = arguments.has("continue")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let bytes = try context.input(path).contents()
        var failed = 0
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let text = String(decoding: line, as: UTF8.self)
            do throws(ShopError) {
                try perform(text, number, in: shop, context)
            } catch {
                guard goesOn else { throw error }
                failed += 1
                context.show(error)
            }
        }
        guard failed > 0 else { return .nothing }
        return Report.nothing.noting("\(failed) of the lines failed.").ending(with: .partial)
    }

    private func perform(
        _ text: String, _ number: Int, in shop: Shop, _ context: CommandContext
    ) throws(ShopError) {
        let words = try LineSplitter.words(of: text, number: number, file: path)
        guard let first = words.first else { return }
        let place = "\(path):\(number)"
        guard first != Self.name else { throw ShopError.nestedRun.at(place) }
        do throws(ShopError) {
            let code = try context.perform(words, shop)
            guard code == .ok else { throw .lineEnded(with: code) }
        } catch {
            var placed = error
            placed.location = error.location.map { "\(place), \($0)" } ?? place
            throw placed
        }
    }
}

extension ShopError {
    static var nestedRun: ShopError {
        ShopError(.usage, "nested-run", "a run cannot start another run")
    }

    static func lineEnded(with code: ExitCode) -> ShopError {
        ShopError(code, "line-ended", "the line ended with \(code.rawValue) (\(code.name))")
    }
}
