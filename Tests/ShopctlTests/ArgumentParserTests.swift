import Primitives
import Testing

@testable import shopctl

@Suite struct ArgumentParserTests {
    private func parse(_ words: String...) -> ArgumentParser {
        ArgumentParser(reading: words, for: AddSample.spec, globals: GlobalOptions.all)
    }

    private func messages(_ words: [String]) -> [String] {
        ArgumentParser(reading: words, for: AddSample.spec, globals: GlobalOptions.all)
            .problems.map(\.message)
    }

    private static let complete = ["MUG-1", "--name", "Mug", "--price", "12.99"]

    @Test("a value may stand after its flag or after an equals sign")
    func valuesStandInBothPlaces() {
        let parser = parse("MUG-1", "--name=Blue = mug", "--price", "12.99")
        #expect(parser.problems == [])
        #expect(parser.arguments.value("name") == "Blue = mug")
        #expect(parser.arguments.value("price") == "12.99")
        #expect(parser.arguments.operands == ["MUG-1"])
    }

    @Test("a repeatable flag keeps all its values in order")
    func repeatableFlagsKeepOrder() {
        let parser = parse("A", "--tag", "b", "--name", "N", "--price", "1", "--tag=a")
        #expect(parser.arguments.values("tag") == ["b", "a"])
    }

    @Test("single-letter switches may be bundled, a letter with a value comes last")
    func lettersAreBundled() {
        let parser = parse("A", "--name", "N", "--price", "1", "-dnqvvo", "file.csv")
        #expect(parser.problems == [])
        #expect(parser.arguments.has("draft") && parser.arguments.has("dry-run"))
        #expect(parser.arguments.count("verbose") == 2)
        #expect(parser.arguments.value("out") == "file.csv")
    }

    @Test("after -- everything is an operand")
    func doubleDashEndsFlags() {
        let parser = parse("--name", "N", "--price", "1", "--", "--draft")
        #expect(parser.arguments.operands == ["--draft"])
        #expect(!parser.arguments.has("draft"))
    }

    @Test("a negative number is a value, a lone dash is one too")
    func negativeNumbersAreValues() {
        let parser = parse("-", "--name", "-3", "--price", "-.5")
        #expect(parser.problems == [])
        #expect(parser.arguments.value("name") == "-3")
        #expect(parser.arguments.operands == ["-"])
    }

    @Test("an empty value is a value only where the flag says so")
    func emptyValues() {
        #expect(messages(Self.complete + ["--description", ""]) == [])
        #expect(
            messages(["MUG-1", "--name", "", "--price=1"]) == ["--name was given an empty value"])
        #expect(
            messages(["MUG-1", "--name=", "--price=1"]) == ["--name was given an empty value"])
    }

    @Test("a mistyped flag is named with what it may have meant, and its value is passed over")
    func unknownFlag() {
        let parser = parse("MUG-1", "--nmae", "Mug", "--price", "1")
        #expect(parser.problems.map(\.message) == ["unknown flag --nmae"])
        #expect(parser.problems.first?.suggestions == ["--name"])
        #expect(parser.problem?.kind == .usage)
    }

    @Test("an unknown letter is named with the bundle it stands in")
    func unknownLetter() {
        #expect(messages(Self.complete + ["-dx"]) == ["unknown flag -x in -dx"])
        #expect(messages(Self.complete + ["-x"]) == ["unknown flag -x"])
    }

    @Test("a flag that takes one value is refused twice, with both values")
    func repeatedFlag() {
        #expect(
            messages(Self.complete + ["--name", "Cup"])
                == ["--name takes one value, and \"Mug\" and \"Cup\" were given"])
    }

    @Test("a missing value is named, and a flag is never taken for it")
    func missingValue() {
        #expect(
            messages(["MUG-1", "--price", "1", "--name"]) == ["--name needs a value"])
        let parser = parse("MUG-1", "--name", "--draft", "--price", "1")
        #expect(
            parser.problems.map(\.message) == ["--name needs a value, and --draft follows it"])
        #expect(
            parser.problems.first?.suggestions
                == ["--name TEXT", "--name=--draft   (if that is the value)"])
        #expect(parser.arguments.has("draft"))
    }

    @Test("a switch takes no value")
    func switchWithValue() {
        #expect(
            messages(Self.complete + ["--draft=yes"])
                == ["--draft takes no value, and \"yes\" was given"])
    }

    @Test("a letter that takes a value cannot stand inside a bundle")
    func letterInsideBundle() {
        #expect(
            messages(Self.complete + ["-on"])
                == ["-o takes a value, so it cannot stand inside -on"])
    }

    @Test("an operand too many is refused")
    func unexpectedOperand() {
        #expect(
            messages(Self.complete + ["CUP-2"]) == ["unexpected \"CUP-2\": it takes one <SKU>"])
        let parser = ArgumentParser(
            reading: ["x"], for: ListSamples.spec, globals: GlobalOptions.all)
        #expect(parser.problems.map(\.message) == ["unexpected \"x\": it takes flags only"])
    }

    @Test("an empty operand is refused")
    func emptyOperand() {
        #expect(
            messages(["", "--name", "N", "--price", "1"]) == ["an empty <SKU> was given"])
    }

    @Test("what is missing is all named")
    func everythingMissingIsNamed() {
        #expect(
            messages([]) == [
                "<SKU> is missing", "--name TEXT is missing", "--price PRICE is missing",
            ])
    }

    @Test("all problems of a line are one error")
    func allProblemsAreOneError() {
        let parser = parse("A B", "--limt", "3", "--draft=1", "--tag")
        #expect(
            parser.problems.map(\.code)
                == ["unknown-flag", "unexpected-value", "missing-value", "invalid-sku"])
        #expect(parser.problem?.others.count == 3)
    }

    @Test("a value outside the choices is refused with the choices")
    func invalidChoice() {
        let parser = ArgumentParser(
            reading: ["M", "--by", "-1", "--reason", "dmaged"], for: AdjustSample.spec,
            globals: GlobalOptions.all)
        #expect(
            parser.problems.map(\.message)
                == ["--reason dmaged is not one of damaged, lost, found"])
        #expect(parser.problems.first?.suggestions == ["--reason damaged"])
    }

    @Test("a value that the flag's reader refuses is reported at the flag")
    func valuesAreTriedWhileReading() {
        let parser = ArgumentParser(
            reading: ["M", "--by", "many"], for: AdjustSample.spec, globals: GlobalOptions.all)
        #expect(
            parser.problems.map(\.message) == ["\"many\" is not a whole number such as 5 or -3"])
        #expect(parser.problems.first?.location == "--by")
    }

    @Test("where no problem has advice, the last one points to the help page")
    func adviceIsTheHelpPage() {
        #expect(parse().problem?.others.last?.suggestions == ["shopctl product add --help"])
    }

    @Test("values of a repeatable flag are read with all their problems, at flag and value")
    func valuesAreReadTogether() throws {
        let arguments = parse("A", "--tag", "1", "--tag", "x", "--tag", "y").arguments
        let error = #expect(throws: ShopError.self) {
            _ = try arguments.values("tag", ArgumentValues.count)
        }
        #expect(error?.location == "--tag x")
        #expect(error?.others.map(\.location) == ["--tag y"])
    }

    @Test("no command declares a flag or letter twice, or one that is global")
    func everyFlagIsDeclaredOnce() {
        let globals = GlobalOptions.all
        for type in CommandTable.all + SampleCommands.all {
            let options = type.spec.options + globals
            let names = options.map(\.name)
            let letters = options.compactMap(\.short)
            #expect(Set(names).count == names.count, "\(type.name)")
            #expect(Set(letters).count == letters.count, "\(type.name)")
            #expect(type.spec.name == type.name)
        }
    }
}

@Suite struct SuggestionTests {
    @Test(
        "a mistyped word is known by its distance",
        arguments: [
            ("prodcut", ["product"]), ("lst", ["list"]), ("stok", ["stock"]),
            ("delete", ["remove"]), ("xyzzy", []), ("pro", ["product"]),
        ] as [(String, [String])])
    func nearest(word: String, expected: [String]) {
        let words = ["product", "stock", "list", "remove", "show"]
        #expect(Suggestion.nearest(to: word, among: words) == expected)
    }

    @Test("neighbours that changed places count once")
    func swapsCountOnce() {
        #expect(Suggestion.distance(Array("ab".unicodeScalars), Array("ba".unicodeScalars)) == 1)
        #expect(Suggestion.distance(Array("abc".unicodeScalars), Array("".unicodeScalars)) == 3)
        #expect(
            Suggestion.distance(Array("kitten".unicodeScalars), Array("sitting".unicodeScalars))
                == 3)
    }
}
