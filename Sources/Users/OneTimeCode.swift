package import Formats
package import Primitives

/// A code that was sent to an address, and proves that whoever brings it back reads its mail.
///
/// It is kept by address and not by account, so that an address without an account is treated
/// alike: there is a code that nobody was sent.
package struct OneTimeCode: Sendable, Equatable {
    package let email: EmailAddress
    package let purpose: Purpose
    /// Of the digits, which are too few for a fast hash.
    package let hash: PasswordHash
    package let expiresAt: Timestamp
    package private(set) var triesLeft = Self.tries
    /// When codes were sent within the last hour, the oldest first.
    package let sentAt: [Timestamp]
    package var unknown = UnknownMembers()

    package enum Purpose: String, Sendable, CaseIterable {
        /// That the address of a new account is its owner's.
        case confirm
        /// To choose another password without the old one.
        case recover
        /// To choose the first password of an account that somebody else made.
        case invite

        var seconds: Int64 {
            switch self {
            case .confirm: 24 * 3_600
            case .recover: 3_600
            case .invite: 7 * 24 * 3_600
            }
        }
    }

    package static let digits = 8
    static let tries: Int64 = 5
    static let shortestPause: Int64 = 60
    static let mostInAnHour = 5
    private static let hour: Int64 = 3_600

    /// Eight decimal digits.
    package static func text(_ random: RandomBytes) -> String {
        let number = random.next(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Digits.text(Int64(number % 100_000_000), digits)
    }

    /// - Parameter earlier: the code of before, whose sendings count.
    /// - Throws: `code-too-soon` (6) within a minute of the last one, or after five in an hour.
    package static func send(
        to email: EmailAddress, _ purpose: Purpose, _ hash: PasswordHash, after earlier: Self?,
        at time: Timestamp
    ) throws(ShopError) -> OneTimeCode {
        let sent = (earlier?.sentAt ?? []).filter { time < $0.adding(seconds: hour) }
        var next = sent.last?.adding(seconds: shortestPause)
        if sent.count >= mostInAnHour { next = sent[0].adding(seconds: hour) }
        if let next, time < next {
            let left = next.millisecondsSinceEpoch - time.millisecondsSinceEpoch
            throw .codeTooSoon(email, min((left + 999) / 1_000, hour))
        }
        return OneTimeCode(
            email: email, purpose: purpose, hash: hash,
            expiresAt: time.adding(seconds: purpose.seconds), sentAt: sent + [time])
    }

    init(
        email: EmailAddress, purpose: Purpose, hash: PasswordHash, expiresAt: Timestamp,
        sentAt: [Timestamp]
    ) {
        self.email = email
        self.purpose = purpose
        self.hash = hash
        self.expiresAt = expiresAt
        self.sentAt = sentAt
    }

    package func isGood(at time: Timestamp) -> Bool { time < expiresAt && triesLeft > 0 }

    /// Whether it is of no use any more, not even to count sendings.
    package func isOver(at time: Timestamp) -> Bool {
        time >= expiresAt && sentAt.allSatisfy { time >= $0.adding(seconds: Self.hour) }
    }

    package mutating func countTry() { triesLeft = max(0, triesLeft - 1) }

    /// The code was used: it only counts as sent.
    package mutating func use() { triesLeft = 0 }
}

extension OneTimeCode: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var (email, purpose, hash): (EmailAddress?, Purpose?, PasswordHash?)
        var expiresAt: Timestamp?
        var triesLeft: Int64 = 0
        var sentAt: [Timestamp] = []
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "email": email = EmailAddress(stored: try reader.string())
            case "purpose": purpose = try reader.word()
            case "hash": hash = PasswordHash(stored: try reader.string())
            case "expiresAt": expiresAt = try reader.timestamp()
            case "triesLeft": triesLeft = try reader.int64()
            case "sentAt":
                try reader.beginArray()
                while try reader.nextElement() { sentAt.append(try reader.timestamp()) }
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            email: try reader.required(email, "email"),
            purpose: try reader.required(purpose, "purpose"),
            hash: try reader.required(hash, "hash"),
            expiresAt: try reader.required(expiresAt, "expiresAt"), sentAt: sentAt)
        self.triesLeft = triesLeft
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("email", email.text)
        writer.member("purpose", purpose.rawValue)
        writer.member("hash", hash.text)
        writer.member("expiresAt", expiresAt.rfc3339)
        writer.member("triesLeft", triesLeft)
        writer.member("sentAt", sentAt.map(\.rfc3339))
        writer.members(unknown)
        writer.endObject()
    }
}

extension ShopError {
    static func codeTooSoon(_ email: EmailAddress, _ seconds: Int64) -> ShopError {
        ShopError(
            .refused, "code-too-soon",
            "codes for \(email) were asked for just now: the next is possible in \(seconds) s",
            at: email.text, why: "one a minute and five an hour are the most",
            details: [.init("retryAfter", String(seconds))])
    }
}
