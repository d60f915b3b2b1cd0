import Formats
import Primitives
import Testing
import Users

@Suite struct SigninFailuresTests {
    let now = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)

    func failures(_ count: Int, at time: Timestamp) throws -> SigninFailures {
        var failures = SigninFailures(of: try EmailAddress(parsing: "ana@x.example"), at: time)
        for _ in 0..<count { failures.add(at: time) }
        return failures
    }

    @Test("n failures shut the address for 2^(n−5) seconds from the fifth on, 15 minutes at most")
    func waits() {
        let waits = (0...16).map { SigninFailures.wait(after: $0) }
        #expect(waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
        #expect(SigninFailures.wait(after: .max) == 900)
    }

    @Test func itIsOpenAgainAtTheVeryEndOfTheWait() throws {
        let failures = try failures(7, at: now)
        #expect(failures.secondsLeft(at: now) == 4)
        #expect(failures.secondsLeft(at: now.adding(seconds: 3)) == 1)
        #expect(failures.secondsLeft(at: now.adding(seconds: 4)) == nil)
        #expect(try self.failures(4, at: now).secondsLeft(at: now) == nil)
        do {
            try failures.check(at: now)
            Issue.record("a shut address was let through")
        } catch {
            #expect(error.code == "too-many-attempts" && error.kind == .auth)
            #expect(error.details == [.init("retryAfter", "4")])
        }
    }

    @Test func fifteenQuietMinutesAfterTheWaitBeginAnew() throws {
        var failures = try failures(8, at: now)
        let end = now.adding(seconds: 8 + 15 * 60)
        #expect(!failures.isForgotten(at: end.adding(seconds: -1)))
        #expect(failures.isForgotten(at: end))
        failures.add(at: end)
        #expect(failures.count == 1)
        var busy = try self.failures(8, at: now)
        busy.add(at: end.adding(seconds: -1))
        #expect(busy.count == 9)
    }

    @Test func aClockThatWasSetBackShutsNobodyOutForLonger() throws {
        let failures = try failures(20, at: now)
        #expect(failures.secondsLeft(at: now.adding(seconds: -86_400)) == 900)
    }

    @Test func theyReadBackAndKeepMembersOfNewerVersions() throws {
        let json =
            #"{"email":"ana@x.example","count":7,"#
            + #""shutUntil":"2026-11-23T18:31:07.123Z","ip":"::1"}"#
        let failures = try SigninFailures(json: Array(json.utf8))
        #expect(String(decoding: failures.json, as: UTF8.self) == json)
    }
}
