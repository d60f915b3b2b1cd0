import Primitives
import Testing

@testable import shopctl

@Suite struct GrammarTests {
    @Test(
        "global flags stand before, between and after noun and verb",
        arguments: [
            "--json product list", "product --json list", "product list --json",
            "-C /x product --color never list --format json", "--format=json product list",
        ])
    func globalFlagsStandAnywhere(line: String) throws {
        let run = try ToolRun(line)
        #expect(run.code == 0)
        #expect(run.output.hasPrefix("{\"items\":["))
    }

    @Test(
        "aliases run the command they stand for",
        arguments: [
            ("product ls --format ids", "MUG-1\nCUP-2\n"),
            ("product get MUG-1 --format ids", "MUG-1\n"),
            ("product create A --name N --price 1", "A\n"),
            ("product price set", "set\n"),
        ])
    func aliases(line: String, output: String) throws {
        #expect(try ToolRun(line).output == output)
    }

    @Test(
        "a word that is no command gets suggestions and is never run",
        arguments: [
            (
                "product lst",
                """
                error: unknown command "product lst"
                  try: shopctl product list
                       shopctl product --help

                """
            ),
            (
                "prodcut list",
                """
                error: unknown command "prodcut"
                  try: shopctl product
                       shopctl --help

                """
            ),
            (
                "product delete MUG-1",
                """
                error: unknown command "product delete"
                  try: shopctl product archive
                       shopctl product --help

                """
            ),
            (
                "product li",
                """
                error: unknown command "product li"
                  try: shopctl product list
                       shopctl product --help

                """
            ),
        ])
    func unknownCommands(line: String, errors: String) throws {
        let run = try ToolRun(line)
        #expect(run.code == 64)
        #expect(run.output == "")
        #expect(run.errors == errors)
    }

    @Test("a noun without its verb names the verbs")
    func missingVerb() throws {
        let run = try ToolRun("product")
        #expect(run.code == 64)
        #expect(
            run.errors == """
                error: product needs a verb: add, list, show, archive, price
                  try: shopctl product --help

                """)
    }

    @Test("a command's flag before its noun is told where it belongs")
    func misplacedFlag() throws {
        let run = try ToolRun("--status active product list")
        #expect(run.code == 64)
        #expect(
            run.errors == """
                error: --status stands before the command it belongs to
                  why: only global flags may stand before noun and verb
                  try: shopctl <noun> <verb> --status …
                       shopctl --help

                """)
    }

    @Test("a negative number is the value of a flag")
    func negativeValue() throws {
        #expect(try ToolRun("stock adjust M --by -3").output == "by -3, note none\n")
        #expect(
            try ToolRun("stock adjust M --by=-3 --note '- broken'").output
                == "by -3, note - broken\n")
    }

    @Test("every problem of a line is shown")
    func everyProblemIsShown() throws {
        let run = try ToolRun("stock adjust --by x --reason y")
        #expect(run.code == 64)
        #expect(
            run.errors == """
                error: "x" is not a whole number such as 5 or -3
                   at: --by
                error: --reason y is not one of damaged, lost, found
                error: <SKU> is missing
                  try: shopctl stock adjust --help

                """)
    }
}

@Suite struct ErrorOutputTests {
    @Test("flags that contradict each other are shown with the other problems of the line")
    func contradictionsAreProblemsOfTheLine() throws {
        let run = try ToolRun("product list --lmit 3 --json --format csv --field a --fields b")
        #expect(run.code == 64)
        for code in ["unknown-flag", "two-formats", "field-and-fields"] {
            #expect(run.errors.contains("\"code\":\"\(code)\""))
        }
    }

    @Test("with --json an error is one JSON line on standard error")
    func errorsAsJSON() throws {
        let run = try ToolRun("product show NO-1 --json")
        #expect(run.code == 3)
        #expect(run.output == "")
        #expect(
            run.errors == #"{"error":{"code":"unknown-product","exit":3,"#
                + #""message":"no product with SKU \"NO-1\"","#
                + #""try":["shopctl product show MUG-1"]}}"# + "\n")
    }

    @Test("the JSON form holds the other problems too")
    func otherProblemsAsJSON() throws {
        let run = try ToolRun("product add --json --draft=1")
        #expect(run.code == 64)
        #expect(run.errors.contains(#""code":"unexpected-value""#))
        #expect(
            run.errors.contains(#""others":[{"code":"missing-operand","exit":64,"message":"#))
        #expect(run.errors.split(separator: "\n").count == 1)
    }

    @Test("where, why, details and advice have their members")
    func membersOfTheJSONForm() {
        let error = ShopError(
            .refused, "insufficient-stock", "not enough", at: "--item A=5", why: "3 are there",
            try: ["a", "b"], details: [.init("requested", "5")])
        #expect(
            ErrorOutput.json(error) == #"{"error":{"code":"insufficient-stock","exit":6,"#
                + #""message":"not enough","where":"--item A=5","why":"3 are there","#
                + #""details":{"requested":"5"},"try":["a","b"]}}"# + "\n")
    }

    @Test("text from outside cannot steer the terminal through an error")
    func errorsAreEscaped() throws {
        let run = try ToolRun("product show '\u{1B}[31m\u{202E}'")
        #expect(
            run.errors.hasPrefix(#"error: no product with SKU "\u{1B}[31m\u{202E}""#))
    }

    @Test("only the word error is coloured, and only where colours are wanted")
    func errorsAreColoured() throws {
        #expect(try ToolRun("nouns", terminals: [.error]).errors.hasPrefix("\u{1B}[1;31merror:"))
        #expect(try ToolRun("nouns").errors.hasPrefix("error: "))
    }
}

@Suite struct StreamTests {
    @Test("a mutation prints its sentence and what comes next on a terminal")
    func mutationOnATerminal() throws {
        let run = try ToolRun(
            "product add MUG-1 --name Mug --price 12.99", terminals: [.output])
        #expect(
            run.output == """
                Added MUG-1 "Mug".
                  next: shopctl stock receive MUG-1 --quantity 10

                """)
    }

    @Test("a mutation prints the bare id in a pipe and with --porcelain")
    func mutationInAPipe() throws {
        let line = "product add MUG-1 --name Mug --price 12.99"
        #expect(try ToolRun(line).output == "MUG-1\n")
        #expect(try ToolRun(line + " --porcelain", terminals: [.output]).output == "MUG-1\n")
    }

    @Test("a mutation prints the object with --json, marked when it is a dry run")
    func mutationAsJSON() throws {
        let line = "product add MUG-1 --name Mug --price 12.99 --json"
        let object =
            #""sku":"MUG-1","name":"Mug","price":{"amount":"12.99","currency":"USD"}}"# + "\n"
        #expect(try ToolRun(line).output == "{" + object)
        #expect(try ToolRun(line + " -n").output == #"{"dryRun":true,"# + object)
    }

    @Test("a dry run says so and names nothing to do next")
    func dryRunOnATerminal() throws {
        let run = try ToolRun(
            "product add MUG-1 --name Mug --price 12.99 --dry-run", terminals: [.output])
        #expect(run.output == "Added MUG-1 \"Mug\". (dry run)\n")
    }

    @Test("fields of a mutation can be asked for")
    func mutationWithFields() throws {
        let run = try ToolRun("product add MUG-1 --name Mug --price 1 --field name")
        #expect(run.output == "Mug\n")
    }

    @Test("notices go to standard error, and --quiet drops them")
    func notices() throws {
        let run = try ToolRun("doctor")
        #expect(run.output == "1 problem\n")
        #expect(run.errors == "Looked at 13 things.\n")
        #expect(run.code == 9)
        #expect(try ToolRun("doctor -q").errors == "")
    }

    @Test("an empty list is no error, and a terminal is told")
    func emptyList() throws {
        let run = try ToolRun("product list --status archived", terminals: [.output])
        #expect(run.code == 0)
        #expect(run.output == "")
        #expect(run.errors == "No products match.\n")
        #expect(try ToolRun("product list --status archived").errors == "")
    }

    @Test("a reader that goes away is no error")
    func closedOutput() throws {
        let console = CapturedConsole()
        console.outcome = .closed
        let code = Tool.run(
            arguments: ["product", "list"], environment: .test([:]), console: console,
            commands: SampleCommands.all)
        #expect(code == 0)
        #expect(console.errors == "")
    }

    @Test("a change that is stored but cannot be printed says so")
    func failedOutput() throws {
        let console = CapturedConsole()
        console.outcome = .failed(errno: 28)
        let code = Tool.run(
            arguments: ["product", "add", "A", "--name", "N", "--price", "1"],
            environment: .test([:]), console: console, commands: SampleCommands.all)
        #expect(code == 73)
        #expect(
            console.errors == """
                error: writing to standard output failed: no space left on device
                  why: the change itself is stored

                """)
    }
}

@Suite struct ConfirmationTests {
    private static let line = "product archive MUG-1"

    @Test("a yes goes on, anything else ends with 2")
    func yesAndNo() throws {
        let yes = try ToolRun(Self.line, input: "y\n", terminals: ToolRun.onTerminal)
        #expect(yes.code == 0)
        #expect(yes.errors == "Archive MUG-1? [y/N] ")
        for answer in ["n\n", "\n", "yep\n"] {
            let no = try ToolRun(Self.line, input: answer, terminals: ToolRun.onTerminal)
            #expect(no.code == 2)
            #expect(no.output == "")
            #expect(no.errors == "Archive MUG-1? [y/N] Cancelled; nothing was changed.\n")
        }
        let end = try ToolRun(Self.line, terminals: ToolRun.onTerminal)
        #expect(end.code == 2)
        #expect(end.errors == "Archive MUG-1? [y/N] \nCancelled; nothing was changed.\n")
    }

    @Test("without a terminal or with --no-input it ends with 64 before any work")
    func nobodyToAsk() throws {
        let errors = """
            error: this needs a yes, and there is no terminal to ask on
              try: shopctl product archive MUG-1 --yes

            """
        let piped = try ToolRun(Self.line, input: "y\n")
        #expect(piped.code == 64)
        #expect(piped.errors == errors)
        let variables = ["SHOPCTL_NO_INPUT": "1"]
        let silent = try ToolRun(
            Self.line, variables: variables, input: "y\n", terminals: ToolRun.onTerminal)
        #expect(silent.code == 64)
        #expect(
            try ToolRun(Self.line + " --no-input", terminals: ToolRun.onTerminal).code == 64)
    }

    @Test("--yes answers the question, and a dry run asks none")
    func answeredQuestions() throws {
        #expect(try ToolRun(Self.line + " -y").output == "MUG-1\n")
        #expect(try ToolRun(Self.line + " --dry-run").output == "MUG-1\n")
    }
}

@Suite struct RunFileTests {
    @Test("a run does every line and passes over comments")
    func runsEveryLine() throws {
        let run = try ToolRun(
            "run -",
            input: "# evening\nproduct add A --name 'Blue mug' --price 1\n\nproduct ls -q\n")
        #expect(run.code == 0)
        #expect(
            run.output == "A\nMUG-1\tBlue mug\t12.99 USD\t4\nCUP-2\tCup\t5.00 USD\t12\n")
    }

    @Test("the first line that fails ends the run, with its place")
    func stopsAtTheFirstFailure() throws {
        let run = try ToolRun("run -", input: "product show NO-1\nproduct list\n")
        #expect(run.code == 3)
        #expect(run.output == "")
        #expect(run.errors.contains("   at: -:1\n"))
    }

    @Test("with --continue the other lines are done and it ends with 7")
    func goesOn() throws {
        let run = try ToolRun(
            "run --continue -", input: "product show NO-1\nproduct list --format count\n'x\n")
        #expect(run.code == 7)
        #expect(run.output == "2\n")
        #expect(run.errors.hasSuffix("2 of 3 lines failed.\n"))
    }

    @Test("a run inside a run is refused")
    func nestedRun() throws {
        let run = try ToolRun("run -", input: "run other.txt\n")
        #expect(run.code == 64)
        #expect(
            run.errors == "error: a run cannot start another run\n   at: -:1\n")
    }

    @Test("what the run is told holds for its lines")
    func settingsAreInherited() throws {
        let run = try ToolRun("run - -y --json", input: "product archive MUG-1\n")
        #expect(run.code == 0)
        #expect(run.output.hasPrefix("{\"sku\":\"MUG-1\""))
    }

    @Test("a file that is missing ends with 66")
    func missingFile() throws {
        let run = try ToolRun("run /nowhere/at.all")
        #expect(run.code == 66)
        #expect(run.errors == "error: there is no file /nowhere/at.all\n")
    }
}
