import Primitives
import TestSupport
import Testing

@testable import shopctl

/// The lines of a `run` file from anywhere: no trap, no hang, and quoted words come back whole.
@Suite struct LineSplitterFuzzTests {
    @Test("any line is split, or refused; its words quoted again are the same words")
    func lines() throws {
        let corpus = [
            "order create --customer ana@x.example --item MUG-1=2",
            "note 'it''s' \"a \\\" b\" # end",
            "a\\ b c", "product add É-1 --name '日本 茶' ", "--x=\"$(rm)\"\r",
        ].map { Array($0.utf8) }
        let run = try Fuzzing(corpus) { bytes in
            let line = String(decoding: bytes.filter { $0 != 0x0a }, as: UTF8.self)
            let words: [String]
            do throws(ShopError) {
                words = try LineSplitter.words(of: line, number: 1, file: "-")
            } catch {
                #expect(["unterminated-quote", "dangling-backslash"].contains(error.code))
                return
            }
            let quoted = words.map { word in
                "'"
                    + word.split(separator: "'", omittingEmptySubsequences: false)
                    .joined(separator: "'\\''") + "'"
            }
            let again = try LineSplitter.words(
                of: quoted.joined(separator: " "), number: 1, file: "-")
            #expect(again == words, "\(line.debugDescription)")
        }
        print("fuzzing lines of commands: \(run)")
        #expect(run.slowest < 1)
    }
}
