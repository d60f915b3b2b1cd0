import Foundation
import Primitives
import Testing

@testable import shopctl

/// Every page of Transcripts/ says exactly what the tool says; `scripts/update-transcripts`
/// writes them anew.
@Suite struct TranscriptTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("Transcripts")

    static let pages: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { $0.hasSuffix(".md") }.sorted()
    }()

    static func text(_ page: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(page), encoding: .utf8)
    }

    @Test("a transcript is what the tool says", arguments: pages)
    func transcript(page: String) throws {
        let before = Transcript(try Self.text(page))
        let now = try before.replayed()
        if ProcessInfo.processInfo.environment["UPDATE_TRANSCRIPTS"] == "1" {
            let url = Self.folder.appendingPathComponent(page)
            try now.text.write(to: url, atomically: true, encoding: .utf8)
            return
        }
        for (part, new) in zip(before.parts, now.parts) {
            guard case .console(let expected) = part, case .console(let actual) = new else {
                continue
            }
            for (old, new) in zip(expected, actual) where old != new {
                let wanted = old.output.joined(separator: "\n")
                let got = new.output.joined(separator: "\n")
                Issue.record("\(page)\n\(old.command)\nexpected:\n\(wanted)\ngot:\n\(got)")
            }
        }
    }

    @Test("every command of the tool stands in a transcript")
    func everyCommandHasATranscript() throws {
        let commands = try Self.pages.flatMap { Transcript(try Self.text($0)).commands }
        #expect(!commands.isEmpty)
        for type in CommandTable.all {
            let isShown = commands.contains { line in
                guard let start = line.firstRange(of: "shopctl ")?.upperBound else { return false }
                let words = line[start...].split(separator: " ").map(String.init)
                let lookup = CommandLookup(
                    words, among: CommandTable.all, globals: GlobalOptions.all)
                guard case .command(let found) = lookup.found else { return false }
                return found == type
            }
            #expect(isShown, "no transcript runs shopctl \(type.name)")
        }
    }
}

/// Every error that a person can run into is shown in a transcript.
@Suite struct TranscriptErrorTests {
    /// Codes that no transcript can show.
    private static let unshown: Set<String> = [
        // A disk that failed, or a file of the shop that was changed behind its back.
        "acknowledged-data-missing", "format-too-new", "format-read-only",
        "journal-corrupt", "journal-damaged",
        "manifest-damaged", "record-damaged", "reservation-missing", "seal-broken",
        "settings-damaged", "stored-file-damaged", "outcome-unknown", "input-failed",
        "output-failed",
        // An order of ten thousand lines (OrderImportTests).
        "too-many-lines",
        // An edit of ten thousand products (StockLifeTests).
        "too-many-products",
        // Said of a file and not thrown (delivery.md).
        "not-delivered",
        // Another process at the same time.
        "data-directory-locked", "manifest-busy", "overtaken",
        // A reader that went away, which nobody is left to see.
        "output-closed",
        // Another kind of file system than the one tests run on.
        "network-file-system",
        // Ctrl-C.
        "interrupted",
        // Rules of the core that the command line keeps before the core is asked.
        "order-empty",
        // What no command ends a line with yet: a check that has findings.
        "line-ended",
        // A name of more than a thousand bytes, which no page should hold.
        "text-too-long",
        // A bug, or a C library without the hash.
        "password-hashing-failed",
    ]

    private static func declared() throws -> Set<String> {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources")
        let pattern = /ShopError\(\s*\.?\w+,\s*"([a-z0-9-]+)"/
        var codes: Set<String> = []
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        while let url = files?.nextObject() as? URL {
            guard url.pathExtension == "swift" else { continue }
            let text = try String(contentsOf: url, encoding: .utf8)
            codes.formUnion(text.matches(of: pattern).map { String($0.1) })
        }
        return codes
    }

    @Test("every error code stands in a transcript, but for those that need a broken machine")
    func everyErrorHasATranscript() throws {
        var shown: Set<String> = []
        for page in TranscriptTests.pages {
            let stage = try TranscriptStage()
            defer { stage.remove() }
            _ = try Transcript(try TranscriptTests.text(page)).replayed(on: stage)
            shown.formUnion(stage.errorCodes)
        }
        let declared = try Self.declared()
        #expect(declared.count > 100)
        #expect(declared.subtracting(shown).subtracting(Self.unshown).sorted() == [])
        // The list says nothing that is not so.
        #expect(Self.unshown.intersection(shown).sorted() == [])
        #expect(Self.unshown.subtracting(declared).sorted() == [])
    }
}

@Suite struct TranscriptReadingTests {
    private static let page = """
        # A page

        ```file typed.txt
        y
        ```
        ```console
        $ shopctl version
        shopctl 0
        % shopctl nouns
        2> error: none
        [64]
        ```
        The end.

        """

    @Test("a page is read into its parts and written as it was")
    func roundTrip() {
        let transcript = Transcript(Self.page)
        #expect(transcript.text == Self.page)
        #expect(transcript.commands == ["shopctl version", "shopctl nouns"])
        #expect(
            transcript.parts.dropFirst() == [
                .file(name: "typed.txt", lines: ["y"]),
                .console([
                    .init(command: "$ shopctl version", output: ["shopctl 0"]),
                    .init(command: "% shopctl nouns", output: ["2> error: none", "[64]"]),
                ]),
                .text(["The end."]),
            ])
    }

    @Test("a page that says something else than the tool does is not equal to its replay")
    func differencesShow() throws {
        let transcript = Transcript(Self.page)
        let replayed = try transcript.replayed()
        #expect(replayed.parts != transcript.parts)
        #expect(replayed.text.contains("$ shopctl version\nshopctl \(VersionCommand.version)\n"))
        #expect(replayed.text.contains("[64]\n```\nThe end."))
    }

    @Test("random bytes are the same in every run")
    func randomBytesRepeat() {
        let first = RepeatableBytes().bytes.next(16)
        #expect(first == RepeatableBytes().bytes.next(16))
        #expect(Set(first).count > 8)
    }
}
