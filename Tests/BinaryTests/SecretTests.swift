import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Binary.isBuilt)) struct SecretTests {
    @Test(
        "a password stands in no file, no output and no journal, and sessions are for nobody else")
    func marker() throws {
        let shop = try Binary()
        let marker = "marker-Violet-Lathe-99"
        let file = shop.home.file("password.txt")
        try Data("\(marker)\n".utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        var said = ""
        for command in [
            ["user", "signup", "owner@shop.example", "--password-file", file, "--verbose"],
            ["user", "signin", "owner@shop.example", "--password-file", file, "--json"],
            ["user", "whoami"], ["user", "show", "owner@shop.example", "--json"],
            ["user", "signup", "owner@shop.example", "--password-file", file],
            ["audit", "list", "--json"],
        ] {
            let outcome = try shop.run(command)
            said += outcome.output + outcome.errors
        }
        let made = try shop.run(
            "user", "token", "create", "--role", "clerk", "--expires", "1d", "--field", "token")
        let token = made.output.trimmingCharacters(in: .newlines)
        #expect(!said.contains(marker) && !said.contains("$y$"))
        try FileManager.default.removeItem(atPath: file)
        var looked = 0
        let tokens = try Self.tokens(shop) + [token]
        #expect(tokens.count == 3 && tokens.allSatisfy { $0.utf8.count == 64 })
        let files = try FileManager.default.subpathsOfDirectory(atPath: shop.home.path)
        for name in files {
            let path = shop.home.file(name)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let mode = attributes[.posixPermissions] as? Int ?? 0
            #expect(mode & 0o077 == 0 || name == ".local", "\(name) is open to others")
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            let text = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(text.range(of: Data(marker.utf8)) == nil, "\(name) holds the password")
            guard !name.contains("/session-") else { continue }
            for token in tokens {
                #expect(text.range(of: Data(token.utf8)) == nil, "\(name) holds a token")
            }
            looked += 1
        }
        #expect(looked > 5)
        // Others who can read the session file are a reason not to use it.
        let session = try #require(files.first { $0.contains("session-") && $0.hasSuffix(".json") })
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: shop.home.file(session))
        #expect(try shop.run("user", "whoami").code == 78)
    }

    /// The two tokens of the session file.
    private static func tokens(_ shop: Binary) throws -> [String] {
        let state = shop.home.file(".local/state/shopctl")
        let names = try FileManager.default.contentsOfDirectory(atPath: state)
        let name = try #require(names.first { $0.hasSuffix(".json") })
        let data = try Data(contentsOf: URL(fileURLWithPath: state + "/" + name))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let session = (object?["sessions"] as? [[String: String]])?.first
        return [session?["token"], session?["refresh"]].compactMap { $0 }
    }
}
