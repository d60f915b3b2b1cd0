import Foundation
import Primitives
import Testing

@testable import shopctl

@Suite struct ProgressTests {
    /// A clock that is set by hand.
    private final class HandClock: @unchecked Sendable {
        private let lock = NSLock()
        private var milliseconds: Int64 = 1_000_000

        var clock: Clock {
            Clock { self.lock.withLock { Timestamp(millisecondsSinceEpoch: self.milliseconds) } }
        }

        func pass(_ count: Int64) { lock.withLock { milliseconds += count } }
    }

    private func context(
        _ console: CapturedConsole, _ clock: HandClock, _ words: [String] = []
    ) throws -> CommandContext {
        let environment = Environment(
            variable: { _ in nil }, clock: clock.clock, random: .system)
        let parser = ArgumentParser(reading: words, for: nil, globals: GlobalOptions.all)
        return CommandContext(
            settings: try GlobalSettings(parser.arguments, environment, console),
            environment: environment, console: console, name: "", arguments: parser.arguments,
            invocation: "", commands: [],
            perform: { _, _, _ throws(ShopError) in .ok })
    }

    @Test("it shows from half a second on, with rate and time left, and is erased")
    func showsAndErases() throws {
        let console = CapturedConsole(terminals: [.error])
        let clock = HandClock()
        let progress = Progress("Importing", of: 1000, try context(console, clock))
        clock.pass(499)
        progress.advance(to: 10)
        #expect(console.errors == "")
        clock.pass(501)
        progress.advance(to: 100)
        clock.pass(50)
        progress.advance(to: 101)
        #expect(console.errors == "\rImporting 100 of 1000, 100/s, 9 s left\u{1B}[K")
        progress.finish()
        #expect(console.errors.hasSuffix("left\u{1B}[K\r\u{1B}[K"))
    }

    @Test("a pipe and --quiet get none")
    func pipesGetNone() throws {
        let cases: [(Set<StandardStream>, [String])] = [([], []), ([.error], ["-q"])]
        for (terminals, words) in cases {
            let console = CapturedConsole(terminals: terminals)
            let clock = HandClock()
            let progress = Progress("Importing", of: nil, try context(console, clock, words))
            clock.pass(5000)
            progress.advance(to: 5)
            progress.finish()
            #expect(console.errors == "")
        }
    }
}
