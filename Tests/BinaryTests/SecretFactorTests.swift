import Foundation
import TestSupport
import Testing

/// Where the secrets of signing in are, after all that may be done with them: each in the one place
/// where it has to be, and nowhere else.
@Suite(.enabled(if: Binary.isBuilt && Tools.python != nil)) struct SecretFactorTests {
    /// RFC 6238 with Python's standard library, by the machine's clock.
    private static let authenticator = """
        import base64, hashlib, hmac, struct, sys, time
        key = base64.b32decode(sys.argv[1])
        step = int(time.time()) // 30 + int(sys.argv[2])
        mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
        start = mac[-1] & 15
        print("%06d" % ((struct.unpack(">I", mac[start:start + 4])[0] & 0x7fffffff) % 1000000))

        """

    private let shop: Binary
    private let password: String
    /// Everything that was printed, but for what has to show a secret once.
    private let said = Said()

    private final class Said { var text = "" }

    init() throws {
        shop = try Binary()
        password = try shop.file("password", "gnu-lathe-violet\n")
        chmod(password, 0o600)
        _ = try shop.file("totp.py", Self.authenticator)
    }

    @discardableResult
    private func run(_ words: String..., input: String? = nil) throws -> [String] {
        let file = try input.map { try shop.file("input", $0 + "\n") }
        let outcome = try shop.run(words, through: file.map { "exec < '\($0)'" })
        if let file { try FileManager.default.removeItem(atPath: file) }
        #expect(outcome.code == 0, "\(words) \(outcome.errors)")
        said.text += outcome.errors
        return outcome.lines
    }

    /// A code of the app; another step than the one before, since each is taken once.
    private func digits(_ secret: String, step: Int) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Tools.python))
        process.arguments = [shop.home.file("totp.py"), secret, "\(step)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Files that hold `secret`, by their paths below the home directory.
    private func files(with secret: String) throws -> [String] {
        let root = shop.home.path
        return try FileManager.default.subpathsOfDirectory(atPath: root).filter { name in
            var isDirectory: ObjCBool = false
            let path = root + "/" + name
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
                !isDirectory.boolValue
            else { return false }
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            return Self.holds(String(decoding: data, as: UTF8.self), secret)
        }.sorted()
    }

    /// Whether a secret stands in a text by itself: six digits are a part of many a checksum.
    private static func holds(_ text: String, _ secret: String) -> Bool {
        func isWord(_ byte: UInt8) -> Bool {
            Character(UnicodeScalar(byte)).isLetter || (0x30...0x39).contains(byte)
        }
        return text.utf8.ranges(of: secret.utf8).contains { range in
            let before = text.utf8[..<range.lowerBound].last
            let after = text.utf8[range.upperBound...].first
            return !(before.map(isWord) ?? false) && !(after.map(isWord) ?? false)
        }
    }

    private func use(_ email: String) throws -> (secret: String, recovery: [String]) {
        try run("user", "signup", email, "--password-file", password)
        let uri = try run("user", "totp", "enroll", email, "--password-file", password).first ?? ""
        let secret = try #require(uri.firstMatch(of: /secret=([A-Z2-7]+)/)?.1)
        let recovery = try run(
            "user", "totp", "confirm", email, "--password-file", password, "--code-stdin",
            input: try digits(String(secret), step: 0))
        #expect(recovery.count == 10)
        return (String(secret), recovery)
    }

    @Test("the app's secret is in the shop's records alone, and codes are in no file and no output")
    func factor() throws {
        let email = "owner@shop.example"
        let (secret, recovery) = try use(email)
        for code in [try digits(secret, step: 1), recovery[0]] {
            said.text += try run(
                "user", "signin", email, "--password-file", password, "--code-stdin", "--json",
                input: code
            ).joined()
            #expect(try files(with: code) == [], "a code that was used")
        }
        for words in [
            ["user", "show", email, "--json"], ["user", "list", "--json"], ["user", "whoami"],
            ["audit", "list", "--json"], ["export", "users", "--with-password-hashes"],
            ["export", "all"], ["doctor", "--verbose"], ["user", "totp", "enroll", email],
        ] {
            let outcome = try shop.run(words)
            said.text += outcome.output + outcome.errors
        }
        #expect(said.text.contains(email) && !Self.holds(said.text, secret))
        for code in recovery {
            #expect(!Self.holds(said.text, code))
            #expect(try files(with: code) == [])
        }
        let places = try files(with: secret)
        #expect(!places.isEmpty)
        #expect(places.allSatisfy { $0.hasPrefix("shop/") && !$0.hasPrefix("shop/outbox") })
    }

    @Test("a one-time code is in the outbox until it is sent, and then where the program put it")
    func code() throws {
        let email = "owner@shop.example"
        try run("user", "signup", email, "--password-file", password)
        try run("user", "signin", email, "--password-file", password)
        try run("user", "forgot", email)
        let name = try #require(DeliveryProcessTests.outbox(shop).first)
        let document = try String(
            contentsOfFile: shop.data + "/outbox/" + name, encoding: .utf8)
        let digits = String(try #require(document.firstMatch(of: /"code":"(\d{8})"/)?.1))
        #expect(try files(with: digits) == ["shop/outbox/\(name)"])
        // The program is told by its standard input alone, and so by no list of processes.
        let seen = shop.home.file("seen")
        try DeliveryProcessTests.configure(
            shop, "cat > \(seen); ps -ewwo args > \(seen).ps; env > \(seen).env\n")
        said.text += try run("user", "deliver", "--verbose").joined()
        #expect(try files(with: digits) == ["seen"])
        #expect(try String(contentsOfFile: seen, encoding: .utf8) == document)
        let list = try String(contentsOfFile: seen + ".ps", encoding: .utf8)
        #expect(list.contains("user deliver"))
        let environment = try String(contentsOfFile: seen + ".env", encoding: .utf8)
        #expect(environment.contains("PATH=") && !environment.contains("SHOPCTL"))
        said.text += try run("audit", "list", "--json").joined()
        #expect(!Self.holds(said.text, digits))
    }
}
