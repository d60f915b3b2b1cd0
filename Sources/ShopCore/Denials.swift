import Formats
package import Primitives
import Storage
import Users

/// What a person was denied: how often, and what last. One record a person, so that who tries
/// again and again fills the journal alone, which has the whole story.
struct Denials: StoredRecord {
    let user: EmailAddress
    var count: Int64 = 0
    /// The action, and when.
    var action: String
    var at: Timestamp

    var recordKey: RecordKey { Records.denials(user) }
}

extension Records {
    static func denials(_ user: EmailAddress) -> RecordKey { RecordKey("denials", user.folded) }
}

extension Denials: JSONRecord {
    init(from reader: inout JSONReader) throws(JSONError) {
        var (email, action) = ("", "")
        var count: Int64 = 0
        var at = Timestamp(millisecondsSinceEpoch: 0)
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "user": email = try reader.string()
            case "count": count = try reader.int64()
            case "action": action = try reader.string()
            case "at": at = try reader.timestamp()
            default: try reader.skip()
            }
        }
        self.init(user: EmailAddress(stored: email), count: count, action: action, at: at)
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("user", user.text)
        writer.member("count", count)
        writer.member("action", action)
        writer.member("at", at.rfc3339)
        writer.endObject()
    }
}

extension Shop {
    /// Puts into the audit trail that a request was denied for want of a permission. The answer is
    /// the denial all the same where that cannot be stored, on a read-only disk for instance.
    package func record(denial: ShopError) {
        guard !isRehearsing, denial.code == "no-permission", let token = request.token,
            let action = denial.details.first(where: { $0.name == "action" })?.value
        else { return }
        var stamp = stamp()
        stamp.idempotencyKey = nil
        _ = try? store.transact(stamp) { (transaction) throws(ShopError) in
            let key = Records.session(Session.hash(ofToken: token))
            guard let session = try transaction.find(Session.self, key) else { return }
            let earlier = try transaction.find(Denials.self, Records.denials(session.user))
            transaction.by = session.user.text
            transaction.ids = [action]
            transaction.put(
                Denials(
                    user: session.user, count: (earlier?.count ?? 0) + 1, action: action,
                    at: transaction.time))
        }
    }
}
