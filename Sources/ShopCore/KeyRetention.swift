import Formats
import Primitives
import Storage

/// When the next idempotency keys are due to be forgotten, and where the search for them begins.
///
/// Keys live `idempotencyDays`, then a later transaction that brings a key of its own takes some
/// of the oldest away: an ordinary change of that transaction, and never more than `mostAtOnce`,
/// so that no command pays for a month of others.
///
/// Read by every request with a key: its times are milliseconds since 1970, which cost nothing to
/// read.
struct KeyRetention: StoredRecord, Equatable {
    /// Everything older was forgotten: the search need not step over it again.
    var from = Timestamp(millisecondsSinceEpoch: 0)
    /// Not to be looked for before.
    var next = Timestamp(millisecondsSinceEpoch: 0)

    /// Keys that one transaction forgets: more than the one it brings, so that debt goes down.
    static let mostAtOnce = 16
    /// Keys are looked for in batches: not again before so long, unless a batch was full.
    static let pause: Int64 = 3_600
    /// A changed setting counts after so long.
    static let longestPause: Int64 = 86_400

    var recordKey: RecordKey { Records.keyRetention }
}

extension KeyRetention: JSONRecord {
    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "from": from = Timestamp(millisecondsSinceEpoch: try reader.int64())
            case "next": next = Timestamp(millisecondsSinceEpoch: try reader.int64())
            default: try reader.skip()
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("from", from.millisecondsSinceEpoch)
        writer.member("next", next.millisecondsSinceEpoch)
        writer.endObject()
    }
}

extension Shop {
    /// Whether a key used at `time` is forgotten at `now`, be its record still there or not.
    func isForgotten(_ time: Timestamp, at now: Timestamp) -> Bool {
        time.adding(seconds: settings.idempotencySeconds) <= now
    }

    /// Takes away some of the keys that have lived long enough.
    func forgetOldKeys(in transaction: Transaction) throws(ShopError) {
        let now = transaction.time
        var retention =
            try transaction.find(KeyRetention.self, Records.keyRetention) ?? KeyRetention()
        guard retention.next <= now else { return }
        let limit = now.adding(seconds: -settings.idempotencySeconds)
        var due: [KeyAge] = []
        var oldestLeft: Timestamp?
        let range = KeyRange(
            from: Records.keyAge(retention.from, nil).bytes,
            to: KeyRange(collection: "key-ages").to)
        try transaction.scan(range) { (found) throws(ShopError) in
            guard let age = KeyAge(decoding: found.key) else { return true }
            guard due.count < KeyRetention.mostAtOnce, age.at <= limit else {
                oldestLeft = age.at
                return false
            }
            due.append(age)
            return true
        }
        for age in due { try forget(age, in: transaction) }
        retention.from = oldestLeft ?? max(retention.from, limit)
        retention.next = Self.nextLook(now, oldestLeft, limit)
        transaction.put(retention)
    }

    private static func nextLook(
        _ now: Timestamp, _ oldestLeft: Timestamp?, _ limit: Timestamp
    ) -> Timestamp {
        // A full batch leaves some that are due: the next transaction goes on.
        if let oldestLeft, oldestLeft <= limit { return now }
        let soonest = now.adding(seconds: KeyRetention.pause)
        let latest = now.adding(seconds: KeyRetention.longestPause)
        guard let oldestLeft else { return latest }
        let wait = oldestLeft.millisecondsSinceEpoch - limit.millisecondsSinceEpoch
        let due = Timestamp(millisecondsSinceEpoch: now.millisecondsSinceEpoch + wait)
        return min(latest, max(soonest, due))
    }

    private func forget(_ age: KeyAge, in transaction: Transaction) throws(ShopError) {
        transaction.remove(RecordKey(escaped: age.entry))
        let key = RecordKey(escaped: age.record)
        // A key that was used again since has another age: that one takes it away.
        let record = try transaction.find(IdempotentResult.self, key)
        if record?.at == age.at { transaction.remove(key) }
    }
}

/// An entry of the index of keys by age: `1795459867123/web-77`.
struct KeyAge {
    let at: Timestamp
    /// The keys of this entry and of the record it is about.
    let entry: [UInt8]
    let record: [UInt8]

    /// - Parameter key: inside the collection. nil for what no program wrote.
    init?(decoding key: UnsafeRawBufferPointer) {
        guard let slash = key.firstIndex(of: UInt8(ascii: "/")),
            let time = Int64(String(decoding: key[..<slash], as: UTF8.self))
        else { return nil }
        at = Timestamp(millisecondsSinceEpoch: time)
        entry = Array("key-ages/".utf8) + Array(key)
        record = Array("idempotency/".utf8) + Array(key[(slash + 1)...])
    }
}

extension Records {
    static let keyRetention = RecordKey("counters", "keys")

    /// The index entry of a key used at `time`; without a key, where those of that time begin.
    static func keyAge(_ time: Timestamp, _ key: IdempotencyKey?) -> RecordKey {
        let digits = String(max(0, time.millisecondsSinceEpoch))
        let padded = String(repeating: "0", count: max(0, 13 - digits.utf8.count)) + digits
        guard let key else { return RecordKey("key-ages", padded) }
        return RecordKey("key-ages", padded, key.text)
    }
}
