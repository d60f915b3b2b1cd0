package import Formats
import Payments
import Primitives
import Storage

/// What the first use of an idempotency key did, so that a retry returns it and does nothing.
struct IdempotentResult: JSONRecord, Equatable {
    /// SHA-256 of the request's content.
    var fingerprint: String
    var at: Timestamp
    /// The result as JSON.
    var result: [UInt8]

    init(fingerprint: String, at: Timestamp, result: [UInt8]) {
        self.fingerprint = fingerprint
        self.at = at
        self.result = result
    }

    init(from reader: inout JSONReader) throws(JSONError) {
        self.init(fingerprint: "", at: Timestamp(millisecondsSinceEpoch: 0), result: [])
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "fingerprint": fingerprint = try reader.string()
            case "at": at = try reader.timestamp()
            case "result": result = try reader.rawValue()
            default: try reader.skip()
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("fingerprint", fingerprint)
        writer.member("at", at)
        writer.name("result")
        writer.raw(result)
        writer.endObject()
    }
}

extension Shop {
    /// What a request says beside its command line, such as the contents of a file, worked out
    /// only where there is a key.
    typealias Content = () throws(ShopError) -> String

    /// The result this request had when its key was first used (I7), unless that is so long ago
    /// that the key is forgotten.
    ///
    /// - Throws: `idempotency-key-reused` (5) when the content differs.
    func earlierResult<Result: JSONRecord>(
        in view: View, at now: Timestamp, saying content: Content = { "" }
    ) throws(ShopError) -> Result? {
        guard let key = request.idempotencyKey,
            let earlier = try view.find(IdempotentResult.self, Records.idempotency(key)),
            !isForgotten(earlier.at, at: now)
        else { return nil }
        guard try earlier.fingerprint == fingerprint(content) else {
            throw .keyReused(key, earlier.at)
        }
        do throws(JSONError) {
            let result = try Result(json: earlier.result)
            if !((result as? any OpenResult)?.isOpen ?? false) {
                note("Done already at \(earlier.at.rfc3339); nothing was changed now.")
            }
            return result
        } catch {
            throw .recordDamaged("idempotency/\(key)", error)
        }
    }

    func remember(
        _ result: some JSONRecord, saying content: Content = { "" }, in transaction: Transaction
    ) throws(ShopError) {
        guard let key = request.idempotencyKey else { return }
        // The old ones first: this very key may be among them.
        try forgetOldKeys(in: transaction)
        let record = IdempotentResult(
            fingerprint: try fingerprint(content), at: transaction.time, result: result.json)
        transaction.set(Records.idempotency(key), record.json)
        transaction.insert(entry: Records.keyAge(transaction.time, key))
    }

    func remember(
        _ result: some JSONRecord, saying content: Content, in load: Load
    ) throws(ShopError) {
        guard let key = request.idempotencyKey else { return }
        let record = IdempotentResult(
            fingerprint: try fingerprint(content), at: load.time, result: result.json)
        try load.set(Records.idempotency(key), record.json)
        try load.set(Records.keyAge(load.time, key), Array("{}".utf8))
    }

    private func fingerprint(_ content: Content) throws(ShopError) -> String {
        let more = try content()
        let whole = more.isEmpty ? request.content : "\(request.content)\n\(more)"
        return Hex.encode(SHA256.of(Array(whole.utf8)))
    }
}

/// A result that a repeated command may still change: a provider owes an answer to it.
protocol OpenResult {
    var isOpen: Bool { get }
}

extension Payment: OpenResult {
    var isOpen: Bool { pending != nil }
}

extension RecordList: OpenResult where Element == Payment {
    var isOpen: Bool { items.contains { $0.pending != nil } }
}

/// Several results of one command.
package struct RecordList<Element: JSONRecord & Sendable>: JSONRecord, Sendable {
    package let items: [Element]

    package init(_ items: [Element]) {
        self.items = items
    }

    package init(from reader: inout JSONReader) throws(JSONError) {
        var items: [Element] = []
        try reader.beginObject()
        while let member = try reader.nextMember() {
            guard member == "items" else {
                try reader.skip()
                continue
            }
            try reader.beginArray()
            while try reader.nextElement() { items.append(try Element(from: &reader)) }
        }
        self.items = items
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("items")
        writer.beginArray()
        for item in items { item.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}

extension ShopError {
    static func keyReused(_ key: IdempotencyKey, _ at: Timestamp) -> ShopError {
        ShopError(
            .conflict, "idempotency-key-reused",
            "key \"\(key)\" was used at \(at.rfc3339) for another request", at: "--idempotency-key",
            why: "a key names one request; a retry repeats it word for word",
            try: ["a new key"])
    }
}
