import Testing

/// Finds functions and calls well enough for tidiness, without a parser.
enum FunctionScan {
    struct Function: Equatable {
        /// Counted from 1.
        let line: Int
        let length: Int
    }

    static func functions(in lines: [String]) -> [Function] {
        var found: [Function] = []
        var isInText = false
        var open: [(line: Int, depth: Int)] = []
        var waiting: Int?
        var depth = 0
        for (index, line) in lines.enumerated() {
            let quotes = line.occurrences(of: "\"\"\"")
            defer { if quotes % 2 == 1 { isInText.toggle() } }
            if isInText || quotes % 2 == 1 { continue }
            let code = withoutStringsAndComments(line)
            if beginsFunction(code) { waiting = index }
            for character in code {
                if character == "{" {
                    depth += 1
                    if let start = waiting { open.append((start, depth)) }
                    waiting = nil
                } else if character == "}" {
                    if let last = open.last, last.depth == depth {
                        found.append(Function(line: last.line + 1, length: index - last.line + 1))
                        open.removeLast()
                    }
                    depth -= 1
                }
            }
        }
        return found
    }

    private static func beginsFunction(_ code: String) -> Bool {
        let words = code.split { !($0.isLetter || $0 == "`" || $0 == ".") }
        return words.contains("func") || words.contains("init") && code.contains("init(")
            || words.contains("deinit") || words.contains("subscript")
    }

    static func withoutStringsAndComments(_ line: String) -> String {
        var code = ""
        var isInString = false
        var isEscaped = false
        for character in line {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isInString = false
                }
            } else if character == "\"" {
                isInString = true
            } else {
                code.append(character)
                if code.hasSuffix("//") { return String(code.dropLast(2)) }
            }
        }
        return code
    }

    /// Whether `line` calls or declares a function of exactly this name.
    static func calls(_ name: String, in line: String) -> Bool {
        let code = withoutStringsAndComments(line)
        guard let range = code.firstRange(of: name + "(") else { return false }
        guard range.lowerBound > code.startIndex else { return true }
        let before = code[code.index(before: range.lowerBound)]
        return !before.isLetter && !before.isNumber && before != "."
    }

    static func firstTypeIsDocumented(_ lines: [String]) -> Bool {
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "actor"]
        let type = lines.firstIndex { line in
            !line.hasPrefix(" ") && !line.hasPrefix("//")
                && line.split(separator: " ").contains { kinds.contains($0) }
                && !line.hasPrefix("import ")
        }
        guard let type else { return true }
        let above = lines[..<type].last { !$0.hasPrefix("@") }
        return above?.hasPrefix("///") ?? false
    }
}

extension String {
    /// How many times `text` stands in it.
    fileprivate func occurrences(of text: String) -> Int {
        ranges(of: text).count
    }
}

@Suite struct FunctionScanTests {
    @Test("a function's length is counted from its first line to its brace")
    func lengthIsCounted() {
        let lines = ["func a(", "    b: Int", ") {", "    if b { }", "    \"{\"", "}", "let c = 1"]
        #expect(FunctionScan.functions(in: lines) == [.init(line: 1, length: 6)])
    }

    @Test("braces in multi-line texts do not count")
    func bracesInTextsDoNotCount() {
        let lines = ["func a() {", "    let t = \"\"\"", "        {", "        \"\"\"", "}"]
        #expect(FunctionScan.functions(in: lines) == [.init(line: 1, length: 5)])
    }

    @Test("a call is told from a method and a longer name")
    func aCallIsToldFromAMethod() {
        #expect(FunctionScan.calls("print", in: "    print(x)"))
        #expect(!FunctionScan.calls("print", in: "    sink.print(x)"))
        #expect(!FunctionScan.calls("print", in: "    blueprint(x)"))
        #expect(!FunctionScan.calls("print", in: "    \"print(\""))
    }

    @Test("a type without a comment is found")
    func aTypeWithoutACommentIsFound() {
        #expect(!FunctionScan.firstTypeIsDocumented(["import Glibc", "", "struct A {"]))
        #expect(FunctionScan.firstTypeIsDocumented(["/// One.", "@frozen", "struct A {"]))
    }
}
