import Foundation
import TestSupport
import Testing

/// docs/explaining.md says how to work out a seal without shopctl.
@Suite(.enabled(if: Binary.isBuilt)) struct SealRecipeTests {
    /// The lines of the page's block that mention `SEAL_BEFORE`.
    private func recipe() throws -> String {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/explaining.md")
        let blocks = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```")
        let block = try #require(blocks.first { $0.contains("SEAL_BEFORE") })
        return block.split(separator: "\n").dropFirst().joined(separator: "\n")
    }

    private func seal(_ day: String, of shop: Binary) throws -> String {
        let page = try shop.run("day", "show", day, "--format", "md").output
        let line = try #require(page.split(separator: "\n").first { $0.hasPrefix("- seal: ") })
        return String(line.dropFirst("- seal: ".count))
    }

    @Test("the recipe of the page comes to the seal, and to another one after a change")
    func recipeAgrees() throws {
        let shop = try Binary()
        // Transactions 1 to 42, the close as 43, and up to 97: the numbers of the page.
        #expect(try shop.run("product", "add", "MUG-1", "--name", "Mug", "--price", "5").code == 0)
        func receive(_ count: Int) throws {
            let lines = String(repeating: "stock receive MUG-1 --quantity 1\n", count: count)
            #expect(try shop.run("run", shop.file("lines.txt", lines)).code == 0)
        }
        try receive(41)
        #expect(try shop.run("day", "close", "2020-01-01").code == 0)
        try receive(54)
        #expect(try shop.run("day", "close", "2020-01-02").code == 0)
        let before = try seal("2020-01-01", of: shop)
        let expected = try seal("2020-01-02", of: shop)
        let found = try hash(before, in: shop)
        #expect(found == expected)
        #expect(try hash(expected, in: shop) != expected)

        let journal = shop.data + "/journal/J-0000000000000001.jsonl"
        let text = try String(contentsOfFile: journal, encoding: .utf8)
        try text.replacing("\"onHand\":60", with: "\"onHand\":61", maxReplacements: 1)
            .write(toFile: journal, atomically: false, encoding: .utf8)
        #expect(try hash(before, in: shop) != expected)
    }

    /// What the recipe prints in the shop's directory.
    private func hash(_ before: String, in shop: Binary) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", try recipe()]
        process.currentDirectoryURL = URL(fileURLWithPath: shop.data)
        process.environment = ["PATH": "/usr/bin:/bin", "SEAL_BEFORE": before]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(String(decoding: text, as: UTF8.self).prefix { $0 != " " })
    }
}
