import Formats
import Foundation
import TestSupport
import Testing

/// nst/JSONTestSuite where it is at hand, and the same classes of cases inline where it is not.
@Suite struct JSONSuiteTests {
    static let suite =
        (ProcessInfo.processInfo.environment["SHOPCTL_SHARED"] ?? "../shared")
        + "/data/jsontestsuite"

    func parses(_ bytes: [UInt8]) -> Bool {
        (try? JSONValue(parsing: bytes)) != nil
    }

    func skips(_ bytes: [UInt8]) -> Bool {
        (try? JSONReader.parse(bytes) { (reader) throws(JSONError) in try reader.skip() }) != nil
    }

    @Test(
        "every y_ case is accepted, every n_ refused, and no case traps",
        .enabled(if: FileManager.default.fileExists(atPath: suite)))
    func wholeSuite() throws {
        var counts = [0, 0, 0]
        for name in try FileManager.default.contentsOfDirectory(
            atPath: Self.suite + "/test_parsing")
        {
            let bytes = [UInt8](
                try Data(contentsOf: URL(fileURLWithPath: Self.suite + "/test_parsing/" + name)))
            let accepted = parses(bytes)
            #expect(accepted == skips(bytes), "reading and skipping agree on \(name)")
            if name.hasPrefix("y_") {
                counts[0] += 1
                #expect(accepted, "\(name)")
            } else if name.hasPrefix("n_") {
                counts[1] += 1
                #expect(!accepted, "\(name)")
            } else {
                counts[2] += 1
            }
        }
        #expect(counts[0] >= 95 && counts[1] >= 187 && counts[2] >= 30)
        for name in try FileManager.default.contentsOfDirectory(
            atPath: Self.suite + "/test_transform")
        {
            _ = parses(
                [UInt8](
                    try Data(
                        contentsOf: URL(fileURLWithPath: Self.suite + "/test_transform/" + name))))
        }
    }

    @Test(
        "accepted",
        arguments: [
            "null", " true ", "0", "-0", "1e5", "1E+2", "-1.25e-3", "\"\"",
            "\"\\u00e9\\ud83d\\ude00\"",
            "[]", "[1,2]", "{}", "{\"a\":{\"b\":[null]}}", "{\"a\":1,\"a\":2}", "\"é\u{1F600}\"",
            "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        ])
    func accepted(text: String) {
        #expect(parses(Array(text.utf8)))
    }

    @Test(
        "refused",
        arguments: [
            "", " ", "nul", "truefalse", "01", "-", "+1", "1.", ".5", "1e", "0x1", "NaN", "'a'",
            "\"a",
            "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\t\"", "[1,]", "[,1]",
            "[1 2]",
            "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "{,}", "[", "{", "]", "[}", "1 2",
            "\"a\" b",
            "{\"a\":1 \"b\":2}", "\u{FEFF}[]", "[1]]",
        ])
    func refused(text: String) {
        #expect(!parses(Array(text.utf8)))
        #expect(!skips(Array(text.utf8)))
    }

    @Test("bytes that are not UTF-8 are refused")
    func invalidUTF8() {
        for bad: [UInt8] in [
            [0xff], [0xc0, 0xaf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80],
            [0xe2, 0x82],
        ] {
            #expect(!parses([0x22] + bad + [0x22]))
        }
    }

    @Test("100,000 opening brackets are a clean error that says how deep is too deep")
    func deepNesting() {
        for opening in ["[", "{\"a\":"] {
            let text = String(repeating: opening, count: 100_000)
            do throws(JSONError) {
                _ = try JSONValue(parsing: Array(text.utf8))
                Issue.record("accepted")
            } catch {
                #expect(error.reason == "nested deeper than 512 levels")
            }
        }
        let fits = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(parses(Array(fits.utf8)))
    }

    @Test("integers are exact or an error")
    func exactIntegers() throws {
        func int(_ text: String) -> Int64? {
            try? JSONReader.parse(Array(text.utf8)) { (reader) throws(JSONError) in
                try reader.int64()
            }
        }
        #expect(int("9223372036854775807") == .max)
        #expect(int("-9223372036854775808") == .min)
        #expect(int("9223372036854775808") == nil)
        #expect(int("9007199254740993") == 9_007_199_254_740_993)
        #expect(int("1.0") == 1)
        #expect(int("1.20e1") == 12)
        #expect(int("1200e-2") == 12)
        #expect(int("1.5") == nil)
        #expect(int("1e19") == nil)
        #expect(int("0e999999") == 0)
        #expect(int("007") == nil)
        #expect(int("-0") == 0)
        #expect(int("123456789012345678") == 123_456_789_012_345_678)
    }

    @Test("an error tells line and column")
    func position() {
        let text = Array("{\n  \"a\": 1,\n  \"b\" 2\n}".utf8)
        do throws(JSONError) {
            _ = try JSONValue(parsing: text)
            Issue.record("accepted")
        } catch {
            #expect(error.reason == "expected a colon")
            #expect(error.position(in: text) == (3, 7))
        }
    }

    @Test("what was written reads back the same, for random values")
    func roundTrip() throws {
        var random = SeededRandom(seed: 42)
        for _ in 0..<3_000 {
            let value = random.value(depth: 4)
            #expect(try JSONValue(parsing: value.json) == value)
        }
    }

    @Test("random damage to good documents never traps, and what is accepted reads back")
    func mutations() throws {
        var random = SeededRandom(seed: 7)
        let good =
            Array(
                #"{"number":1001,"lines":[{"sku":"MUG-1","name":"Mü\u00fcg 😀","total":-2598,"#
                    .utf8)
            + Array(
                #""x":[true,false,null,1.5e-3]}],"s":"\"\\\/\b"}"#
                    .utf8)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0...random.below(3) where !bytes.isEmpty {
                let at = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[at] = UInt8(random.below(256))
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(UInt8(random.below(128)), at: at)
                default: bytes = Array(bytes.prefix(at + 1))
                }
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            accepted += 1
            #expect(try JSONValue(parsing: value.json) == value)
        }
        #expect(accepted > 500)
    }
}

extension SeededRandom {
    mutating func text() -> String {
        let pool: [Character] = [
            "a", "Z", "\"", "\\", "/", "\n", "\u{0}", "\u{1f}", "é", "漢", "😀", "\u{2028}", " ",
        ]
        return String((0..<below(12)).map { _ in pool[below(pool.count)] })
    }

    fileprivate mutating func value(depth: Int) -> JSONValue {
        switch below(depth > 0 ? 6 : 4) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2: return .number(["0", "-1", "12.5", "1e-9", "9223372036854775807"][below(5)])
        case 3: return .string(text())
        case 4: return .array((0..<below(5)).map { _ in value(depth: depth - 1) })
        default: return .object((0..<below(5)).map { _ in .init(text(), value(depth: depth - 1)) })
        }
    }
}
