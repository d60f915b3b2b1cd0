import Testing

/// Hygiene that a reviewer should not have to look for.
@Suite struct TidyTests {
    private static let sources = SourceTree.swiftFiles(under: "Sources")
    private static let everything = SourceTree.swiftFiles(under: "Sources", "Tests", "scripts")

    private static func lines(
        of files: [SourceTree.File], where isWrong: (String) -> Bool
    ) -> [String] {
        files.flatMap { file in
            file.lines.enumerated().filter { isWrong($0.element) }
                .map { "\(file.path):\($0.offset + 1): \($0.element)" }
        }
    }

    @Test("no line is longer than 100 columns")
    func noLineIsTooLong() {
        #expect(Self.lines(of: Self.everything) { $0.count > 100 } == [])
    }

    @Test("no line ends in white space or holds a tab")
    func noLineEndsInWhiteSpace() {
        let wrong = Self.lines(of: Self.everything) {
            $0.last?.isWhitespace ?? false || $0.contains("\t")
        }
        #expect(wrong == [])
    }

    @Test("no file is longer than 450 lines")
    func noFileIsTooLong() {
        let long = Self.everything.filter { $0.lines.count > 451 }
        #expect(long.map { "\($0.path): \($0.lines.count)" } == [])
    }

    @Test("no function is longer than 80 lines")
    func noFunctionIsTooLong() {
        let long = Self.everything.flatMap { file in
            FunctionScan.functions(in: file.lines).filter { $0.length > 80 }
                .map { "\(file.path):\($0.line): \($0.length) lines" }
        }
        #expect(long == [])
    }

    @Test("Sources has no call that traps in place of an error")
    func sourcesHaveNoTrappingCalls() {
        let banned = ["try!", "as!", "fatalError("]
        let wrong = Self.lines(of: Self.sources) { line in
            let code = FunctionScan.withoutStringsAndComments(line)
            return banned.contains { code.contains($0) }
        }
        #expect(wrong == [])
    }

    @Test("Sources has no note about work left over")
    func sourcesHaveNoLeftovers() {
        let marks = ["TO" + "DO", "FIX" + "ME"]
        let wrong = Self.lines(of: Self.sources) { line in
            marks.contains { line.contains($0) }
        }
        #expect(wrong == [])
    }

    @Test("nothing in Sources prints by itself")
    func nothingPrintsByItself() {
        let wrong = Self.lines(of: Self.sources) { line in
            FunctionScan.calls("print", in: line)
        }
        #expect(wrong == [])
    }

    @Test("no product target imports Foundation, which costs start-up time")
    func nothingImportsFoundation() {
        let wrong = Self.lines(of: Self.sources) { line in
            LayeringTests.importedModule(line)?.hasPrefix("Foundation") ?? false
        }
        #expect(wrong == [])
    }

    @Test("the first type of every file says what it is")
    func theFirstTypeIsDocumented() {
        let undocumented = Self.sources.filter { !FunctionScan.firstTypeIsDocumented($0.lines) }
        #expect(undocumented.map(\.path) == [])
    }

    @Test("no two files of a target share a name")
    func noTwoFilesShareAName() {
        var seen: Set<String> = []
        let twice = Self.sources.filter { !seen.insert($0.target + "/" + $0.name).inserted }
        #expect(twice.map(\.path) == [])
    }
}
