import Foundation
import Testing

/// docs/errors.md lists every error code that the sources can throw, with its exit code.
@Suite struct ErrorCatalogTests {
    /// Error codes by the name of their kind: `ShopError(.refused, "insufficient-stock", …`.
    static func codes() -> [String: Set<String>] {
        var codes: [String: Set<String>] = [:]
        let pattern = /ShopError\(\s*\.(\w+),\s*"([a-z0-9-]+)"/
        for file in SourceTree.swiftFiles(under: "Sources") {
            let text = file.lines.joined(separator: "\n")
            for match in text.matches(of: pattern) {
                codes[String(match.2), default: []].insert(String(match.1))
            }
        }
        return codes
    }

    @Test("docs/errors.md lists every error code, and no other")
    func catalog() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appendingPathComponent("docs/errors.md")
        var text = try String(contentsOf: path, encoding: .utf8)
        let codes = Self.codes()
        #expect(codes.count > 60)
        let rows = codes.keys.sorted().map { code in
            "| `\(code)` | \((codes[code] ?? []).sorted().joined(separator: ", ")) |"
        }
        let marker = "| --- | --- |\n"
        guard let start = text.range(of: marker, options: .backwards)?.upperBound else {
            Issue.record("docs/errors.md has no table")
            return
        }
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
            text = text[..<start] + rows.joined(separator: "\n") + "\n"
            try text.write(to: path, atomically: true, encoding: .utf8)
        }
        #expect(text[start...].split(separator: "\n").map(String.init) == rows)
    }
}
