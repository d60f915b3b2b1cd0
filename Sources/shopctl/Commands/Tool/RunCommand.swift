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
                did stays done. With --dry-run nothing is stored, and each line sees what those
                before it would have changed, but for who is signed in.

                Each line is on the disk before its answer is printed. While the disk takes one, the
                next lines are worked out; those that are ready when it is done share its next turn.
                With --group the lines of up to 20 ms, at most 256, share one: faster, and as safe.
                Where the disk refuses some, nothing of those is stored and the run ends.

                With --idempotency-key night-1 the third line has the key night-1/3, unless it has
                one of its own: the file can be run again after whatever stopped it.
                """,
            operand: .one("FILE", "The file, or - for standard input"),
            options: [
                .switch("continue", "Go on after a line that fails, and end with 7"),
                .switch("group", "Give the disk many lines at once, and print their answers after"),
            ],
            examples: [
                .init("shopctl run evening.txt"),
                .init("shopctl run --continue - < evening.txt"),
                .init("shopctl run --group orders.txt", "ten thousand lines in a second or so"),
            ],
            exitCodes: [
                .init(.partial, "some lines failed and --continue was given"),
                .init(.data, "a quote is never closed"),
                .init(.noInput, "there is no such file"),
            ],
            mutates: true, permission: .anybody("each line asks for its own"))
    }

    private let path: String
    private let goesOn: Bool
    private let groups: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        path = try arguments.firstOperand()
        goesOn = arguments.has("continue")
        groups = arguments.has("group")
    }

    /// One line of the file, read but not run.
    private struct Line {
        let number: Int
        /// `evening.txt:3`.
        let place: String
        let words: Result<[String], ShopError>
    }

    /// Reads the file before the shop is opened: a file that is not there makes no shop.
    func answer(
        _ context: CommandContext, opening shop: () throws(ShopError) -> Shop
    ) throws(ShopError) -> Report {
        let lines = try lines(context)
        if !goesOn {
            for line in lines { _ = try line.words.get() }
        }
        let shop = try shop()
        return try HeldConsole.answering(context, in: shop) { (console) throws(ShopError) in
            try run(lines, in: shop, console, context)
        }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        try run(try lines(context), in: shop, context.console, context)
    }

    private func lines(_ context: CommandContext) throws(ShopError) -> [Line] {
        let bytes = try context.input(path).contents()
        var lines: [Line] = []
        let texts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, text) in texts.enumerated() {
            let number = index + 1
            let place = "\(path):\(number)"
            do throws(ShopError) {
                let text = String(decoding: text, as: UTF8.self)
                let words = try LineSplitter.words(of: text, number: number, file: path)
                guard let first = words.first else { continue }
                guard first != Self.name else { throw ShopError.nestedRun.at(place) }
                lines.append(Line(number: number, place: place, words: .success(words)))
            } catch {
                lines.append(Line(number: number, place: place, words: .failure(error)))
            }
        }
        return lines
    }

    private func run(
        _ lines: [Line], in shop: Shop, _ console: any Console, _ context: CommandContext
    ) throws(ShopError) -> Report {
        var failed = 0
        for line in lines {
            do throws(ShopError) {
                let words = context.keyed(try line.words.get(), number: line.number)
                try perform(words, at: line.place, in: shop, console, context)
            } catch {
                guard goesOn, !shop.hasLostGroup else { throw error }
                failed += 1
                context.show(error, on: console)
            }
            // With --group the disk gets many lines at once, when they are enough.
            guard !groups, !context.isDryRun else { continue }
            do throws(ShopError) { try shop.advance() } catch { throw error.at(line.place) }
        }
        guard failed > 0 else { return .nothing }
        return Report.nothing.noting("\(failed) of \(lines.count) lines failed.")
            .ending(with: .partial)
    }

    private func perform(
        _ words: [String], at place: String, in shop: Shop, _ console: any Console,
        _ context: CommandContext
    ) throws(ShopError) {
        do throws(ShopError) {
            let code = try context.perform(words, shop, console)
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
