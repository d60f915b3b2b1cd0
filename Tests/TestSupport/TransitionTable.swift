package import Foundation
import Testing

/// The table of a page in docs that says what every step comes to in every situation.
package struct TransitionTable {
    private let page: URL
    private let text: String

    package init(
        page: URL, steps: [String], situations: [(name: String, outcomes: [String])]
    ) {
        self.page = page
        var rows = ["| after | " + steps.map { "`\($0)`" }.joined(separator: " | ") + " |"]
        rows.append("| --- |" + String(repeating: " --- |", count: steps.count))
        for situation in situations {
            rows.append(
                "| \(situation.name) | " + situation.outcomes.joined(separator: " | ") + " |")
        }
        text = rows.joined(separator: "\n") + "\n"
    }

    /// Expects the page to say the same; with UPDATE_DOCS=1 the page is written anew.
    package func check() throws {
        var whole = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(whole.range(of: "<!-- transitions -->\n")).upperBound
        let stop = try #require(whole.range(of: "<!-- end -->")).lowerBound
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
            whole.replaceSubrange(start..<stop, with: text)
            return try whole.write(to: page, atomically: true, encoding: .utf8)
        }
        #expect(String(whole[start..<stop]) == text)
    }
}
