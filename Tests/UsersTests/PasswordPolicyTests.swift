import Primitives
import TestSupport
import Testing

@testable import Users

@Suite struct PasswordPolicyTests {
    func refusal(_ password: String, _ email: String = "ana.smith-jones@x.example") -> ShopError? {
        refusal(Array(password.utf8), email)
    }

    func refusal(_ password: [UInt8], _ email: String = "ana@x.example") -> ShopError? {
        do throws(ShopError) {
            var policy = PasswordPolicy()
            policy.shopNames = ["the-mug-shop"]
            try policy.check(password, for: EmailAddress(parsing: email))
        } catch {
            return error
        }
        return nil
    }

    @Test(
        "passwords of people's own making are taken",
        arguments: [
            "correct horse battery staple", "gnu-lathe-violet", "Xk3!pQz7&vLm", "ünïcödé wörter",
            "the cat sat on my keyboard", "🐎🐎🔋🧷 four emoji and words", "83920174650172",
            "summer rain on tin roofs",
        ])
    func taken(password: String) {
        #expect(refusal(password) == nil)
    }

    @Test(
        "usual passwords are refused",
        arguments: [
            "123456789012", "987654321098", "aaaaaaaaaaaa", "abcabcabcabc", "abcdefghijkl",
            "passwordpassword", "Password1234", "P@ssw0rd1234", "qwertyuiop12", "1q2w3e4r5t6y",
            "iloveyou1234", "administrator", "!Welcome2024!", "letmein-letmein", "sunshine_2026",
            "1qaz2wsx3edc", "Football-Monkey", "12qw34er56ty",
        ])
    func usual(password: String) {
        let error = refusal(password)
        #expect(error?.code == "weak-password" && error?.kind == .refused)
        #expect(error.map { !"\($0)".contains(password) } == true, "the password is not repeated")
    }

    @Test func lengthIsCountedInCharactersAndHasBothEnds() {
        #expect(refusal("gnu-lathe-v")?.message == "the password has 11 characters")
        #expect(refusal("gnu-lathe-vi") == nil)
        #expect(refusal("gnu-lathe-ü")?.message == "the password has 11 characters")
        var random = SeededRandom(seed: 5)
        let long = String((0..<257).map { _ in random.one(of: Array("abcdefghjkmnp")) })
        #expect(refusal(String(long.dropLast())) == nil)
        #expect(refusal(long)?.code == "weak-password")
        #expect(refusal(String(repeating: "🐎🔋", count: 70))?.code == "weak-password")
    }

    @Test func theAddressAndItsLocalPartAreRefusedWithDigitsToo() {
        for password in [
            "ana.smith-jones", "Ana.Smith-Jones@x.example", "ana.smith-jones1", "!!ana.smith-jones",
        ] {
            #expect(refusal(password)?.code == "weak-password", "\(password)")
        }
    }

    @Test func theNameOfTheShopIsRefusedWithDigitsAndSignsToo() {
        for password in ["the-mug-shop", "TheMugShop2026", "the mug shop!!"] {
            #expect(refusal(password)?.message == "the password is the name of the shop")
        }
        #expect(refusal("the mug shop of Ana") == nil)
    }

    @Test("a shop may ask for 8 characters; then the common ones of 8 are refused too")
    func shortPasswords() throws {
        var policy = PasswordPolicy()
        policy.fewestCharacters = 8
        let email = try EmailAddress(parsing: "ana@x.example")
        for password in ["l58jkdjp!", "Zxcvbnm1", "rfv45tgb"] {
            #expect(throws: ShopError.self) { try policy.check(Array(password.utf8), for: email) }
        }
        try policy.check(Array("gnu7lathe".utf8), for: email)
    }

    @Test("the password in use and the ones before it are refused, as far as they are remembered")
    func history() throws {
        let email = try EmailAddress(parsing: "ana@x.example")
        func bytes(_ number: Int) -> [UInt8] { Array("gnu-lathe-violet-\(number)".utf8) }
        func hash(_ number: Int) throws -> PasswordHash {
            try .make(bytes(number), random: .system, cost: 1)
        }
        var user = User(
            email: email, role: .clerk, passwordHash: try hash(1),
            at: Timestamp(millisecondsSinceEpoch: 0))
        var policy = PasswordPolicy()
        policy.history = 2
        for number in 2...4 { user.setPassword(try hash(number), history: 2) }
        for number in 2...4 {
            #expect(throws: ShopError.self) {
                try policy.check(bytes(number), for: email, of: user)
            }
        }
        try policy.check(bytes(1), for: email, of: user)
    }

    @Test(
        "every password of 8 characters or more of the list in NOTICE.md is refused, and no more",
        .enabled(if: sharedData("data/passwords/zxcvbn-top10k.txt") != nil))
    func leakedList() throws {
        let text = try #require(sharedText("data/passwords/zxcvbn-top10k.txt"))
        let all = text.split(separator: "\n").map { $0.lowercased() }
        let long = all.filter { $0.count >= 8 }
        #expect(all.count == 10_000 && long.count > 3_000)
        #expect(long.filter { !LeakedPasswords.contain($0) } == [])
        #expect(long.filter { LeakedPasswords.contain($0 + "x") && !long.contains($0 + "x") } == [])
    }

    @Test func bytesThatAreNoTextAreRefused() {
        #expect(refusal(Array("gnu-lathe-violet".utf8) + [0])?.code == "weak-password")
        #expect(refusal(Array("gnu-lathe-violet".utf8) + [0xff])?.code == "weak-password")
    }

    @Test(
        "more than a third of the long passwords in public lists of leaked ones are refused",
        .enabled(if: sharedData("data/passwords") != nil))
    func realPasswords() {
        var long: Set<String> = []
        for name in ["django-common-passwords", "zxcvbn-passwords-30k", "zxcvbn-top10k"] {
            let text = sharedText("data/passwords/\(name).txt") ?? ""
            long.formUnion(
                text.split(separator: "\n").map { $0.lowercased() }.filter { $0.count >= 12 })
        }
        let taken = long.filter { refusal($0) == nil }
        #expect(long.count > 300)
        #expect(
            (long.count - taken.count) * 3 > long.count,
            "\(taken.count) of \(long.count) would be taken")
    }
}
