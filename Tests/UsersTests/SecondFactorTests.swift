import Formats
import Primitives
import TestSupport
import Testing

@testable import Users

@Suite struct SecondFactorTests {
    let secret = Array("12345678901234567890".utf8)
    let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)

    func digits(_ factor: SecondFactor, _ time: Timestamp) -> [UInt8] {
        Array(SecondFactor.code(factor.secret, step: SecondFactor.step(at: time)).utf8)
    }

    @Test("the digits are those of RFC 4226, appendix D")
    func hotp() {
        let codes = (Int64(0)..<10).map { SecondFactor.code(secret, step: $0) }
        #expect(
            codes == [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
                "399871", "520489",
            ])
    }

    @Test("and those of RFC 6238, appendix B, of which six are the last six of eight")
    func totp() {
        for (seconds, code) in [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"), (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] as [(Int64, String)] {
            let time = Timestamp(millisecondsSinceEpoch: seconds * 1_000)
            #expect(SecondFactor.code(secret, step: SecondFactor.step(at: time)) == code.suffix(6))
        }
    }

    func active() throws -> (factor: SecondFactor, recovery: [String]) {
        var factor = SecondFactor.begin(.seeded(7))
        let codes = factor.activate(by: digits(factor, now), at: now, random: .seeded(8))
        return (factor, try #require(codes))
    }

    @Test("a code is good once, one step early or late, and none before one that was taken")
    func replay() throws {
        var (factor, _) = try active()
        let before = factor
        func takes(_ shown: Timestamp, at time: Timestamp) -> Bool {
            factor.accept(digits(factor, shown), at: time)
        }
        let half = now.adding(seconds: 30)
        let later = now.adding(seconds: 600)
        let taken = [
            takes(now, at: now), takes(half, at: now), takes(half, at: now), takes(now, at: half),
            takes(later, at: later.adding(seconds: 60)),
            takes(later, at: later.adding(seconds: -60)),
            takes(later, at: later.adding(seconds: 30)),
            factor.accept([], at: later), factor.accept(Array("000000 ".utf8), at: later),
        ]
        // The first one turned the factor on.
        #expect(taken == [false, true, false, false, false, false, true, false, false])
        #expect(factor != before)
    }

    @Test("each recovery code is good once, however it is typed, and a secret cannot be guessed")
    func recovery() throws {
        var (factor, codes) = try active()
        #expect(codes.count == 10 && Set(codes).count == 10)
        let stored = String(decoding: factor.json, as: UTF8.self)
        for code in codes {
            #expect(code.count == 19 && !stored.contains(code))
            #expect(!stored.contains(code.replacing("-", with: "")))
        }
        let typed = Array(codes[3].lowercased().replacing("-", with: " ").utf8)
        let taken = [factor.accept(typed, at: now), factor.accept(typed, at: now)]
        #expect(taken == [true, false] && factor.recoveryCodesLeft == 9)
        #expect(try SecondFactor(json: factor.json) == factor)
        var begun = SecondFactor.begin(.seeded(7))
        let isTaken = begun.accept(Array(codes[0].utf8), at: now)
        let none = begun.activate(by: Array("12".utf8), at: now, random: .seeded(1))
        #expect(!isTaken && none == nil && !begun.isActive)
    }

    @Test("what an app scans names shop, account and secret, and nothing shows the secret else")
    func uri() throws {
        let factor = SecondFactor.begin(.seeded(7))
        let email = try EmailAddress(parsing: "ana+1@x.example")
        #expect(
            factor.uri(of: email, issuer: "Mugs & more")
                == "otpauth://totp/Mugs%20%26%20more:ana%2B1@x.example?secret="
                + "\(factor.secretText)&issuer=Mugs%20%26%20more")
        #expect(factor.secretText.count == 32)
        var dumped = ""
        dump(factor, to: &dumped)
        for text in ["\(factor)", String(reflecting: factor), dumped] {
            #expect(!text.contains(factor.secretText))
        }
    }
}
