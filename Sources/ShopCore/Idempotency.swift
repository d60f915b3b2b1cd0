package import Formats
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
    /// The result this request had when its key was first used (I7), unless that is so long ago
    /// that the key is forgotten.
    ///
    /// - Throws: `idempotency-key-reused` (5) when the content differs.
    func earlierResult<Result: JSONRecord>(
        in view: View, at now: Timestamp
    ) throws(ShopError) -> Result? {
        guard let key = request.idempotencyKey,
            let earlier = try view.find(IdempotentResult.self, Records.idempotency(key)),
            !isForgotten(earlier.at, at: now)
        else { return nil }
        guard earlier.fingerprint == fingerprint else { throw .keyReused(key, earlier.at) }
        note("Done already at \(earlier.at.rfc3339); nothing was changed now.")
        do throws(JSONError) {
            return try Result(json: earlier.result)
        } catch {
            throw .recordDamaged("idempotency/\(key)", error)
        }
    }

    func remember(_ result: some JSONRecord, in transaction: Transaction) throws(ShopError) {
        guard let key = request.idempotencyKey else { return }
        // The old ones first: this very key may be among them.
        try forgetOldKeys(in: transaction)
        let record = memory(of: result, at: transaction.time)
        transaction.set(Records.idempotency(key), record.json)
        transaction.insert(entry: Records.keyAge(transaction.time, key))
    }

    func remember(_ result: some JSONRecord, in load: Load) throws(ShopError) {
        guard let key = request.idempotencyKey else { return }
        try load.set(Records.idempotency(key), memory(of: result, at: load.time).json)
        try load.set(Records.keyAge(load.time, key), Array("{}".utf8))
    }

    private func memory(of result: some JSONRecord, at time: Timestamp) -> IdempotentResult {
        IdempotentResult(fingerprint: fingerprint, at: time, result: result.json)
    }

    private var fingerprint: String {
        Hex.encode(SHA256.of(Array(request.content.utf8)))
    }
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
