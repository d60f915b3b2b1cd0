import Foundation
import Testing

@testable import shopctl

@Suite struct DisplayWidthTests {
    @Test(
        "a text is as wide as its grapheme clusters",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("\u{301}", 0), ("杯", 2),
            ("マグ", 4), ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("🇩", 1), ("©", 1), ("©\u{FE0F}", 2),
            ("1\u{FE0F}\u{20E3}", 2), ("\u{200B}", 0), ("ﬁ", 1), ("한", 2),
            ("\u{1112}\u{1161}\u{11AB}", 2), ("👍🏽", 2), ("ก็", 1), ("\u{3099}", 0), ("ｱ", 1),
            ("Ａ", 2),
        ])
    func width(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    // MARK: The Unicode Character Database, where it is at hand

    private static let folder: URL = {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["SHOPCTL_SHARED"]
        let shared =
            named.map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent("../shared")
        return shared.appendingPathComponent("data/unicode")
    }()

    private static let isPresent = FileManager.default.fileExists(atPath: folder.path)

    /// The code points of a property file whose second field is one of `values`.
    private func codePoints(_ file: String, _ values: Set<Substring>) throws -> Set<UInt32> {
        let url = Self.folder.appendingPathComponent(file)
        var found: Set<UInt32> = []
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            let fields = (line.split(separator: "#", omittingEmptySubsequences: false).first ?? "")
                .split(separator: ";").map { $0.filter { $0 != " " } }
            guard fields.count == 2, values.contains(Substring(fields[1])) else { continue }
            let bounds = fields[0].split(separator: ".").compactMap { UInt32($0, radix: 16) }
            guard let first = bounds.first, let last = bounds.last else { continue }
            found.formUnion(first...last)
        }
        return found
    }

    private func codePoints(in ranges: [UInt32]) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for index in stride(from: 0, to: ranges.count, by: 2) {
            found.formUnion(ranges[index]...ranges[index + 1])
        }
        return found
    }

    @Test(
        "the wide ranges are those of EastAsianWidth.txt",
        .enabled(if: DisplayWidthTests.isPresent))
    func wideRanges() throws {
        let expected = try codePoints("EastAsianWidth.txt", ["W", "F"])
        #expect(codePoints(in: DisplayWidthRanges.wide).symmetricDifference(expected) == [])
    }

    @Test(
        "the zero-width ranges are those of DerivedGeneralCategory.txt",
        .enabled(if: DisplayWidthTests.isPresent))
    func zeroWidthRanges() throws {
        let expected = try codePoints("DerivedGeneralCategory.txt", ["Mn", "Me", "Cf"])
        #expect(codePoints(in: DisplayWidthRanges.zeroWidth).symmetricDifference(expected) == [])
    }

    @Test("the ranges ascend, so that they can be searched")
    func rangesAscend() {
        for ranges in [DisplayWidthRanges.wide, DisplayWidthRanges.zeroWidth] {
            #expect(ranges.count % 2 == 0)
            for index in stride(from: 2, to: ranges.count, by: 2) {
                #expect(ranges[index] > ranges[index - 1])
            }
        }
    }
}
