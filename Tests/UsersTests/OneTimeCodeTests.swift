import Formats
import Primitives
import Testing
import Users

@Suite struct OneTimeCodeTests {
    let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)
    let hash = PasswordHash(stored: "$y$j9T$a$b")

    func send(
        _ purpose: OneTimeCode.Purpose = .recover, after earlier: OneTimeCode? = nil,
        seconds: Int64 = 0
    ) throws -> OneTimeCode {
        try OneTimeCode.send(
            to: EmailAddress(parsing: "ana@x.example"), purpose, hash, after: earlier,
            at: now.adding(seconds: seconds))
    }

    @Test func aCodeIsEightDigitsOfChance() {
        let codes = (0..<50).map { _ in OneTimeCode.text(.system) }
        #expect(codes.allSatisfy { $0.count == 8 && $0.allSatisfy(\.isASCII) && Int($0) != nil })
        #expect(Set(codes).count == 50)
        #expect(OneTimeCode.text(RandomBytes { [UInt8](repeating: 0, count: $0) }) == "00000000")
    }

    @Test("a code to recover is good for an hour, one to confirm for a day, each for five tries")
    func ends() throws {
        var code = try send()
        #expect(code.isGood(at: now.adding(seconds: 3_599)))
        #expect(!code.isGood(at: now.adding(seconds: 3_600)))
        #expect(try send(.confirm).isGood(at: now.adding(seconds: 24 * 3_600 - 1)))
        for _ in 0..<4 { code.countTry() }
        #expect(code.isGood(at: now))
        code.countTry()
        #expect(!code.isGood(at: now))
    }

    @Test("one a minute and five an hour are the most")
    func rate() throws {
        var code = try send()
        func refusal(at seconds: Int64) -> ShopError? {
            do { _ = try send(after: code, seconds: seconds) } catch { return error as? ShopError }
            return nil
        }
        #expect(refusal(at: 59)?.code == "code-too-soon")
        #expect(refusal(at: 59)?.details == [.init("retryAfter", "1")])
        for minute in Int64(1)...4 {
            // A code that was used counts as sent all the same.
            code.use()
            code = try send(after: code, seconds: minute * 60)
        }
        #expect(refusal(at: 400)?.details == [.init("retryAfter", "3200")])
        #expect(refusal(at: 3_599) != nil)
        #expect(refusal(at: 3_600) == nil)
        #expect(!code.isOver(at: now.adding(seconds: 3_600)))
        #expect(code.isOver(at: now.adding(seconds: 240 + 3_600)))
    }

    @Test func codesReadBackAndKeepMembersOfNewerVersions() throws {
        let json =
            #"{"email":"ana@x.example","purpose":"recover","hash":"$y$j9T$a$b","#
            + #""expiresAt":"2026-11-23T19:31:07.123Z","triesLeft":3,"#
            + #""sentAt":["2026-11-23T18:31:07.123Z"],"by":"sms"}"#
        let code = try OneTimeCode(json: Array(json.utf8))
        #expect(String(decoding: code.json, as: UTF8.self) == json)
    }
}
