import Primitives
import Testing

@testable import shopctl

@Suite struct FormatTests {
    @Test(
        "a list in every format",
        arguments: [
            ("plain", "MUG-1\tBlue mug\t12.99 USD\t4\nCUP-2\tCup\t5.00 USD\t12\n"),
            ("ids", "MUG-1\nCUP-2\n"),
            ("count", "2\n"),
            (
                "table",
                """
                SKU    NAME          PRICE  ON-HAND
                MUG-1  Blue mug  12.99 USD        4
                CUP-2  Cup        5.00 USD       12

                """
            ),
            (
                "csv",
                """
                sku,name,price,currency,onHand,tags
                MUG-1,Blue mug,12.99,USD,4,
                CUP-2,Cup,5.00,USD,12,tea

                """
            ),
            (
                "json",
                #"{"items":[{"sku":"MUG-1","name":"Blue mug","#
                    + #""price":{"amount":"12.99","currency":"USD"},"onHand":4},"#
                    + #"{"sku":"CUP-2","name":"Cup","price":{"amount":"5.00","currency":"USD"},"#
                    + #""onHand":12,"tags":["tea"],"parts":[{"part":"tea","length":3}]}],"#
                    + #""next":null}"# + "\n"
            ),
            (
                "jsonl",
                #"{"sku":"MUG-1","name":"Blue mug","#
                    + #""price":{"amount":"12.99","currency":"USD"},"onHand":4}"# + "\n"
                    + #"{"sku":"CUP-2","name":"Cup","price":{"amount":"5.00","currency":"USD"},"#
                    + #""onHand":12,"tags":["tea"],"parts":[{"part":"tea","length":3}]}"# + "\n"
            ),
        ])
    func listFormats(format: String, output: String) throws {
        #expect(try ToolRun("product list --format \(format)").output == output)
    }

    @Test("a terminal gets a table, a pipe gets plain")
    func defaultFormats() throws {
        #expect(
            try ToolRun("product list --color never", terminals: [.output]).output
                .hasPrefix("SKU    NAME"))
        #expect(try ToolRun("product list").output.hasPrefix("MUG-1\t"))
    }

    @Test("fields choose the columns and their order")
    func fieldsChooseColumns() throws {
        #expect(
            try ToolRun("product list --fields onHand,sku --format csv").output
                == "onHand,sku\n4,MUG-1\n12,CUP-2\n")
        #expect(
            try ToolRun("product list --field price", terminals: [.output]).output
                == "12.99 USD\n5.00 USD\n")
        #expect(
            try ToolRun("product list --fields sku --json").output
                == #"{"items":[{"sku":"MUG-1"},{"sku":"CUP-2"}],"next":null}"# + "\n")
    }

    @Test("an unknown field is refused before any work, with all the fields")
    func unknownField() throws {
        let run = try ToolRun("product add A --name N --price 1 --fields skuu,name")
        #expect(run.code == 64)
        #expect(run.output == "")
        #expect(
            run.errors == """
                error: unknown field "skuu"
                   at: --fields
                  why: the fields are sku, name, price, onHand, tags, parts
                  try: --fields sku

                """)
    }

    @Test("the header can be left out")
    func noHeader() throws {
        #expect(
            try ToolRun("product list --format csv --no-header --fields sku").output
                == "MUG-1\nCUP-2\n")
        #expect(
            try ToolRun("product list --format table --no-header --fields sku").output
                == "MUG-1\nCUP-2\n")
    }

    @Test("one record is an object in JSON, several are items")
    func recordsAsJSON() throws {
        #expect(
            try ToolRun("product show MUG-1 --json --fields sku").output
                == #"{"sku":"MUG-1"}"# + "\n")
        #expect(
            try ToolRun("product show MUG-1 CUP-2 --json --fields sku").output
                == #"{"items":[{"sku":"MUG-1"},{"sku":"CUP-2"}],"next":null}"# + "\n")
    }

    @Test("a record on a terminal is a block of labelled lines, with the rows inside it below")
    func recordsAsBlocks() throws {
        let run = try ToolRun("product show MUG-1 CUP-2 --format table")
        #expect(
            run.output == """
                SKU      MUG-1
                Name     Blue mug
                Price    12.99 USD
                On hand  4

                SKU      CUP-2
                Name     Cup
                Price    5.00 USD
                On hand  12
                Tags     tea
                Parts
                  PART  LENGTH
                  tea        3

                """)
    }

    @Test("a report is also a page of Markdown, with its totals")
    func markdown() throws {
        #expect(
            try ToolRun("report sales --format md").output == """
                # Sales \\<by\\> product

                - from: 2026-11-01

                | SKU | Name | Price | On hand |
                | --- | --- | ---: | ---: |
                | MUG-1 | Blue mug | 12.99 USD | 4 |
                | CUP-2 | Cup | 5.00 USD | 12 |
                |  |  | **17.99 USD** | **16** |

                """)
    }

    @Test("a report is also a page of HTML, in which nothing from outside is markup")
    func html() throws {
        let page = try ToolRun("report sales --format html").output
        #expect(page.contains("<h1>Sales &lt;by&gt; product</h1>"))
        #expect(page.contains("<tr><td>MUG-1</td><td>Blue mug</td>"))
        #expect(page.contains("<td class=\"number\">12.99 USD</td>"))
        #expect(page.contains("<tfoot><tr><th></th>"))
    }

    @Test("a report has a title, a line of totals, and both in JSON")
    func reports() throws {
        #expect(
            try ToolRun("report sales --format table").output == """
                Sales <by> product
                from  2026-11-01

                SKU    NAME          PRICE  ON-HAND
                MUG-1  Blue mug  12.99 USD        4
                CUP-2  Cup        5.00 USD       12
                -----  --------  ---------  -------
                                 17.99 USD       16

                """)
        let json = try ToolRun("report sales --json --fields sku,onHand").output
        #expect(
            json == #"{"from":"2026-11-01","items":[{"sku":"MUG-1","onHand":4},"#
                + #"{"sku":"CUP-2","onHand":12}],"totals":{"onHand":16},"next":null}"# + "\n")
    }

    @Test("a list is no page")
    func listsAreNoPages() throws {
        let run = try ToolRun("product list --format html")
        #expect(run.code == 64)
        #expect(
            run.errors == """
                error: only reports can be printed as html
                   at: --format
                  try: shopctl help formats

                """)
    }

    @Test("--json and another --format contradict each other")
    func twoFormats() throws {
        let run = try ToolRun("product list --json --format csv")
        #expect(run.code == 64)
        #expect(run.errors.contains("--json and --format csv contradict each other"))
    }

    @Test("--field and --fields cannot stand together")
    func fieldAndFields() throws {
        let run = try ToolRun("product list --field sku --fields sku")
        #expect(run.code == 64)
        #expect(run.errors.hasPrefix("error: --field and --fields cannot stand together\n"))
    }

    @Test("hostile text is shown escaped in tables, tabs and line ends in plain")
    func hostileText() throws {
        let text = "a\tb\nc\\\u{1B}[2J\u{202E}\u{85}"
        #expect(VisibleText.escaped(text) == #"a\tb\nc\\u{1B}[2J\u{202E}\u{85}"#)
        #expect(PlainText.escaped(text) == "a\\tb\\nc\\\\\u{1B}[2J\u{202E}\u{85}")
        #expect(VisibleText.escaped("杯 👩‍👩‍👧 é") == "杯 👩‍👩‍👧 é")
    }
}

@Suite struct TextTableTests {
    private func table(width: Int?) -> [String] {
        var table = TextTable(Sample.columns.headings().filter { $0.shown == .always })
        table.append(["MUG-1", "A very long name of a mug", "12.99 USD", "4"])
        table.append(["杯-2", "マグカップ", "1.00 USD", "12"])
        return table.lines(fitting: width)
    }

    @Test("wide characters take two columns")
    func wideCharacters() {
        #expect(
            table(width: nil) == [
                "SKU    NAME                           PRICE  ON-HAND",
                "MUG-1  A very long name of a mug  12.99 USD        4",
                "杯-2   マグカップ                  1.00 USD       12",
            ])
    }

    @Test("on a narrow terminal only the columns that may be cut give way")
    func narrowTerminal() {
        #expect(
            table(width: 40) == [
                "SKU    NAME               PRICE  ON-HAND",
                "MUG-1  A very long …  12.99 USD        4",
                "杯-2   マグカップ      1.00 USD       12",
            ])
    }

    @Test("a column is not cut below eight columns, however narrow the terminal")
    func veryNarrowTerminal() {
        #expect(table(width: 10)[1] == "MUG-1  A very …  12.99 USD        4")
    }

    @Test("a text is cut between grapheme clusters")
    func cutsBetweenClusters() {
        #expect(DisplayWidth.cut("マグカップ", to: 6) == "マグ…")
        #expect(DisplayWidth.cut("abc", to: 3) == "abc")
        #expect(DisplayWidth.cut("e\u{301}e\u{301}e\u{301}", to: 2) == "e\u{301}…")
        #expect(DisplayWidth.cut("abc", to: 0) == "")
    }
}
