import Primitives
import Testing

@testable import shopctl

@Suite struct LineSplitterTests {
    @Test(
        "a line is split as a shell would",
        arguments: [
            ("product  list\t--json", ["product", "list", "--json"]),
            ("a 'b c' \"d e\"", ["a", "b c", "d e"]),
            ("a'b'\"c\"d", ["abcd"]),
            ("'' \"\"", ["", ""]),
            ("'a\\b' \"a\\\"b\\\\c\\d\"", ["a\\b", "a\"b\\c\\d"]),
            ("a\\ b \\# \\'", ["a b", "#", "'"]),
            ("a # comment 'open", ["a"]),
            ("a#b", ["a#b"]),
            ("# only", []),
            ("", []),
            ("a\r", ["a"]),
            ("--name 'Ünïcode 杯'", ["--name", "Ünïcode 杯"]),
        ] as [(String, [String])])
    func splits(line: String, words: [String]) throws {
        #expect(try LineSplitter.words(of: line, number: 1, file: "f") == words)
    }

    @Test("an open quote is reported where it opens")
    func openQuote() {
        let error = #expect(throws: ShopError.self) {
            _ = try LineSplitter.words(of: "add 'Blue mug", number: 7, file: "shop.txt")
        }
        #expect(error?.message == "the quote ' is never closed")
        #expect(error?.location == "shop.txt:7:5")
        #expect(error?.kind == .data)
    }

    @Test("a backslash at the end of the line is reported where it stands")
    func danglingBackslash() {
        let error = #expect(throws: ShopError.self) {
            _ = try LineSplitter.words(of: "add \\", number: 2, file: "-")
        }
        #expect(error?.message == "a backslash ends the line and quotes nothing")
        #expect(error?.location == "-:2:5")
    }

    @Test("words written for a shell are read back as they were")
    func quotingRoundTrips() throws {
        let words = ["a", "", "b c", "it's", "\"q\"", "#x", "\\", "ä", "a=b", "--name=x y", "~"]
        let line = ShellWords.line(words)
        #expect(try LineSplitter.words(of: line, number: 1, file: "f") == words)
    }
}
