import Foundation
import Primitives
import Testing

@testable import shopctl

@Suite struct HelpTests {
    @Test("the overview is about 15 lines with the nouns in groups")
    func overview() throws {
        let run = try ToolRun("")
        #expect(run.code == 0)
        #expect(run.errors == "")
        #expect(run.output.contains("  SELL     product stock\n"))
        #expect(run.output.contains("  MONEY    report\n"))
        #expect((12...20).contains(run.output.split(separator: "\n").count))
        #expect(try ToolRun("--help").output == run.output)
        #expect(try ToolRun("help").output == run.output)
    }

    @Test("a command's page is made of its declaration")
    func commandPage() throws {
        let page = try ToolRun("help product add").output
        #expect(
            page == """
                Add a product to the catalog

                A product starts active unless --draft is given.

                EXAMPLES
                  shopctl product add MUG-1 --name Mug --price 12.99
                      a mug

                USAGE
                  shopctl product add <SKU> --name TEXT --price PRICE [flags]

                ARGUMENTS
                  <SKU>  Its code

                FLAGS
                      --name TEXT         Name that customers see (required)
                      --price PRICE       Price of one unit (required)
                      --tag TAG...        A word to find it by
                      --description TEXT  What it is
                  -d, --draft             Keep it out of the shop

                GLOBAL FLAGS
                  -n, -y, --idempotency-key, -C, --format, --json, --fields, -o, -q and more:
                  shopctl help flags

                PERMISSION
                  owner, manager (product.write)

                ALIASES
                  create

                FIELDS
                  sku, name, price, onHand, tags, parts

                EXIT CODES
                  5    conflict      the SKU exists already

                """)
    }

    @Test("--help anywhere prints the same page and runs nothing, whatever else is wrong")
    func helpAnywhere() throws {
        let page = try ToolRun("help product add").output
        for line in [
            "product add --help", "-h product add", "product add A B --nmae x -h",
            "product --help add --name",
        ] {
            let run = try ToolRun(line)
            #expect(run.code == 0)
            #expect(run.output == page)
        }
        #expect(try ToolRun("product add A --name N --price 1 -- --help").code == 64)
    }

    @Test("a noun's page lists its verbs")
    func nounPage() throws {
        let page = try ToolRun("product --help").output
        #expect(try ToolRun("help product").output == page)
        #expect(page.contains("  shopctl product add        Add a product to the catalog\n"))
        #expect(page.contains("  shopctl product price set  Set a price\n"))
        #expect(!page.contains("stock"))
    }

    @Test("every topic has a page", arguments: HelpTopic.allCases)
    func topics(topic: HelpTopic) throws {
        let run = try ToolRun("help \(topic.rawValue)")
        #expect(run.code == 0)
        #expect(run.output == topic.text)
        #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 110 })
    }

    @Test("the page about exit codes names each of them")
    func exitCodes() throws {
        let page = try ToolRun("help exit-codes").output
        for code in ExitCode.allCases {
            #expect(page.contains("  \(code.rawValue) "))
            #expect(page.contains(" \(code.name) "))
        }
    }

    @Test("help on what does not exist suggests topics and commands")
    func unknownTopic() throws {
        let run = try ToolRun("help exit-code")
        #expect(run.code == 64)
        #expect(run.errors.contains("  try: shopctl help exit-codes\n"))
    }

    @Test("the version is printed for people and for scripts")
    func version() throws {
        let version = VersionCommand.version
        #expect(try ToolRun("version").output == "shopctl \(version)\n")
        #expect(try ToolRun("--version").output == "shopctl \(version)\n")
        #expect(try ToolRun("version --json").output == "{\"version\":\"\(version)\"}\n")
        #expect(try ToolRun("--version --json").output == "{\"version\":\"\(version)\"}\n")
    }

    @Test("a schema lists the members, those inside rows too")
    func schema() throws {
        #expect(
            try ToolRun("schema product").output == """
                sku\tstring
                name\tstring
                price\t{"amount":"12.99","currency":"USD"}
                onHand\tinteger
                tags\tarray of strings
                parts\tarray of objects
                parts[].part\tstring
                parts[].length\tinteger

                """)
        let run = try ToolRun("schema prodct")
        #expect(run.code == 64)
        #expect(
            run.errors == """
                error: no schema for "prodct"
                  why: there is one for product
                  try: shopctl schema product

                """)
    }

    @Test("every command of the tool has a summary, an example and a page")
    func everyCommandIsExplained() {
        for type in CommandTable.all {
            let spec = type.spec
            #expect(!spec.summary.isEmpty && !spec.summary.hasSuffix("."), "\(spec.name)")
            #expect(!spec.examples.isEmpty, "\(spec.name)")
            for example in spec.examples {
                #expect(example.command.hasPrefix("shopctl \(spec.name)"), "\(spec.name)")
            }
        }
    }

    @Test("every example of every command can be parsed")
    func everyExampleParses() throws {
        for type in CommandTable.all {
            for example in type.spec.examples {
                let command = example.command.split(separator: " | ")[0].split(separator: " < ")[0]
                let words = try LineSplitter.words(of: String(command), number: 1, file: "example")
                let lookup = CommandLookup(
                    Array(words.dropFirst()), among: CommandTable.all, globals: GlobalOptions.all)
                let parser = ArgumentParser(
                    reading: lookup.rest, for: type.spec, globals: GlobalOptions.all)
                #expect(parser.problems == [], "\(example.command)")
            }
        }
    }
}

@Suite struct CommandReferenceTests {
    private static let file = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/commands.md")

    /// `UPDATE_DOCS=1 swift test --filter CommandReferenceTests` writes it anew.
    @Test("docs/commands.md is what the declarations say")
    func documentationIsCurrent() throws {
        let text = CommandReference.markdown(CommandTable.all)
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
            try text.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == text)
    }

    @Test("help --markdown prints the same page")
    func markdownIsPrinted() throws {
        #expect(
            try ToolRun("help --markdown", commands: CommandTable.all).output
                == CommandReference.markdown(CommandTable.all))
    }

    @Test("a command's section has its usage, flags, codes and examples")
    func section() {
        let text = CommandReference.markdown([AddSample.self])
        #expect(text.contains("| [product add](#shopctl-product-add) | Add a product"))
        #expect(text.contains("## shopctl product add\n\nAdd a product to the catalog.\n"))
        #expect(text.contains("| `--tag TAG` | A word to find it by; may be given several times |"))
        #expect(text.contains("| 5 conflict | the SKU exists already |"))
        #expect(text.contains("# a mug\nshopctl product add MUG-1"))
    }
}
