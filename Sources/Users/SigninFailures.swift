package import Formats
package import Primitives

/// The failed sign-ins of one address, and until when the next one has to wait.
///
/// The rule is the one that Amazon Cognito documents ("Lockout for failed sign-in attempts"): from
/// the fifth failure on, n failures shut the address for 2^(n−5) seconds, 15 minutes at the most.
/// Tries while it is shut are not looked at and do not count. A sign-in, or 15 minutes after the
/// end of a wait without any failure, begins anew.
///
/// It is kept by address and not by account: an address without an account is treated alike.
package struct SigninFailures: Sendable, Equatable {
    package let email: EmailAddress
    package private(set) var count: Int64 = 0
    /// The end of the last wait; the time of the last failure, where that was none.
    package private(set) var shutUntil: Timestamp
    package var unknown = UnknownMembers()

    /// So many failures are free of any wait but for the last of them.
    static let firstWaiting: Int64 = 5
    static let longestWait: Int64 = 15 * 60
    static let forgottenAfter: Int64 = 15 * 60

    package init(of email: EmailAddress, at time: Timestamp) {
        self.email = email
        shutUntil = time
    }

    /// Seconds to wait after that many failures.
    package static func wait(after failures: Int64) -> Int64 {
        guard failures >= firstWaiting else { return 0 }
        let step = min(failures - firstWaiting, 20)
        return min(1 << step, longestWait)
    }

    /// Whole seconds until the address is open again, rounded up; nil where it is.
    package func secondsLeft(at time: Timestamp) -> Int64? {
        let left = shutUntil.millisecondsSinceEpoch - time.millisecondsSinceEpoch
        guard left > 0 else { return nil }
        // A clock that was set back shuts nobody out for longer than the rule has it.
        return min((left + 999) / 1000, Self.longestWait)
    }

    package func isForgotten(at time: Timestamp) -> Bool {
        time >= shutUntil.adding(seconds: Self.forgottenAfter)
    }

    package mutating func add(at time: Timestamp) {
        if isForgotten(at: time) { count = 0 }
        count += 1
        shutUntil = time.adding(seconds: Self.wait(after: count))
    }

    /// - Throws: `too-many-attempts` (4), with the same words whether there is such an account.
    package func check(at time: Timestamp) throws(ShopError) {
        if let seconds = secondsLeft(at: time) { throw .tooManyAttempts(email, seconds) }
    }
}

extension SigninFailures: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var (email, shutUntil): (EmailAddress?, Timestamp?)
        var count: Int64 = 0
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "email": email = EmailAddress(stored: try reader.string())
            case "count": count = try reader.int64()
            case "shutUntil": shutUntil = try reader.timestamp()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            of: try reader.required(email, "email"),
            at: try reader.required(shutUntil, "shutUntil"))
        self.count = count
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("email", email.text)
        writer.member("count", count)
        writer.member("shutUntil", shutUntil)
        writer.members(unknown)
        writer.endObject()
    }
}

extension ShopError {
    static func tooManyAttempts(_ email: EmailAddress, _ seconds: Int64) -> ShopError {
        ShopError(
            .auth, "too-many-attempts",
            "too many wrong passwords for \(email): the next try is possible in \(seconds) s",
            at: email.text,
            why: "each failure after the fifth doubles the wait, up to 15 minutes",
            details: [.init("retryAfter", String(seconds))])
    }
}
